"""First openings of doctors, and what is nearest to a wish."""

from datetime import date

import pytest
from pytest_django import Settings

from accounts.models import Patient
from clinic import slots
from clinic.models import Doctor, Site
from clinic.tests.calendars import ALL_HALF_HOURS, DAY, clocks
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_doctor, make_hours, make_time_off

pytestmark = pytest.mark.django_db


def test_first_openings_of_each_doctor(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor, berlin: Site) -> None:
    idle = make_doctor()
    late = make_doctor()
    make_hours(late, berlin, valid_from=MONDAY + 30 * DAY)
    make_time_off(NOW - DAY, at("11:00", MONDAY + DAY), dr_chen)

    found = slots.first_openings([idle, late, dr_chen, dr_diaz], now=NOW)

    assert list(found) == [dr_diaz.pk, dr_chen.pk, late.pk]  # the next one first, without whom never is free
    assert [slot.starts_at for [slot] in found.values()] == [
        at("09:30", NOW.date()),
        at("11:00", MONDAY + DAY),
        at("09:00", MONDAY + 30 * DAY),
    ]


def test_first_openings_from_a_day_on(dr_chen: Doctor) -> None:
    found = slots.first_openings([dr_chen], now=NOW, start=MONDAY + DAY, count=8)

    assert clocks(found[dr_chen.pk]) == [*ALL_HALF_HOURS, "09:00", "09:30"]
    assert found[dr_chen.pk][0].starts_at == at("09:00", MONDAY + DAY)


@pytest.mark.parametrize("start", [date(1, 1, 1), NOW - 30 * DAY, None])
def test_first_openings_from_the_past_on(dr_chen: Doctor, start: date | None) -> None:
    [first] = slots.first_openings([dr_chen], now=NOW, start=start)[dr_chen.pk]

    assert first.starts_at == at("09:30", NOW.date())  # 09:00 is now; half an hour's notice is asked


def test_first_openings_beyond_the_horizon(dr_chen: Doctor) -> None:
    assert slots.first_openings([dr_chen], now=NOW, start=NOW.date() + 181 * DAY) == {}
    assert slots.first_openings([dr_chen], now=NOW, start=date(9999, 12, 31)) == {}


def test_first_openings_near_the_horizon(dr_chen: Doctor, settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 9
    make_time_off(NOW - DAY, at("11:30", NOW.date() + 9 * DAY), dr_chen)

    found = slots.first_openings([dr_chen], now=NOW, count=3)

    assert [slot.starts_at for slot in found[dr_chen.pk]] == [at("11:30", NOW.date() + 9 * DAY)]


def test_nearest_to_a_taken_slot(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    assert clocks(slots.nearest(dr_chen, at("10:00"), now=NOW)) == ["09:00", "09:30", "10:30"]


def test_nearest_when_the_day_is_full(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"), minutes=180)

    found = slots.nearest(dr_chen, at("11:30"), now=NOW)

    assert [slot.starts_at for slot in found] == [at(clock, MONDAY + DAY) for clock in ALL_HALF_HOURS[:3]]


def test_nearest_when_hardly_anything_is_left(dr_chen: Doctor, settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 100
    make_time_off(NOW - DAY, at("11:00", date(2027, 5, 31)), dr_chen)
    make_time_off(at("12:00", date(2027, 5, 31)), at("12:00", date(2027, 12, 31)), dr_chen)

    found = slots.nearest(dr_chen, at("10:00"), now=NOW)

    assert [slot.starts_at for slot in found] == [at("11:00", date(2027, 5, 31)), at("11:30", date(2027, 5, 31))]


def test_nearest_when_the_wish_lies_far_ahead(dr_chen: Doctor) -> None:
    found = slots.nearest(dr_chen, at("10:00", date(2029, 3, 5)), now=NOW)

    assert clocks(found) == ["10:30", "11:00", "11:30"]  # the last that can be booked
    assert {slot.starts_at.date() for slot in found} == {NOW.date() + 179 * DAY}  # the day after is a Saturday
