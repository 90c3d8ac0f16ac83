"""Who may be somebody who is here already."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts import duplicates
from accounts.models import Patient, User
from accounts.people import register_at_the_desk

BORN = date(1980, 5, 3)


@pytest.fixture
def jorg(db: None) -> Patient:
    return register_at_the_desk(
        first_name="Jörg",
        last_name="Müller",
        date_of_birth=BORN,
        phone="+49301234567",
        email="jorg@example.org",
        insurance_number="A123 456 789",
    )


def test_possible_finds_a_last_name_of_two_words(rita: User) -> None:
    juana = register_at_the_desk(first_name="Juana", last_name="García López", date_of_birth=BORN)
    said = {"first_name": "Nita", "last_name": "Garcia Lopez", "date_of_birth": BORN}

    [likeness] = duplicates.possible(said, by=rita)

    assert (likeness.patient, likeness.alike) == (juana, ("date_of_birth", "last_name"))


@pytest.mark.parametrize(
    ("details", "alike"),
    [
        ({"first_name": "joerg", "last_name": "MUELLER"}, ("name",)),
        ({"first_name": "Mueller", "last_name": "Joerg", "date_of_birth": BORN}, ("name", "date_of_birth")),
        ({"first_name": "J.", "last_name": "Muller", "date_of_birth": BORN}, ("date_of_birth", "last_name")),
        ({"first_name": "Ann", "last_name": "Other", "phone": "+49301234567"}, ("phone",)),
        ({"insurance_number": "a123456789"}, ("insurance_number",)),
        ({"email": "Jorg@Example.org"}, ("email",)),
    ],
)
def test_possible_finds_who_is_alike(
    jorg: Patient, rita: User, details: dict[str, Any], alike: tuple[str, ...]
) -> None:
    assert duplicates.possible(details, by=rita) == [duplicates.Likeness(jorg, alike)]


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"first_name": "Ann", "last_name": "Other", "date_of_birth": BORN},
        {"first_name": "", "last_name": "Müller"},
        {"first_name": "Jörg", "last_name": "Maier", "phone": "+49301234568", "insurance_number": "A1234"},
        {"first_name": "Jörg\x00", "last_name": "\x00", "email": "\x00", "insurance_number": "\x00"},
    ],
)
def test_possible_finds_nobody_when_nobody_is_alike(jorg: Patient, rita: User, details: dict[str, Any]) -> None:
    assert duplicates.possible(details, by=rita) == []


def test_possible_names_the_likeliest_first(jorg: Patient, rita: User) -> None:
    sister = register_at_the_desk(first_name="Jana", last_name="Müller", phone="+49301234567")
    said = {"first_name": "Jörg", "last_name": "Müller", "phone": "+49301234567"}

    assert [one.patient for one in duplicates.possible(said, by=rita)] == [jorg, sister]


def test_possible_is_for_staff(jorg: Patient, alice: Patient, dr_chen: Any) -> None:
    for user in (alice.user, dr_chen.user):
        assert user is not None
        with pytest.raises(PermissionDenied):
            duplicates.possible({"insurance_number": "A123456789"}, by=user)
