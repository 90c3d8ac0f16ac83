"""Booking what was held."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Patient, User
from clinic import booking
from clinic.models import Appointment, Approval, Availability, Doctor, Status, WeeklyHours
from clinic.tests.calendars import DAY
from clinic.tests.factories import NOW, at, make_appointment, make_time_off
from clinic.tests.refusals import denied, refused
from clinic.tests.test_booking_holds import BROWSER, DEADLINE, MINUTE, OTHER_BROWSER, hold, hold_as


def book(held: Appointment, patient: Patient, **more: object) -> Appointment:
    """As the patient does it, unless said otherwise."""
    return booking.book_hold(held, **{"patient": patient, "by": patient.user, "now": NOW} | more)


def test_book_by_a_stranger_who_signs_in(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    book(held, alice, now=DEADLINE - MINUTE, reason="A cough")

    booked = Appointment.objects.get()
    assert (booked.pk, booked.reference, booked.starts_at) == (held.pk, held.reference, at("09:00"))
    assert (booked.status, booked.patient, booked.booked_by) == (Status.SCHEDULED, alice, alice.user)
    assert (booked.hold_expires_at, booked.visitor, booked.reason) == (None, "", "A cough")


def test_book_again(alice: Patient, dr_chen: Doctor) -> None:  # case 043
    held = hold(dr_chen, "09:00")
    first = book(held, alice)

    again = book(held, alice, now=DEADLINE + DAY)

    assert (again, again.sequence, again.updated_at) == (first, 0, first.updated_at)


def test_book_what_another_has_booked(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    book(held, alice)

    with refused("hold_expired"):
        book(held, bob)


def test_book_what_another_patient_holds(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    held = hold_as(alice.user, dr_chen, "09:00")

    with refused("hold_expired"):
        book(held, bob)


def test_book_when_the_time_has_run_out(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    with refused("hold_expired"):
        book(held, alice, now=DEADLINE)


def test_book_when_it_was_released(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    booking.release(held)

    with refused("hold_expired"):
        book(held, alice)


def test_book_when_the_hold_was_replaced(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    hold(dr_chen, "10:00")

    with refused("hold_expired"):
        book(held, alice)


def test_book_when_hours_have_changed(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    WeeklyHours.objects.update(starts="10:00")

    with refused("outside_hours"):
        book(held, alice)


def test_book_when_the_doctor_went_away(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    make_time_off(at("09:00"), at("10:00"))

    with refused("time_off"):
        book(held, alice)


def test_book_when_the_doctor_left(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    Doctor.objects.update(approval=Approval.REJECTED)

    with refused("doctor_not_bookable"):
        book(held, alice)


def test_book_when_only_new_bookings_have_become_impossible(
    alice: Patient, dr_chen: Doctor, settings: Settings
) -> None:
    """What was kept for him he gets: occupied, notice and the grid are asked when the time is held."""
    now = at("08:30") - MINUTE
    held = hold(dr_chen, "09:00", now=now)
    Doctor.objects.update(status=Availability.OCCUPIED)
    WeeklyHours.objects.update(starts="08:45")

    assert book(held, alice, now=now + 9 * MINUTE).status == Status.SCHEDULED


def test_book_when_the_patient_is_elsewhere(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    make_appointment(dr_diaz, alice, at("09:15"))

    with refused("patient_busy"):
        book(held, alice)


def test_book_when_the_patient_has_many_to_come(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 1
    held = hold(dr_chen, "09:00")
    make_appointment(dr_chen, alice, at("11:00"))

    with refused("too_many_upcoming"):
        book(held, alice)


def test_book_by_staff(alice: Patient, dr_chen: Doctor, rita: User, settings: Settings) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 1
    make_appointment(dr_chen, alice, at("11:00"))
    held = hold_as(rita, dr_chen, "09:10")

    booked = book(held, alice, by=rita)

    assert (booked.patient, booked.booked_by, booked.starts_at) == (alice, rita, at("09:10"))


def test_book_for_another(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    for by in (bob.user, dr_chen.user, dr_diaz.user):
        with denied():
            book(held, alice, by=by)


def test_book_when_one_holds_more(alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    """What a patient holds beside is given up; what others hold is not."""
    hold_as(alice.user, dr_diaz, "09:00")
    others = hold_as(bob.user, dr_diaz, "10:00")
    held = hold(dr_chen, "09:00")

    booked = book(held, alice)

    assert set(Appointment.objects.all()) == {booked, others}


def test_book_when_an_old_hold_of_the_patient_is_in_the_way(
    alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User
) -> None:
    hold_as(alice.user, dr_diaz, "09:00")
    held = hold(dr_chen, "09:00", OTHER_BROWSER, now=NOW + 5 * MINUTE)

    with refused("patient_busy"):
        book(held, alice, by=rita, now=NOW + 6 * MINUTE)
    booked = book(held, alice, by=rita, now=DEADLINE)

    assert Appointment.objects.get() == booked


def test_book_directly_what_one_holds(alice: Patient, dr_chen: Doctor) -> None:
    hold_as(alice.user, dr_chen, "09:00")

    booked = booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:00"), by=alice.user, now=NOW)

    assert Appointment.objects.get() == booked


@pytest.mark.parametrize("clock", ["10:00", "09:30"])
def test_book_directly_beside_what_one_holds(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, clock: str) -> None:
    hold_as(alice.user, dr_chen, "09:30")

    booked = booking.book(doctor=dr_diaz, patient=alice, starts_at=at(clock), by=alice.user, now=NOW)

    assert Appointment.objects.get() == booked


def test_book_directly_when_it_is_refused(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("10:00"))
    hold_as(alice.user, dr_chen, "09:00")

    with refused("slot_taken"):  # and the hold is kept
        booking.book(doctor=dr_chen, patient=alice, starts_at=at("10:00"), by=alice.user, now=NOW)


def test_a_strangers_hold_is_kept_while_others_book(bob: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00", BROWSER)

    booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:30"), by=bob.user, now=NOW + timedelta(minutes=1))

    assert Appointment.objects.filter(pk=held.pk).exists()
