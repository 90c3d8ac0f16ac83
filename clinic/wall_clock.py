"""Reading a time off a site's clock, the other way round from :mod:`clinic.when`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 2000, 2200
"""What lies outside was a slip of the finger; the arithmetic of zones breaks down near the years 1 and 9999."""


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the clock in ``zone`` shows ``wall``, a naive time.

    ValidationError for a time that it skips (``no_such_time``), that it shows twice (``ambiguous_time``), both when
    clocks change, and for a year outside 2000 to 2200 (``bad_date``).
    """
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise ValidationError(
            _("Enter a day between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
            code="bad_date",
        )
    earlier, later = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    if _offset(earlier) < _offset(later):
        raise ValidationError(
            _("On this day the clock skips this time: it goes forward. Choose another."), code="no_such_time"
        )
    if _offset(earlier) > _offset(later):
        raise ValidationError(
            _("On this day the clock shows this time twice: it goes back. Choose another."), code="ambiguous_time"
        )
    return earlier.astimezone(UTC)


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None
    return offset
