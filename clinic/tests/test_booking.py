"""Booking a free time."""

from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from pytest_django import Settings

from accounts.models import Patient, Role, User
from accounts.people import register_at_the_desk
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.models import Appointment, Approval, Availability, Doctor, Site, Status
from clinic.signals import appointment_changed
from clinic.slots import SlotTaken
from clinic.tests.calendars import DAY, SUNDAY
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_extra_hours, make_time_off, make_visit_type
from clinic.tests.refusals import everything, refused


def book(doctor: Doctor, patient: Patient, starts_at: datetime, **more: Any) -> Appointment:
    """As the patient does it, unless said otherwise."""
    return booking.book(**{"by": patient.user, "now": NOW} | more, doctor=doctor, patient=patient, starts_at=starts_at)


def test_book_when_the_slot_is_free(alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    made = book(dr_chen, alice, at("09:30"), reason="A cough")

    made.refresh_from_db()
    assert (made.status, made.starts_at, made.ends_at) == (Status.SCHEDULED, at("09:30"), at("10:00"))
    assert (made.doctor, made.patient, made.site, made.booked_by) == (dr_chen, alice, berlin, alice.user)
    assert (made.occupied_from, made.occupied_until) == (made.starts_at, made.ends_at)
    assert (made.reason, made.visitor, made.hold_expires_at, made.is_overbooked) == ("A cough", "", None, False)
    assert len(made.reference) == 8


@pytest.mark.parametrize(
    ("clock", "offered"),
    [
        ("10:15", ["09:30", "10:30", "11:00"]),
        ("09:45", ["09:00", "09:30", "10:30"]),
        ("10:00", ["09:00", "09:30", "10:30"]),
    ],
)
def test_book_when_it_would_overlap(  # case 002, fault B4-2
    alice: Patient, bob: Patient, dr_chen: Doctor, clock: str, offered: list[str]
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with refused("slot_taken", field="starts_at") as refusal:
        book(dr_chen, bob, at(clock))

    assert isinstance(refusal.value, SlotTaken)
    assert [slot.starts_at for slot in refusal.value.alternatives] == [at(time) for time in offered]


def test_book_when_a_long_visit_would_overlap(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 002
    make_appointment(dr_chen, alice, at("10:00"))
    long = make_visit_type(minutes=90)
    dr_chen.visit_types.add(long)

    with refused("slot_taken"):
        book(dr_chen, bob, at("09:30"), visit_type=long)


def test_book_when_the_times_only_touch(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 003
    make_appointment(dr_chen, alice, at("10:00"))

    book(dr_chen, bob, at("09:30"))
    book(dr_chen, bob, at("10:30"))

    assert Appointment.objects.count() == 3


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        (at("09:00", SUNDAY), "outside_hours"),
        (at("08:30"), "outside_hours"),
        (at("12:00"), "outside_hours"),
        (at("11:45"), "outside_hours"),
        (at("09:10"), "off_grid"),
        (NOW - DAY, "in_the_past"),
        (at("09:00", date(2999, 1, 3)), "too_far"),
    ],
)
def test_book_when_it_is_not_offered(  # case 007, case 011, fault B4-3, fault B4-4
    alice: Patient, dr_chen: Doctor, starts_at: datetime, code: str
) -> None:
    with refused(code, field="starts_at"):
        book(dr_chen, alice, starts_at)


def test_book_when_there_is_no_notice_to_keep(  # case 008: this very moment is bookable
    alice: Patient, dr_chen: Doctor, settings: Settings
) -> None:
    settings.BOOKING_MIN_NOTICE_MINUTES = 0

    with refused("in_the_past"):
        book(dr_chen, alice, at("09:30"), now=at("10:00"))
    assert book(dr_chen, alice, at("10:00"), now=at("10:00")).pk
    assert book(dr_chen, alice, at("10:30"), now=at("10:00")).pk


def test_book_when_a_days_notice_is_asked(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:  # case 009
    settings.BOOKING_MIN_NOTICE_MINUTES = 24 * 60
    a_day_before = at("10:00", MONDAY) - DAY

    with refused("too_soon"):
        book(dr_chen, alice, at("10:00"), now=a_day_before + timedelta(seconds=1))
    assert book(dr_chen, alice, at("10:00"), now=a_day_before).pk


def test_book_when_the_day_is_near_the_horizon(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:  # case 011
    settings.BOOKING_HORIZON_DAYS = 60
    sunday = NOW - DAY
    last = sunday.date() + 60 * DAY  # a Thursday

    with refused("too_far"):
        book(dr_chen, alice, at("09:00", last + DAY), now=sunday)
    assert book(dr_chen, alice, at("11:30", last), now=sunday).pk


def test_book_when_the_doctor_is_away(alice: Patient, dr_chen: Doctor) -> None:  # case 012, case 013
    make_time_off(at("10:15"), at("10:20"), dr_chen)

    with refused("time_off"):
        book(dr_chen, alice, at("10:00"))
    assert book(dr_chen, alice, at("09:30")).pk
    assert book(dr_chen, alice, at("10:30")).pk


def test_book_in_extra_hours(alice: Patient, dr_chen: Doctor, berlin: Site) -> None:  # case 014
    make_extra_hours(dr_chen, berlin, at("09:00", SUNDAY), at("10:00", SUNDAY))

    assert book(dr_chen, alice, at("09:30", SUNDAY)).site == berlin


@pytest.mark.parametrize("standing", ["deactivated", "pending", "rejected", "no doctor any more"])
def test_book_when_the_doctor_sees_nobody(  # case 020, fault B4-4
    alice: Patient, dr_chen: Doctor, rita: User, standing: str
) -> None:
    User.objects.filter(pk=dr_chen.user_id).update(
        is_active=standing != "deactivated", role=Role.PATIENT if standing == "no doctor any more" else Role.DOCTOR
    )
    if standing in Approval.values:
        Doctor.objects.filter(pk=dr_chen.pk).update(approval=standing)

    for by in (alice.user, rita):
        with refused("doctor_not_bookable", field="doctor"):
            book(dr_chen, alice, at("09:00"), by=by)


def test_book_when_the_doctor_is_occupied(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)

    with refused("doctor_not_bookable", field="doctor"):
        book(dr_chen, alice, at("09:00"))
    assert book(dr_chen, alice, at("09:00"), by=rita).pk


def test_book_when_the_doctor_does_not_offer_the_visit(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    other = make_visit_type()

    for by in (alice.user, rita):
        with refused("visit_type_not_offered", field="visit_type"):
            book(dr_chen, alice, at("09:00"), by=by, visit_type=other)


def test_book_when_the_visit_is_not_for_patients_to_book(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    surgery = make_visit_type(online_bookable=False, minutes=60, buffer_before=10, buffer_after=20)
    dr_chen.visit_types.add(surgery)

    with refused("visit_type_not_offered", field="visit_type"):
        book(dr_chen, alice, at("09:30"), visit_type=surgery)
    made = book(dr_chen, alice, at("09:30"), visit_type=surgery, by=rita)

    assert (made.starts_at, made.ends_at) == (at("09:30"), at("10:30"))
    assert (made.occupied_from, made.occupied_until) == (at("09:20"), at("10:50"))


@pytest.mark.parametrize("clock", ["10:00", "09:30"])
def test_book_when_the_patient_is_elsewhere(  # case 022, fault B0-22
    alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, clock: str
) -> None:
    make_appointment(dr_chen, alice, at("09:45"), minutes=30)

    with refused("patient_busy", field="starts_at"):
        book(dr_diaz, alice, at(clock))
    assert book(dr_diaz, alice, at("10:30")).pk


def test_book_when_the_patient_has_given_up_another_visit(  # case 023
    alice: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:
    make_appointment(dr_chen, alice, at("10:00"), status=Status.CANCELLED)

    assert book(dr_diaz, alice, at("10:00")).pk


def test_book_when_somebody_gave_the_slot_up(  # case 038, fault B3-7, fault B4-2
    alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    first = book(dr_chen, alice, at("10:00"))
    booking.cancel(first, by=alice.user, now=NOW)

    again = book(dr_chen, alice, at("10:00"))
    booking.cancel(again, by=alice.user, now=NOW)
    others = book(dr_chen, bob, at("10:00"))

    assert len({first.pk, again.pk, others.pk}) == 3
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == 2


def test_book_when_the_patient_has_many_to_come(  # case 031
    alice: Patient, dr_chen: Doctor, rita: User, settings: Settings
) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 3
    visits = [book(dr_chen, alice, at(clock)) for clock in ("09:00", "09:30", "10:00")]
    make_appointment(dr_chen, alice, NOW - DAY)  # what is over does not count

    with refused("too_many_upcoming"):
        book(dr_chen, alice, at("10:30"))
    assert book(dr_chen, alice, at("10:30"), by=rita).pk  # the desk may

    for visit in [visits[0], visits[1]]:
        booking.cancel(visit, by=alice.user, now=NOW)
    assert book(dr_chen, alice, at("11:00")).pk


def test_book_when_staff_do_it(alice: Patient, dr_chen: Doctor, rita: User, settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS, settings.BOOKING_MIN_NOTICE_MINUTES = 7, 60

    near = book(dr_chen, alice, at("09:10"), by=rita, now=at("09:09"))  # neither grid nor notice bind them
    far = book(dr_chen, alice, at("09:00", MONDAY + 100 * DAY + 5 * DAY), by=rita)

    assert (near.booked_by, near.starts_at, near.ends_at) == (rita, at("09:10"), at("09:40"))
    assert far.booked_by == rita


@pytest.mark.parametrize(
    ("starts_at", "code"), [(at("08:59"), "outside_hours"), (NOW - DAY, "in_the_past"), (at("09:30"), "slot_taken")]
)
def test_book_when_staff_do_what_binds_them_too(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User, starts_at: datetime, code: str
) -> None:
    make_appointment(dr_chen, alice, at("09:30"))

    with refused(code):
        book(dr_chen, bob, starts_at, by=rita)


def test_book_for_somebody_without_an_account(dr_chen: Doctor, rita: User) -> None:
    child = register_at_the_desk(first_name="Tim", last_name="Archer")

    assert book(dr_chen, child, at("09:00"), by=rita).patient == child


def test_book_when_the_database_knows_better(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    """A row that no rule would have let in, longer than any calendar looks back: the constraint still refuses."""
    make_appointment(dr_chen, alice, at("09:00") - 2 * DAY, minutes=3 * 24 * 60)

    with refused("slot_taken", field="starts_at"):
        book(dr_chen, bob, at("09:00"))


def test_book_when_the_reference_is_taken(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"), reference="AAAAAAAA")

    with mock.patch("clinic.models.appointment.secrets.choice", side_effect="AAAAAAAABBBBBBBB"):
        made = book(dr_chen, bob, at("10:00"))

    assert made.reference == "BBBBBBBB"


def test_book_tells_the_news_before_it_is_final(alice: Patient, dr_chen: Doctor) -> None:
    told: list[dict[str, Any]] = []

    def listen(**news: Any) -> None:
        told.append({key: news[key] for key in ("sender", "appointment", "change", "by")})

    appointment_changed.connect(listen)
    try:
        made = book(dr_chen, alice, at("09:00"))
    finally:
        appointment_changed.disconnect(listen)

    assert told == [{"sender": Appointment, "appointment": made, "change": "booked", "by": alice.user}]


def test_book_when_a_receiver_of_the_news_fails(alice: Patient, dr_chen: Doctor) -> None:
    def fail(**_news: Any) -> None:
        assert Appointment.objects.count() == 1  # it is there, within the transaction
        raise RuntimeError("no")

    before = everything()
    appointment_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            book(dr_chen, alice, at("09:00"))
    finally:
        appointment_changed.disconnect(fail)

    assert everything() == before


def test_book_everything_that_is_free_for_all(dr_chen: Doctor) -> None:
    people = [make_patient() for _number in range(6)]

    for patient, clock in zip(people, ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"], strict=True):
        book(dr_chen, patient, at(clock))

    with refused("slot_taken") as refusal:
        book(dr_chen, make_patient(), at("10:00"))
    assert isinstance(refusal.value, SlotTaken)
    assert {slot.starts_at.date() for slot in refusal.value.alternatives} == {MONDAY + DAY}
