"""Who saw a record, in words."""

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError

from accounts import audit
from accounts.models import AuditEntry, Patient, User
from clinic.models import Doctor
from records import emergency, trail
from records.tests.actors import LATER, WHY
from records.tests.desk import grant_roles

READ = "records.emergency_access.reason_read"


@pytest.fixture
def opened(alice: Patient, dr_diaz: Doctor) -> None:
    grant_roles()
    emergency.open_chart(alice.pk, by=dr_diaz.user, now=LATER, reason=WHY)


def reasons(patient: Patient, to: User) -> list[str]:
    return [seen.reason for seen in trail.told(trail.visible_to(to, patient.pk), to=to)]


@pytest.mark.usefixtures("opened")
def test_reviewer_who_is_told_why_is_written_down(alice: Patient, adam: User) -> None:
    assert reasons(alice, adam) == [WHY]

    entry = AuditEntry.objects.get(verb=READ)
    assert (entry.actor, entry.patient) == (adam.pk, alice.pk)


@pytest.mark.usefixtures("opened")
def test_patient_is_told_why(alice: Patient) -> None:
    assert alice.user is not None
    assert reasons(alice, alice.user) == [WHY]
    assert not AuditEntry.objects.filter(verb=READ).exists()


@pytest.mark.usefixtures("opened")
def test_why_is_not_told_if_it_cannot_be_written_down(
    alice: Patient, adam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "record_each", fail)

    with pytest.raises(DatabaseError):
        reasons(alice, adam)


@pytest.mark.usefixtures("opened")
def test_administrator_who_reviews_nothing_is_not_told_why(alice: Patient, adam: User) -> None:
    adam.groups.get().permissions.remove(Permission.objects.get(codename="review_emergencyaccess"))

    assert WHY not in reasons(alice, User.objects.get(pk=adam.pk))


@pytest.mark.usefixtures("opened")
def test_look_into_it_is_seen_by_the_patient(alice: Patient, adam: User, bob: Patient) -> None:  # case 195
    assert alice.user is not None
    assert bob.user is not None

    for user in (adam, alice.user, bob.user):
        trail.open_log(alice.pk, by=user)

    entry = AuditEntry.objects.get(verb="records.access_log.read")
    assert (entry.actor, entry.patient) == (adam.pk, alice.pk)
    assert trail.visible_to(alice.user, alice.pk).first() == entry
