"""A visit of which something is written took place: nobody cancels, moves or misses it afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at
from clinic.tests.refusals import code_of
from records import access
from records.access import grants
from records.models import MedicalRecord
from records.tests.factories import book, during, make_record
from records.tests.portal import browser

Verb = Callable[..., Any]
NEXT_WEEK = at("10:00") + timedelta(days=7)
CHANGES: dict[str, Verb] = {
    "cancel": lambda visit, **who: booking.cancel(visit, reason="by mistake", **who),
    "no_show": booking.no_show,
    "move": lambda visit, **who: booking.reschedule(visit, starts_at=NEXT_WEEK, **who),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_a_visit_with_a_record(change: str, alice: Patient, dr_chen: Doctor, rita: User) -> None:
    visit = book(dr_chen, alice)
    record = make_record(visit)

    with pytest.raises(ValidationError) as refused:
        CHANGES[change](visit, by=rita, now=during(visit))

    assert code_of(refused.value) == "already_begun"
    fresh = Appointment.objects.get()
    assert (fresh.status, fresh.starts_at) == (Status.SCHEDULED, visit.starts_at)
    assert access.records(dr_chen.user, now=during(visit)).get() == record
    assert grants.differences() == (set(), set())


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_a_visit_without_a_record(change: str, alice: Patient, dr_chen: Doctor, rita: User) -> None:
    visit = book(dr_chen, alice)

    CHANGES[change](visit, by=rita, now=during(visit))

    fresh = Appointment.objects.get()
    assert fresh.status != Status.SCHEDULED or fresh.starts_at == NEXT_WEEK


def test_cancel_before_the_visit_closes_what_was_brought_along(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    # case 106
    # (No verb writes before a visit; what another system knew may have been brought along.)
    visit = book(dr_chen, alice)
    record = MedicalRecord.objects.create(
        appointment=visit, chart_id=alice.pk, doctor=dr_chen, written_at=NOW, notes="brought along"
    )
    assert access.records(dr_chen.user, now=NOW).get() == record

    booking.cancel(visit, by=rita, now=NOW, reason="ill")

    assert not access.records(dr_chen.user, now=NOW).exists()
    assert access.records(alice.user, now=NOW).get() == record


def test_doors_say_so(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    make_record(visit)

    with time_machine.travel(during(visit), tick=False):
        token = tokens.sign_in(dr_chen.user, now=timezone.now()).access_token
        api = APIClient(headers={"Authorization": f"Bearer {token}"})
        answers = [
            api.post(f"/api/v1/appointments/{visit.pk}/{step}/", {"reason": "by mistake"}, format="json")
            for step in ("cancel", "no-show")
        ]
        page = browser(dr_chen.user)
        shown = page.post(f"/appointments/{visit.pk}/cancel/", {"reason": "by mistake", "version": visit.etag})

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(400, "already_begun")] * 2
    assert "There is a record of this visit" in shown.content.decode()
