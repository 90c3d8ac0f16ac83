"""Moving what is booked."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Patient, Role, User
from clinic.models import Appointment, Approval, Availability, Doctor, Site, Status, WeeklyHours
from clinic.tests.calendars import DAY, free
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_hours, make_site, make_visit_type
from clinic.tests.refusals import denied, everything, refused
from clinic.tests.test_booking import book
from clinic.tests.test_booking_changes import move
from clinic.tests.test_booking_holds import hold, hold_as


def test_move_to_a_free_slot(alice: Patient, dr_chen: Doctor) -> None:  # case 033
    mine = book(dr_chen, alice, at("09:00"), reason="A cough")
    Appointment.objects.update(confirmed_at=NOW)

    moved = move(mine, at("10:00"))

    moved.refresh_from_db()
    assert (moved.pk, moved.reference, moved.reason) == (mine.pk, mine.reference, "A cough")
    assert (moved.starts_at, moved.ends_at, moved.status) == (at("10:00"), at("10:30"), Status.SCHEDULED)
    assert (moved.occupied_from, moved.occupied_until) == (at("10:00"), at("10:30"))
    assert (moved.sequence, moved.confirmed_at) == (1, None)
    assert free(dr_chen) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    assert Appointment.objects.count() == 1


def test_move_to_a_taken_slot(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 034
    mine = book(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, bob, at("09:30"))

    with refused("slot_taken", field="starts_at") as refusal:
        move(mine, at("09:30"))

    assert [slot.starts_at for slot in refusal.value.alternatives] == [at(c) for c in ("10:00", "10:30", "11:00")]


def test_move_to_a_time_that_overlaps_the_old_one(alice: Patient, dr_chen: Doctor) -> None:  # fault B3-8
    long = make_visit_type(minutes=60, buffer_after=10)
    dr_chen.visit_types.add(long)
    mine = book(dr_chen, alice, at("09:00"), visit_type=long)

    moved = move(mine, at("09:30"))

    assert (moved.starts_at, moved.ends_at, moved.occupied_until) == (at("09:30"), at("10:30"), at("10:40"))


def test_move_to_where_it_is(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    before = everything()

    assert move(mine, at("09:00")) == mine
    assert move(mine, at("09:00"), doctor=dr_chen) == mine
    assert everything() == before


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        (at("12:00"), "outside_hours"),
        (at("10:10"), "off_grid"),
        (NOW - DAY, "in_the_past"),
        (NOW, "too_soon"),
        (at("09:00", MONDAY + 200 * DAY), "too_far"),
    ],
)
def test_move_to_where_nothing_is_offered(alice: Patient, dr_chen: Doctor, starts_at: datetime, code: str) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    with refused(code, field="starts_at"):
        move(mine, starts_at)


def test_move_when_hours_were_shortened(alice: Patient, dr_chen: Doctor) -> None:  # case 019
    mine = book(dr_chen, alice, at("11:00"))
    WeeklyHours.objects.update(ends="10:00")

    with refused("outside_hours"):
        move(mine, at("11:30"))
    assert move(mine, at("09:30")).starts_at == at("09:30")


def test_move_to_another_doctor(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    site = make_site()
    WeeklyHours.objects.filter(doctor=dr_diaz).delete()
    make_hours(dr_diaz, site, slot_minutes=45)
    mine = book(dr_chen, alice, at("09:00"))

    moved = move(mine, at("09:00"), doctor=dr_diaz)

    assert (moved.pk, moved.doctor, moved.site, moved.ends_at) == (mine.pk, dr_diaz, site, at("09:45"))
    assert "09:00" in free(dr_chen)
    assert "09:00" not in free(dr_diaz)


def test_move_to_another_doctor_who_cannot(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    visit = make_visit_type()
    dr_chen.visit_types.add(visit)
    mine = book(dr_chen, alice, at("09:00"), visit_type=visit)

    with refused("visit_type_not_offered"):
        move(mine, at("10:00"), doctor=dr_diaz)
    dr_diaz.visit_types.add(visit)
    Doctor.objects.filter(pk=dr_diaz.pk).update(status=Availability.OCCUPIED)
    with refused("doctor_not_bookable"):
        move(mine, at("10:00"), doctor=dr_diaz)
    assert move(mine, at("10:00"), doctor=dr_diaz, by=rita).doctor == dr_diaz


def test_move_to_a_doctor_who_left(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    Doctor.objects.filter(pk=dr_diaz.pk).update(approval=Approval.REJECTED)

    for by in (alice.user, rita):
        with refused("doctor_not_bookable", field="doctor"):
            move(mine, at("09:00"), doctor=dr_diaz, by=by)


def test_move_to_where_the_patient_is_busy(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    make_appointment(dr_diaz, alice, at("10:15"))

    for by in (alice.user, rita):
        with refused("patient_busy"):
            move(mine, at("10:00"), by=by)


def test_move_by_the_doctor(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    moved = move(mine, at("10:05"), by=dr_chen.user, now=at("08:55"))

    assert moved.starts_at == at("10:05")


def test_move_by_a_doctor_to_another_doctor(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120
    mine = book(dr_chen, alice, at("09:00"))

    with denied():
        move(mine, at("09:00"), doctor=dr_diaz, by=dr_chen.user)
    with denied():  # nor may the other take it
        move(mine, at("09:00"), doctor=dr_diaz, by=dr_diaz.user)


def test_move_when_a_hold_is_in_the_way(alice: Patient, dr_chen: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    hold(dr_chen, "10:00")

    with refused("slot_taken"):
        move(mine, at("10:00"))
    moved = move(mine, at("10:00"), now=NOW + timedelta(minutes=10))

    assert Appointment.objects.get() == moved


def test_move_to_what_one_holds(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    hold_as(alice.user, dr_diaz, "10:00")

    moved = move(mine, at("10:00"), doctor=dr_diaz)

    assert Appointment.objects.get() == moved


def test_move_when_the_holds_of_ones_own_do_not_help(
    alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:
    mine = book(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, bob, at("10:00"))
    hold_as(alice.user, dr_diaz, "11:00")

    with refused("slot_taken"):  # and the hold is kept
        move(mine, at("10:00"))


def test_move_is_for_anybody_with_the_role_of_staff(alice: Patient, dr_chen: Doctor, adam: User, berlin: Site) -> None:
    mine = book(dr_chen, alice, at("09:00"))

    assert adam.role == Role.ADMIN
    assert move(mine, at("10:00"), by=adam).site == berlin
