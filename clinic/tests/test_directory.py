"""Whom a patient's words find."""

import pytest

from clinic.directory import doctors_for, visits_for
from clinic.models import Availability, Department, Doctor, Mode, Specialty
from clinic.tests.factories import make_visit_type


@pytest.fixture
def dermatologist(dr_chen: Doctor) -> Doctor:
    dr_chen.specialties.add(Specialty.objects.create(name="Dermatology"))
    dr_chen.departments.add(Department.objects.create(name="Skin clinic", description="Hair and nails"))
    dr_chen.visit_types.add(make_visit_type(name="Mole check"))
    return dr_chen


@pytest.mark.parametrize(
    "words",
    [
        *("dermatology", "Derma", "skin", "NAILS", "mole check", "Chen", "dr. wei", "skin chen", "  skin  "),
        "I have an itchy skin",
    ],
)
def test_doctors_for_when_the_words_fit(words: str, dermatologist: Doctor, dr_diaz: Doctor) -> None:
    found = list(doctors_for(words))

    assert found == [dermatologist]


@pytest.mark.parametrize("words", ["xyz", "xyz abcd", "the of", "skin diaz-lopez", "%", "_"])
def test_doctors_for_when_nothing_fits(words: str, dr_diaz: Doctor) -> None:
    assert not doctors_for(words)


def test_doctors_for_when_nothing_is_said(dermatologist: Doctor, dr_diaz: Doctor) -> None:
    assert list(doctors_for("")) == [dermatologist, dr_diaz]


def test_doctors_for_when_each_has_many_of_everything(dermatologist: Doctor) -> None:
    for number in range(3):
        dermatologist.specialties.add(Specialty.objects.create(name=f"Skin {number}"))
        dermatologist.visit_types.add(make_visit_type(name=f"Skin check {number}"))

    assert list(doctors_for("skin")) == [dermatologist]


def test_doctors_for_when_a_doctor_is_named_too(dermatologist: Doctor, dr_diaz: Doctor) -> None:
    dr_diaz.specialties.set(dermatologist.specialties.all())

    assert list(doctors_for("dermatology", name="diaz")) == [dr_diaz]


def test_doctors_for_when_he_takes_no_bookings(dermatologist: Doctor) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)

    assert not doctors_for("skin")


def test_doctors_for_when_the_visit_is_not_for_patients(dr_chen: Doctor) -> None:
    dr_chen.visit_types.add(make_visit_type(name="Board meeting", online_bookable=False))

    assert not doctors_for("board")


@pytest.mark.parametrize(
    ("words", "visit"),
    [
        ("", "Short"),
        ("check-up", "Check-up"),
        ("Check-up, long", "Check-up, long"),
        ("skin", "Short"),
        ("long", "Check-up, long"),
        ("call", "Call"),
    ],
)
def test_visits_for(words: str, visit: str, dr_chen: Doctor) -> None:
    dr_chen.visit_types.set(
        [
            make_visit_type(name="Check-up", minutes=30),
            make_visit_type(name="Check-up, long", minutes=60),
            make_visit_type(name="Short", minutes=15),
            make_visit_type(name="Call", minutes=10, mode=Mode.PHONE),
            make_visit_type(name="Hidden", minutes=10, online_bookable=False),
        ]
    )

    found = visits_for([dr_chen], words)[dr_chen.pk]

    assert found is not None
    assert found.name == visit


def test_visits_for_when_he_offers_none(dr_chen: Doctor) -> None:
    assert visits_for([dr_chen], "check-up") == {dr_chen.pk: None}
