"""Emergency access: for a reason that can be read, for as long as whoever opened it may be let in at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import staffing
from accounts.models import Patient, Role, User
from clinic import doctors
from clinic.models import Doctor
from clinic.tests.refusals import code_of
from records import access, emergency
from records.models import EmergencyAccess
from records.tests.actors import LATER, WHY
from records.tests.desk import grant_roles
from records.tests.factories import book, make_record

INVISIBLE = {"zero width": "\u200b" * 12, "marks": "\u202e" * 12, "few": "ill" + "\u200b" * 12, "blanks": "\u00a0" * 12}


@pytest.mark.parametrize("reason", INVISIBLE.values(), ids=INVISIBLE)
def test_open_for_a_reason_that_cannot_be_seen(reason: str, alice: Patient, dr_diaz: Doctor) -> None:  # case 191
    with pytest.raises(ValidationError) as refused:
        emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=reason)

    assert code_of(refused.value) == "reason_too_short"
    assert not EmergencyAccess.objects.exists()


@pytest.mark.parametrize("change", ["none", "deactivated", "rejected", "patient", "receptionist"])
def test_whoever_is_not_let_in_any_more_reads_nothing(
    change: str, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, adam: User
) -> None:
    # case 192
    record = make_record(book(dr_chen, alice))
    emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=WHY)
    asked: dict[str, Any] = {"by": adam, "now": LATER}
    changes: dict[str, Callable[[], Any]] = {
        "none": lambda: None,
        "deactivated": lambda: staffing.deactivate(dr_diaz.user, **asked),
        "rejected": lambda: doctors.reject(dr_diaz, **asked),
        "patient": lambda: staffing.change_role(dr_diaz.user, Role.PATIENT, **asked),
        "receptionist": lambda: staffing.change_role(dr_diaz.user, Role.RECEPTIONIST, **asked),
    }

    changes[change]()

    found = access.records(User.objects.get(pk=dr_diaz.user_id), now=LATER + timedelta(minutes=1))
    assert list(found) == ([record] if change == "none" else [])


def test_review_what_one_opened(alice: Patient, adam: User) -> None:
    grant_roles()
    opened = emergency.open_chart(alice.pk, by=adam, now=LATER, reason=WHY)

    with pytest.raises(PermissionDenied):
        emergency.review(opened, by=User.objects.get(pk=adam.pk), now=LATER, review="Well done.")

    assert EmergencyAccess.objects.get().reviewed_at is None
