"""How times are printed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic import when
from clinic.tests.factories import at

BERLIN = ZoneInfo("Europe/Berlin")


def test_full_names_day_clock_and_zone() -> None:
    assert when.full(at("09:30"), BERLIN) == "Mon 1 March 2027, 09:30 (CET)"


def test_full_when_summer_was_booked_in_winter() -> None:  # case 029
    summer = datetime(2027, 7, 5, 7, 0, tzinfo=UTC)

    assert when.full(summer, BERLIN) == "Mon 5 July 2027, 09:00 (CEST)"


def test_full_when_the_hour_comes_twice() -> None:  # case 025: nobody comes an hour early
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)

    printed = [when.full(first + timedelta(hours=hour), BERLIN) for hour in (0, 1)]

    assert printed == ["Sun 31 October 2027, 02:30 (CEST)", "Sun 31 October 2027, 02:30 (CET)"]


@pytest.mark.parametrize(
    ("zone", "name", "day", "clock"),
    [
        ("Asia/Kolkata", "IST", "Tue 2 March 2027", "04:45"),
        ("America/New_York", "EST", "Mon 1 March 2027", "18:15"),
        ("America/Santiago", "UTC-03:00", "Mon 1 March 2027", "20:15"),
        ("Asia/Kathmandu", "UTC+05:45", "Tue 2 March 2027", "05:00"),
        ("Pacific/Kiritimati", "UTC+14:00", "Tue 2 March 2027", "13:15"),
        ("UTC", "UTC", "Mon 1 March 2027", "23:15"),
    ],
)
def test_each_site_has_its_own_clock(zone: str, name: str, day: str, clock: str) -> None:
    moment = datetime(2027, 3, 1, 23, 15, tzinfo=UTC)

    assert when.zone_name(moment, ZoneInfo(zone)) == name
    assert when.day(moment, ZoneInfo(zone)) == day
    assert when.clock(moment, ZoneInfo(zone)) == clock


def test_local_is_the_same_instant() -> None:
    moment = at("09:30")

    assert when.local(moment, BERLIN) == moment
    assert when.local(moment, BERLIN).isoformat() == "2027-03-01T09:30:00+01:00"
