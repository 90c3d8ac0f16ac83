"""Who may book for whom, and who is bound by the patients' rules."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Patient, User
from accounts.people import become_patient
from clinic import booking
from clinic.models import Approval, Availability, Doctor, Status
from clinic.tests.calendars import DAY
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.refusals import denied, refused
from clinic.tests.test_booking import book


def test_book_for_another_patient(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 133
    with denied():
        book(dr_chen, alice, at("09:00"), by=bob.user)


@pytest.mark.parametrize("who", ["alice", "rita", "adam", "dr_chen"])
def test_book_when_one_was_deactivated(
    alice: Patient, dr_chen: Doctor, rita: User, adam: User, who: str
) -> None:  # case 098
    make_appointment(dr_chen, alice, NOW - DAY, status=Status.COMPLETED)
    by = {"alice": alice.user, "rita": rita, "adam": adam, "dr_chen": dr_chen.user}[who]
    by.is_active = False

    with denied():
        book(dr_chen, alice, at("09:00"), by=by)


def test_book_a_follow_up(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 1
    make_appointment(dr_chen, alice, NOW - DAY, status=Status.COMPLETED)
    make_appointment(dr_chen, alice, at("11:00"))

    made = book(dr_chen, alice, at("09:05"), by=dr_chen.user, now=at("09:00"))

    assert (made.booked_by, made.patient) == (dr_chen.user, alice)


@pytest.mark.parametrize("status", [None, Status.CANCELLED, Status.NO_SHOW])
def test_book_a_follow_up_for_somebody_never_treated(alice: Patient, dr_chen: Doctor, status: Status | None) -> None:
    if status:
        make_appointment(dr_chen, alice, NOW - DAY, status=status)

    with denied():
        book(dr_chen, alice, at("09:00"), by=dr_chen.user)


def test_book_a_follow_up_on_the_strength_of_a_hold(alice: Patient, dr_chen: Doctor) -> None:
    deadline = NOW + timedelta(minutes=5)
    make_appointment(dr_chen, alice, at("11:00"), status=Status.HELD, hold_expires_at=deadline)

    with denied():
        book(dr_chen, alice, at("09:00"), by=dr_chen.user)


def test_book_into_another_doctors_calendar(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120
    make_appointment(dr_chen, alice, NOW - DAY, status=Status.COMPLETED)
    make_appointment(dr_diaz, alice, NOW - 2 * DAY, status=Status.COMPLETED)

    with denied():
        book(dr_diaz, alice, at("09:00"), by=dr_chen.user)


def test_book_a_follow_up_when_not_approved_any_more(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, NOW - DAY, status=Status.COMPLETED)
    Doctor.objects.update(approval=Approval.REJECTED)

    with denied():
        book(dr_chen, alice, at("09:00"), by=dr_chen.user)


def test_book_a_follow_up_over_a_visit(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, NOW - DAY, status=Status.COMPLETED)

    with denied():
        book(dr_chen, alice, at("14:00"), by=dr_chen.user, override_reason="he asked me")


@pytest.mark.parametrize("who", ["dr_chen", "rita"])
def test_book_for_oneself_is_to_be_a_patient(dr_chen: Doctor, dr_diaz: Doctor, rita: User, who: str) -> None:
    person = rita if who == "rita" else dr_chen.user
    patient = become_patient(person)

    with refused("off_grid"):
        book(dr_diaz, patient, at("09:10"), by=person)
    assert book(dr_diaz, patient, at("09:00"), by=person).patient == patient
    Doctor.objects.update(status=Availability.OCCUPIED)
    with refused("doctor_not_bookable"):
        book(dr_diaz, patient, at("10:00"), by=person)


def test_hold_in_another_doctors_calendar_is_to_be_a_patient(dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120
    visitor = booking.Visitor.person(dr_chen.user)

    held = booking.hold(doctor=dr_diaz, starts_at=at("09:00"), visitor=visitor, by=dr_chen.user, now=NOW)
    with refused("off_grid"):
        booking.hold(doctor=dr_diaz, starts_at=at("09:10"), visitor=visitor, by=dr_chen.user, now=NOW)

    assert held.patient.user == dr_chen.user


def test_hold_in_ones_own_calendar_is_for_a_patient(dr_chen: Doctor) -> None:
    visitor = booking.Visitor.person(dr_chen.user)

    held = booking.hold(doctor=dr_chen, starts_at=at("09:10"), visitor=visitor, by=dr_chen.user, now=NOW)

    assert (held.patient, held.booked_by) == (None, dr_chen.user)
