"""What people say about themselves."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts import profile
from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import make_patient, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def alice() -> Patient:
    return make_patient(first_name="Alice", last_name="Adler", email="alice@example.org")


def user_of(patient: Patient) -> User:
    assert patient.user is not None
    return patient.user


def row(user: User) -> dict[str, Any]:
    return dict(User.objects.filter(pk=user.pk).values().get())


def test_update_sets_account_and_file_alike(alice: Patient) -> None:
    user = user_of(alice)

    profile.update(user, by=user, now=NOW, first_name="Alicia", last_name="Berg", phone="+4930901820")

    user.refresh_from_db()
    alice.refresh_from_db()
    assert [user.first_name, user.last_name, str(user.phone)] == ["Alicia", "Berg", "+4930901820"]
    assert [alice.first_name, alice.last_name, str(alice.phone)] == ["Alicia", "Berg", "+4930901820"]


def test_update_sets_what_only_patients_have(alice: Patient) -> None:
    user = user_of(alice)
    told = {
        "date_of_birth": date(1990, 2, 28),
        "insurance_provider": "Sickness Fund",
        "insurance_number": "A123456789",
        "emergency_contact": "Mum, 030 901820",
        "reminder_channel": "none",
    }

    profile.update(user, by=user, now=NOW, **told)

    alice.refresh_from_db()
    assert {name: getattr(alice, name) for name in told} == told


def test_update_keeps_the_insurance_number_encrypted(alice: Patient) -> None:
    user = user_of(alice)

    profile.update(user, by=user, now=NOW, insurance_number="A123456789")

    with connection.cursor() as cursor:
        cursor.execute("SELECT insurance_number FROM accounts_patient")
        (stored,) = cursor.fetchone()
    assert stored
    assert "A123456789" not in stored


def test_update_when_he_is_no_patient() -> None:
    adam = make_user(Role.ADMIN)

    profile.update(adam, by=adam, now=NOW, first_name="Adam", language="en")

    adam.refresh_from_db()
    assert adam.first_name == "Adam"
    assert not Patient.objects.exists()


def test_update_when_a_patients_detail_is_told_of_one_who_is_none() -> None:
    adam = make_user(Role.ADMIN, first_name="Adam")

    with pytest.raises(ValidationError) as refusal:
        profile.update(adam, by=adam, now=NOW, first_name="Al", insurance_number="A1")

    assert refusal.value.error_dict["insurance_number"][0].code == "not_a_patient"
    assert row(adam)["first_name"] == "Adam"


def test_update_when_it_is_somebody_elses(alice: Patient) -> None:
    for role in Role:
        with pytest.raises(PermissionDenied):
            profile.update(user_of(alice), by=make_user(role), now=NOW, first_name="Mallory")

    alice.refresh_from_db()
    assert alice.first_name == row(user_of(alice))["first_name"] == "Alice"


def test_update_when_he_was_deactivated(alice: Patient) -> None:
    user = user_of(alice)
    User.objects.filter(pk=user.pk).update(is_active=False)

    with pytest.raises(PermissionDenied):
        profile.update(user, by=user, now=NOW, first_name="Mallory")

    assert row(user)["first_name"] == "Alice"


# case 129
@pytest.mark.parametrize(
    "name",
    [
        "role",
        "email",
        "is_active",
        "is_superuser",
        "is_staff",
        "password",
        "groups",
        "id",
        "user",
        "picture",
        "patient",
    ],
)
def test_update_when_the_name_is_not_his_to_set(alice: Patient, name: str) -> None:
    user = user_of(alice)
    before = row(user)

    with pytest.raises(TypeError):
        profile.update(user, by=user, now=NOW, first_name="Al", **{name: True})

    assert row(user) == before


def test_update_when_the_birthday_is_to_come(alice: Patient) -> None:
    user = user_of(alice)

    with pytest.raises(ValidationError) as refusal:
        profile.update(user, by=user, now=NOW, first_name="Al", date_of_birth=date(2027, 3, 2))

    assert refusal.value.error_dict["date_of_birth"][0].code == "bad_date_of_birth"
    assert row(user)["first_name"] == "Alice"


def test_update_when_the_language_is_not_offered(alice: Patient) -> None:
    user = user_of(alice)

    with pytest.raises(ValidationError) as refusal:
        profile.update(user, by=user, now=NOW, language="tlh")

    assert refusal.value.error_dict["language"][0].code == "unknown_language"
    assert row(user)["language"] == "en"


def test_update_is_written_down_without_what_was_said(alice: Patient) -> None:
    user = user_of(alice)

    profile.update(user, by=user, now=NOW, phone="+4930901820", insurance_number="A123456789")

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.patient) == ("accounts.user.details_changed", user.pk, alice.pk)
    assert entry.changes == {"fields": ["insurance_number", "phone"]}


def test_update_tells_the_trail_only_what_is_other_than_before(alice: Patient) -> None:
    user = user_of(alice)

    profile.update(user, by=user, now=NOW, first_name="Alice", last_name="Berg", phone="")
    profile.update(user, by=user, now=NOW, first_name="Alice", last_name="Berg", phone="")

    entry = AuditEntry.objects.get(verb="accounts.user.details_changed")
    assert entry.changes == {"fields": ["last_name"]}
