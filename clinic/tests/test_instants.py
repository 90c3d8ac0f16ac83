"""Reading times that programs write."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from clinic import instants

HALF_PAST_NINE = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("2027-03-01T09:30:00+01:00", "2027-03-01T09:30+0100", "2027-03-01t08:30:00z", "2027-03-01 08:30:00.000Z"),
        *("2027-03-01T08:30:00-00:00", "2027-02-28T22:30:00-10:00"),
    ],
)
def test_parse_an_instant(text: str) -> None:
    assert instants.parse(text) == HALF_PAST_NINE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2027-03-01T09:30:00", "no_offset"),
        ("2027-03-01T09:30:00+24:00", "bad_instant"),
        ("2027-03-01T09:30:00+1:00", "bad_instant"),
        ("2027-03-01T09:30:00 01:00", "bad_instant"),
        ("2027-13-01T09:30:00Z", "bad_instant"),
        ("2027-03-01T09:30:00Z ", "bad_instant"),
        ("1969-12-31T23:59:59Z", "out_of_range"),
        ("9001-01-01T00:00:00Z", "out_of_range"),
    ],
)
def test_parse_what_is_no_instant(text: str, code: str) -> None:  # case 150
    with pytest.raises(ValidationError) as refused:
        instants.parse(text)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-01", date(2027, 3, 1)),
        ("2027-03-01T09:30:00+01:00", HALF_PAST_NINE),
        ("2027-03-01T09:30:00 01:00", HALF_PAST_NINE),
        ("2027-03-01 09:30 0100", HALF_PAST_NINE),
    ],
)
def test_parse_moment_of_either_kind(text: str, moment: date | datetime) -> None:
    assert instants.parse_moment(text) == moment


@given(st.text() | st.from_regex(instants.INSTANT) | st.from_regex(instants.DAY))
def test_parse_never_fails_otherwise(text: str) -> None:
    codes = {_code(parse, text) for parse in (instants.parse, instants.parse_moment)}

    assert codes <= {"bad_instant", "no_offset", "out_of_range", None}


def _code(parse: Callable[[str], date | datetime], text: str) -> str | None:
    try:
        parse(text)
    except ValidationError as refused:
        return refused.code
    return None
