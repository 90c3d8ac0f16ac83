"""Times as programs write them: ISO 8601 with an offset (RFC 3339), and days."""

import re
from datetime import UTC, date, datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Moment = TypeVar("Moment", date, datetime)
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Outside, adding an hour or an offset may leave the calendar."""

INSTANT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]"
    r"(?P<clock>(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?)"
    r"(?P<offset>[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# In a query string an unescaped + arrives as a blank.
LOST_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")


def parse(text: str) -> datetime:
    """The instant (UTC) that ``text`` writes, such as ``2027-03-01T09:30:00+01:00``.

    ValidationError: ``bad_instant`` for anything else, ``no_offset`` for a time that does not say how far it is from
    UTC, ``out_of_range`` for a year outside 1970 to 9000.
    """
    found = INSTANT.fullmatch(text)
    if found is None:
        raise _bad_instant()
    if found["offset"] is None:
        raise ValidationError(_("Give the offset from UTC too, such as 2027-03-01T09:30:00+01:00."), code="no_offset")
    try:
        instant = datetime.fromisoformat(f"{found['day']}T{found['clock']}{found['offset'].upper()}")
    except ValueError:
        raise _bad_instant() from None
    return _within_reach(instant).astimezone(UTC)


def parse_moment(text: str) -> date | datetime:
    """A day (``2027-03-01``), else an instant as for :func:`parse`; a blank before the offset is read as ``+``."""
    if not DAY.fullmatch(text):
        return parse(LOST_PLUS.sub("+", text))
    try:
        return _within_reach(date.fromisoformat(text))
    except ValueError:
        raise _bad_instant() from None


def _within_reach(moment: Moment) -> Moment:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValidationError(_("This day lies too far away."), code="out_of_range")
    return moment


def _bad_instant() -> ValidationError:
    return ValidationError(_("Give a time such as 2027-03-01T09:30:00+01:00."), code="bad_instant")
