"""Staff book a doctor twice, on purpose and with a reason; a patient never."""

from datetime import datetime

import pytest

from accounts.models import Patient, User
from accounts.people import become_patient
from clinic import booking
from clinic.models import Appointment, Doctor, Site, Status, WeeklyHours
from clinic.tests.calendars import DAY, SUNDAY
from clinic.tests.factories import (
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)
from clinic.tests.refusals import denied, refused
from clinic.tests.test_booking import book


def test_book_over_a_visit(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    over = book(dr_chen, bob, at("10:00"), by=rita, override_reason=" pain ")

    over.refresh_from_db()
    assert (over.is_overbooked, over.override_reason) == (True, "pain")
    assert (over.starts_at, over.ends_at) == (at("10:00"), at("10:30"))


@pytest.mark.parametrize(
    "starts_at", [at("10:00"), at("10:10"), at("08:00"), at("11:45"), at("15:00", SUNDAY), at("11:00")]
)
def test_book_over_visits_hours_and_time_off(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, starts_at: datetime
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    make_time_off(at("11:00"), at("12:00"), dr_chen)

    assert book(dr_chen, bob, starts_at, by=rita, override_reason="pain").is_overbooked


def test_book_over_nothing(bob: Patient, dr_chen: Doctor, rita: User) -> None:
    made = book(dr_chen, bob, at("10:00"), by=rita, override_reason="just in case")

    assert (made.is_overbooked, made.override_reason) == (False, "")


@pytest.mark.parametrize("reason", ["", " ", "\t\n"])
def test_book_over_a_visit_without_a_reason(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, reason: str
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused("slot_taken"):
        book(dr_chen, bob, at("10:00"), by=rita, override_reason=reason)


def test_book_over_the_patients_own_visit(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    for doctor in (dr_chen, dr_diaz):
        with refused("patient_busy"):
            book(doctor, alice, at("10:15"), by=rita, override_reason="pain")


@pytest.mark.parametrize(
    ("starts_at", "code"), [(NOW - DAY, "in_the_past"), (at("10:00", SUNDAY + 3000 * DAY), "too_far")]
)
def test_book_over_the_clock(bob: Patient, dr_chen: Doctor, rita: User, starts_at: datetime, code: str) -> None:
    with refused(code):
        book(dr_chen, bob, starts_at, by=rita, override_reason="pain")


def test_book_over_when_the_doctor_sees_nobody(bob: Patient, dr_chen: Doctor, rita: User) -> None:
    User.objects.filter(pk=dr_chen.user_id).update(is_active=False)

    with refused("doctor_not_bookable"):
        book(dr_chen, bob, at("10:00"), by=rita, override_reason="pain")


def test_book_over_by_whoever_may_not(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    ritas_own = become_patient(rita)

    with denied():
        book(dr_chen, bob, at("10:00"), override_reason="please")
    with denied():  # at the other side of her desk she is a patient
        book(dr_chen, ritas_own, at("10:00"), by=rita, override_reason="I work here")


def test_book_over_at_the_site_where_the_doctor_is_then(alice: Patient, bob: Patient, rita: User, berlin: Site) -> None:
    doctor, other = make_doctor(), make_site()
    make_hours(doctor, berlin, "09:00", "12:00", weekdays=[0])
    make_hours(doctor, other, "14:00", "17:00", weekdays=[0], slot_minutes=45)
    extra = make_site()
    make_extra_hours(doctor, extra, at("18:00"), at("19:00"), slot_minutes=20)
    for clock in ("09:00", "14:00", "18:00"):
        make_appointment(doctor, alice, at(clock))

    places = {}
    for clock in ("09:00", "14:00", "18:00", "13:30", "12:15"):
        made = book(doctor, bob, at(clock), by=rita, override_reason="pain")
        places[clock] = (made.site, int((made.ends_at - made.starts_at).total_seconds() / 60))
        booking.cancel(made, by=rita, reason="a test", now=NOW)

    assert places == {
        "09:00": (berlin, 30),
        "14:00": (other, 45),
        "18:00": (extra, 20),
        "13:30": (other, 45),
        "12:15": (berlin, 30),
    }


def test_book_over_when_the_doctor_works_nowhere(bob: Patient, dr_chen: Doctor, rita: User) -> None:
    WeeklyHours.objects.all().delete()

    with refused("outside_hours"):
        book(dr_chen, bob, at("10:00"), by=rita, override_reason="pain")


def test_book_over_with_what_the_visit_needs(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    visit = make_visit_type(minutes=20, buffer_before=5, buffer_after=10)
    dr_chen.visit_types.add(visit)

    over = book(dr_chen, bob, at("10:00"), by=rita, override_reason="pain", visit_type=visit)

    assert (over.occupied_from, over.ends_at, over.occupied_until) == (at("09:55"), at("10:20"), at("10:30"))


def test_book_where_somebody_is_overbooked(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    """The constraint passes over overbooked visits; the rules do not."""
    make_appointment(dr_chen, alice, at("10:00"), is_overbooked=True, override_reason="pain")

    with refused("slot_taken"):
        book(dr_chen, bob, at("10:00"))
    with refused("slot_taken"):
        book(dr_chen, bob, at("10:00"), by=rita)


def test_move_an_overbooked_visit_to_a_free_slot(alice: Patient, bob: Patient, dr_chen: Doctor, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    over = book(dr_chen, bob, at("10:00"), by=rita, override_reason="pain")

    moved = booking.reschedule(over, starts_at=at("11:00"), by=rita, now=NOW)

    assert (moved.is_overbooked, moved.override_reason) == (False, "")
    assert Appointment.objects.filter(status=Status.SCHEDULED).count() == 2
