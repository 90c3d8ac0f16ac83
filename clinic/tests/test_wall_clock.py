"""Reading a time off a site's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from clinic import wall_clock

BERLIN = ZoneInfo("Europe/Berlin")


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(("shown", "hour"), [("2027-03-01T09:30", 8), ("2027-07-01T09:30", 7)])
def test_instant_in_winter_and_summer(shown: str, hour: int) -> None:
    instant = wall_clock.instant(wall(shown), BERLIN)

    assert (instant.hour, instant.minute, instant.tzinfo) == (hour, 30, UTC)


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        ("2027-03-28T02:30", "no_such_time"),
        ("2027-10-31T02:30", "ambiguous_time"),
        ("0001-01-01T00:00", "bad_date"),
        ("9999-12-31T23:59", "bad_date"),
    ],
)
def test_instant_when_no_one_moment_is_meant(shown: str, code: str) -> None:  # case 150
    with pytest.raises(ValidationError) as refused:
        wall_clock.instant(wall(shown), BERLIN)

    assert refused.value.code == code
