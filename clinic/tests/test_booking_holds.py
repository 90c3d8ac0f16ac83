"""Keeping a time for a few minutes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Patient, User
from accounts.people import become_patient
from accounts.tests.factories import make_user
from clinic import booking
from clinic.booking import Visitor
from clinic.models import Appointment, Approval, Availability, Doctor, Status
from clinic.signals import appointment_changed
from clinic.tests.calendars import free
from clinic.tests.factories import NOW, at, make_appointment, make_time_off, make_visit_type
from clinic.tests.refusals import refused

BROWSER, OTHER_BROWSER = Visitor.session("one"), Visitor.session("two")
MINUTE = timedelta(minutes=1)
DEADLINE = NOW + 10 * MINUTE


def hold(doctor: Doctor, clock: str, visitor: Visitor | None = BROWSER, **more: Any) -> Appointment:
    """As a stranger does it, unless said otherwise."""
    starts_at = at(clock)
    return booking.hold(**{"by": None, "now": NOW} | more, doctor=doctor, starts_at=starts_at, visitor=visitor)


def hold_as(person: User, doctor: Doctor, clock: str, **more: Any) -> Appointment:
    """As somebody signed in does it."""
    return hold(doctor, clock, Visitor.person(person), by=person, **more)


def held_times() -> set[datetime]:
    """What is on hold, run out or not."""
    return set(Appointment.objects.filter(status=Status.HELD).values_list("starts_at", flat=True))


def test_hold_by_a_stranger(dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    held.refresh_from_db()
    assert (held.status, held.patient, held.booked_by) == (Status.HELD, None, None)
    assert (held.hold_expires_at, held.hold_extended, held.visitor) == (DEADLINE, False, BROWSER.key)
    assert "09:00" not in free(dr_chen)


def test_hold_by_a_patient(alice: Patient, dr_chen: Doctor) -> None:
    assert hold_as(alice.user, dr_chen, "09:00").patient == alice


def test_hold_by_somebody_who_was_never_a_patient(dr_chen: Doctor) -> None:
    person = make_user()

    assert hold_as(person, dr_chen, "09:00").patient == become_patient(person)


def test_hold_by_staff(dr_chen: Doctor, rita: User) -> None:
    held = hold_as(rita, dr_chen, "09:10", now=at("09:09"))  # neither grid nor notice bind them

    assert (held.patient, held.booked_by) == (None, rita)


def test_hold_is_nobodys_news(alice: Patient, dr_chen: Doctor) -> None:
    told: list[object] = []

    def listen(**news: Any) -> None:
        told.append(news)

    appointment_changed.connect(listen)
    try:
        booking.release(booking.extend(hold_as(alice.user, dr_chen, "09:00"), now=NOW))
    finally:
        appointment_changed.disconnect(listen)

    assert told == []


def test_hold_the_same_again(dr_chen: Doctor) -> None:
    first = hold(dr_chen, "09:00")

    again = hold(dr_chen, "09:00", now=NOW + 5 * MINUTE)

    assert (again.pk, again.hold_expires_at) == (first.pk, DEADLINE)


def test_hold_the_same_for_another_visit(dr_chen: Doctor) -> None:
    visit = make_visit_type(minutes=60)
    dr_chen.visit_types.add(visit)
    first = hold(dr_chen, "09:00")

    again = hold(dr_chen, "09:00", visit_type=visit)

    assert again.pk != first.pk
    assert Appointment.objects.get().ends_at == at("10:00")


def test_hold_the_same_after_it_ran_out(dr_chen: Doctor) -> None:
    first = hold(dr_chen, "09:00")

    again = hold(dr_chen, "09:00", now=DEADLINE)

    assert again.pk != first.pk
    assert Appointment.objects.get().hold_expires_at == DEADLINE + 10 * MINUTE


@pytest.mark.parametrize("clock", ["10:00", "09:30"])
def test_hold_another_time_instead(dr_chen: Doctor, dr_diaz: Doctor, clock: str) -> None:
    hold(dr_chen, "09:00")

    new = hold(dr_diaz, clock)

    assert Appointment.objects.get() == new


def test_hold_a_time_that_overlaps_ones_old_hold(dr_chen: Doctor) -> None:
    visit = make_visit_type(minutes=60)
    dr_chen.visit_types.add(visit)
    hold(dr_chen, "09:30")

    new = hold(dr_chen, "09:00", visit_type=visit)

    assert Appointment.objects.get() == new


def test_hold_another_time_that_is_taken(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    hold(dr_chen, "09:00")

    with refused("slot_taken"):  # and the old hold is kept
        hold(dr_chen, "10:00")


def test_hold_what_another_visitor_holds(bob: Patient, dr_chen: Doctor) -> None:
    hold(dr_chen, "09:00")

    with refused("slot_taken"):
        hold(dr_chen, "09:00", OTHER_BROWSER)
    with refused("slot_taken"):
        booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:00"), by=bob.user, now=NOW)


def test_hold_what_another_visitor_held(dr_chen: Doctor) -> None:
    hold(dr_chen, "09:00")

    new = hold(dr_chen, "09:00", OTHER_BROWSER, now=DEADLINE)

    assert Appointment.objects.get() == new  # what ran out is gone: it would be in the constraint's way


def test_book_what_a_visitor_held(bob: Patient, dr_chen: Doctor) -> None:
    hold(dr_chen, "09:00")

    booked = booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:00"), by=bob.user, now=DEADLINE)

    assert Appointment.objects.get() == booked


def test_hold_by_a_patient_whose_old_hold_ran_out(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    hold(dr_chen, "09:00", Visitor.session("before"), by=alice.user)

    new = hold_as(alice.user, dr_diaz, "09:00", now=DEADLINE)

    assert Appointment.objects.get() == new


def test_hold_a_second_time_from_one_address(dr_chen: Doctor) -> None:
    address = Visitor.address("192.0.2.1")
    hold(dr_chen, "09:00", address)

    for clock in ("10:00", "09:00"):  # strangers: not even the same again
        with refused("one_hold_at_a_time"):
            hold(dr_chen, clock, address)
    assert hold(dr_chen, "10:00", Visitor.address("192.0.2.2")).pk
    assert hold(dr_chen, "11:00", address, now=DEADLINE).pk
    assert held_times() == {at("10:00"), at("11:00")}


def test_hold_by_many_strangers(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, settings: Settings) -> None:
    settings.MAX_ANONYMOUS_HOLDS_PER_DOCTOR = 2
    hold(dr_chen, "09:00", Visitor.session("a"))
    hold(dr_chen, "09:30", Visitor.session("b"))

    with refused("too_many_holds"):
        hold(dr_chen, "10:00", Visitor.session("c"))
    assert hold(dr_chen, "10:30", Visitor.session("b")).pk  # instead of his first
    assert hold(dr_diaz, "10:00", Visitor.session("c")).pk
    assert hold_as(alice.user, dr_chen, "10:00").pk  # who signs in is nobody's bot
    assert hold(dr_chen, "09:00", Visitor.session("d"), now=DEADLINE).pk


def test_hold_by_a_stranger_while_staff_hold_much(dr_chen: Doctor, rita: User, adam: User, settings: Settings) -> None:
    settings.MAX_ANONYMOUS_HOLDS_PER_DOCTOR = 1
    hold_as(rita, dr_chen, "09:00")
    hold_as(adam, dr_chen, "09:30")

    assert hold(dr_chen, "10:00").pk


def test_hold_several_by_a_program(dr_chen: Doctor, rita: User) -> None:
    for clock in ("09:00", "09:30", "10:00"):
        hold(dr_chen, clock, None, by=rita)

    assert Appointment.objects.count() == 3


def test_hold_after_signing_in(alice: Patient, dr_chen: Doctor) -> None:
    before = hold(dr_chen, "09:00")

    for clock in ("09:00", "09:30"):
        after = hold_as(alice.user, dr_chen, clock, instead_of=before)
        assert Appointment.objects.get() == after
    assert after.patient == alice


def test_hold_after_signing_in_when_it_is_refused(alice: Patient, dr_chen: Doctor) -> None:
    before = hold(dr_chen, "09:00")

    with refused("outside_hours"):
        hold_as(alice.user, dr_chen, "13:00", instead_of=before)


def test_hold_after_signing_in_when_one_holds_it_already(alice: Patient, dr_chen: Doctor) -> None:
    mine, before = hold_as(alice.user, dr_chen, "10:00"), hold(dr_chen, "09:00")

    again = hold_as(alice.user, dr_chen, "10:00", instead_of=before)

    assert Appointment.objects.get() == again == mine


def test_hold_instead_of_what_is_booked_by_now(alice: Patient, dr_chen: Doctor) -> None:
    before = hold(dr_chen, "09:00")
    booking.book_hold(before, patient=alice, by=alice.user, now=NOW)

    hold_as(alice.user, dr_chen, "10:00", instead_of=before)

    assert Appointment.objects.get(pk=before.pk).status == Status.SCHEDULED


def test_hold_when_the_patient_is_elsewhere(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_appointment(dr_diaz, alice, at("09:15"))

    with refused("patient_busy"):
        hold_as(alice.user, dr_chen, "09:00")


def test_hold_when_the_patient_has_many_to_come(alice: Patient, dr_chen: Doctor, settings: Settings) -> None:
    settings.MAX_UPCOMING_PER_PATIENT = 1
    make_appointment(dr_chen, alice, at("11:00"))

    with refused("too_many_upcoming"):
        hold_as(alice.user, dr_chen, "09:00")


@pytest.mark.parametrize(("clock", "code"), [("09:10", "off_grid"), ("12:00", "outside_hours"), ("11:00", "time_off")])
def test_hold_what_is_not_offered(dr_chen: Doctor, clock: str, code: str) -> None:
    make_time_off(at("11:00"), at("11:01"), dr_chen)

    with refused(code, field="starts_at"):
        hold(dr_chen, clock)


def test_hold_when_the_doctor_takes_nobody(dr_chen: Doctor, rita: User) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)
    with refused("doctor_not_bookable"):
        hold(dr_chen, "09:00")
    assert hold_as(rita, dr_chen, "09:00").pk

    Doctor.objects.update(approval=Approval.PENDING)
    with refused("doctor_not_bookable"):
        hold_as(rita, dr_chen, "10:00")


def test_hold_a_visit_that_is_not_offered(dr_chen: Doctor, rita: User) -> None:
    surgery = make_visit_type(online_bookable=False)

    with refused("visit_type_not_offered"):
        hold_as(rita, dr_chen, "09:00", visit_type=surgery)
    dr_chen.visit_types.add(surgery)
    with refused("visit_type_not_offered"):
        hold(dr_chen, "09:00", visit_type=surgery)
    assert hold_as(rita, dr_chen, "09:00", visit_type=surgery).visit_type == surgery


def test_extend_once(dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    longer = booking.extend(held, now=NOW + MINUTE)

    assert (longer.hold_expires_at, longer.hold_extended) == (NOW + 20 * MINUTE, True)
    with refused("already_extended"):
        booking.extend(held, now=NOW + 10 * MINUTE)


@pytest.mark.parametrize("fate", ["run out", "released", "booked"])
def test_extend_what_is_not_held_any_more(alice: Patient, dr_chen: Doctor, fate: str) -> None:
    held = hold(dr_chen, "09:00")
    if fate == "released":
        booking.release(held)
    elif fate == "booked":
        booking.book_hold(held, patient=alice, by=alice.user, now=NOW)

    with refused("hold_expired"):
        booking.extend(held, now=DEADLINE if fate == "run out" else NOW)


def test_release_gives_the_time_back(dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")

    booking.release(held)
    booking.release(held)

    assert Appointment.objects.count() == 0
    assert "09:00" in free(dr_chen)


def test_release_what_is_booked_by_now(alice: Patient, dr_chen: Doctor) -> None:
    held = hold(dr_chen, "09:00")
    booking.book_hold(held, patient=alice, by=alice.user, now=NOW)

    booking.release(held)

    assert Appointment.objects.get().status == Status.SCHEDULED


def test_keys_are_hard_to_confuse(alice: Patient) -> None:
    same = str(alice.user_id)
    keys = {
        Visitor.person(alice.user).key,
        Visitor.session(same).key,
        Visitor.address(same).key,
        booking.hold_key(alice.user_id),
    }

    assert len(keys) == 4
    assert all(same not in key for key in keys)
    assert booking.is_hold_key(alice.pk, booking.hold_key(alice.pk))
    assert not booking.is_hold_key(alice.pk, booking.hold_key(alice.user_id))
    assert not booking.is_hold_key(alice.pk, "ü")
