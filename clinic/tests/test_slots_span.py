"""Free times by days, zones, limits and windows of time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import Patient
from clinic import slots
from clinic.models import Doctor, Site, Status
from clinic.slots import Span
from clinic.tests.calendars import ALL_HALF_HOURS, DAY, clocks, code_of_check, free, on
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)

pytestmark = pytest.mark.django_db


def test_search_when_hours_end_on_the_next_day(berlin: Site) -> None:  # fault B3-5
    doctor = make_doctor()
    make_hours(doctor, berlin, "22:30", "01:00", weekdays=[0])

    assert free(doctor) == ["22:30", "23:00", "23:30"]
    assert free(doctor, MONDAY + DAY) == ["00:00", "00:30"]
    assert free(doctor, visit_type=make_visit_type(minutes=60)) == ["22:30", "23:00", "23:30"]


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [("09:00", "23:30", 29), ("23:30", "23:45", 0), ("22:00", "00:00", 4), ("00:00", "23:59", 47)],
)
def test_search_when_hours_go_to_midnight(berlin: Site, starts: str, ends: str, expected: int) -> None:  # fault B3-5
    doctor = make_doctor()
    make_hours(doctor, berlin, starts, ends)

    assert len(free(doctor)) == expected


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "days"),
    [
        (None, None, [0, 7, 14]),
        (MONDAY + DAY, None, [7, 14]),
        (MONDAY, MONDAY, [0]),
        (None, MONDAY + 7 * DAY, [0, 7]),
        (MONDAY + DAY, MONDAY + 6 * DAY, []),
    ],
)
def test_search_when_hours_are_valid_for_a_while(
    berlin: Site, valid_from: date | None, valid_until: date | None, days: list[int]
) -> None:
    doctor = make_doctor()
    make_hours(doctor, berlin, weekdays=[0], valid_from=valid_from, valid_until=valid_until)

    found = slots.search([doctor], Span(MONDAY, MONDAY + 21 * DAY), now=NOW)

    assert {slot.starts_at.date() for slot in found} == {MONDAY + number * DAY for number in days}


def test_search_when_hours_that_end_on_the_next_day_are_valid_for_one(berlin: Site) -> None:
    doctor = make_doctor()
    make_hours(doctor, berlin, "23:00", "01:00", weekdays=[0], valid_until=MONDAY)

    assert free(doctor, MONDAY + DAY) == ["00:00", "00:30"]


@pytest.mark.parametrize(
    ("day", "starts", "ends", "expected"),
    [
        (date(2027, 3, 28), "01:00", "05:00", ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]),  # case 024
        (
            date(2027, 10, 31),  # case 025: the repeated hour gives two distinct slots
            "01:00",
            "05:00",
            ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30", "04:00", "04:30"],
        ),
    ],
)
def test_search_when_clocks_change(
    berlin: Site, settings: Settings, day: date, starts: str, ends: str, expected: list[str]
) -> None:
    settings.BOOKING_HORIZON_DAYS = 400
    doctor = make_doctor()
    make_hours(doctor, berlin, starts, ends, weekdays=[6])

    found = on(day, doctor)

    assert clocks(found) == expected
    assert len({slot.starts_at for slot in found}) == len(expected)
    assert {slot.ends_at - slot.starts_at for slot in found} == {timedelta(minutes=30)}


def test_search_when_the_day_lies_in_summer(dr_chen: Doctor) -> None:  # case 029
    summer = date(2027, 7, 5)

    found = on(summer, dr_chen)

    assert clocks(found)[0] == "09:00"
    assert found[0].starts_at == datetime(2027, 7, 5, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)])
def test_search_in_a_leap_year(dr_chen: Doctor, day: date) -> None:  # case 030
    now = datetime(2028, 2, 1, tzinfo=UTC)

    assert clocks(slots.search([dr_chen], Span(day, day + DAY), now=now)) == ALL_HALF_HOURS


YEAR_1, YEAR_9999 = date(1, 1, 1), date(9999, 12, 31)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(YEAR_1, YEAR_9999), 777),
        (Span(YEAR_1, MONDAY), 24),
        (Span(MONDAY, YEAR_1), 0),
        (Span(YEAR_9999, YEAR_9999), 0),
        (Span(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)), 777),
        (Span(MONDAY, MONDAY), 0),
        (Span(MONDAY, MONDAY - DAY), 0),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue"])
def test_search_when_the_span_is_absurd(span: Span, expected: int, zone: str) -> None:  # case 148
    doctor = make_doctor()
    make_hours(doctor, make_site(time_zone=zone))

    found = slots.search([doctor], span, now=NOW)
    everything = slots.search([doctor], span, now=NOW, every_status=True, limit=10)

    assert abs(len(found) - expected) <= 6  # the first day has begun, earlier in the east
    assert len(everything) in (0, 10)


def test_search_when_the_span_is_one_of_days_in_several_zones(dr_chen: Doctor) -> None:
    doctor = make_doctor()
    make_hours(doctor, make_site(time_zone="America/New_York"), "00:00", "23:59")

    found = on(MONDAY, dr_chen, doctor)

    starts = {slot.starts_at for slot in found if slot.doctor == doctor}
    assert min(starts) == datetime(2027, 3, 1, 5, 0, tzinfo=UTC)  # midnight in New York, not in Berlin
    assert max(starts) == datetime(2027, 3, 2, 4, 0, tzinfo=UTC)
    assert len(found) == 47 + 6


def test_search_when_the_span_is_one_of_instants(dr_chen: Doctor) -> None:
    found = slots.search([dr_chen], Span(at("09:30"), at("11:00")), now=NOW)

    assert clocks(found) == ["09:30", "10:00", "10:30"]  # half-open


@pytest.mark.parametrize("limit", [1, 2, 7, 40, 500])
def test_search_when_there_is_a_limit(dr_chen: Doctor, dr_diaz: Doctor, limit: int) -> None:
    far_east, far_west = make_doctor(), make_doctor()
    make_hours(far_east, make_site(time_zone="Pacific/Kiritimati"), "00:00", "23:59", weekdays=range(7))
    make_hours(far_west, make_site(time_zone="Pacific/Niue"), "00:00", "23:59", weekdays=range(7))
    doctors = [dr_chen, far_west, dr_diaz, far_east]
    span = Span(MONDAY, MONDAY + 10 * DAY)
    everything = slots.search(doctors, span, now=NOW)

    found = slots.search(doctors, span, now=NOW, limit=limit)

    assert found == everything[:limit]
    assert found == sorted(found, key=lambda slot: slot.starts_at)


def test_search_for_nobody() -> None:
    assert slots.search([], Span(MONDAY, MONDAY + DAY), now=NOW) == []
    assert slots.first_openings([], now=NOW) == {}


@pytest.mark.parametrize(
    ("minutes", "first"),
    [(0, "10:00"), (1, "10:30"), (30, "10:30"), (60, "11:00"), (24 * 60, "10:00")],
)
def test_search_when_notice_is_asked(dr_chen: Doctor, settings: Settings, minutes: int, first: str) -> None:
    settings.BOOKING_MIN_NOTICE_MINUTES = minutes  # case 008, case 009

    found = slots.search([dr_chen], Span(MONDAY, MONDAY + 2 * DAY), now=at("10:00"))

    assert clocks(found)[0] == first
    assert code_of_check(dr_chen, found[0].starts_at, now=at("10:00")) is None


def test_search_when_the_day_is_beyond_the_horizon(dr_chen: Doctor, settings: Settings) -> None:  # case 011
    settings.BOOKING_HORIZON_DAYS = 7

    assert free(dr_chen, MONDAY) == ALL_HALF_HOURS  # 7 days ahead
    assert free(dr_chen, MONDAY + DAY) == []
    assert code_of_check(dr_chen, at("11:30", MONDAY)) is None
    assert code_of_check(dr_chen, at("09:00", MONDAY + DAY)) == "too_far"
    assert code_of_check(dr_chen, at("09:00", MONDAY + DAY), patient=False) is None


def test_search_every_status(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, None, at("09:30"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=1))
    make_time_off(at("11:00"), at("12:00"), dr_chen)

    found = on(MONDAY, dr_chen, every_status=True)

    assert [slot.status for slot in found] == ["booked", "held", "free", "free", "off", "off"]
    assert [slot.is_free for slot in found] == [False, False, True, True, False, False]


def test_search_every_status_of_the_past(dr_chen: Doctor) -> None:
    assert clocks(on(MONDAY - 14 * DAY, dr_chen, every_status=True)) == ALL_HALF_HOURS
    assert on(MONDAY - 14 * DAY, dr_chen) == []
