"""A time zone's rules for a calendar file (RFC 5545, 3.6.5), as the zone database tells them for certain years.

icalendar draws them too, but lets summer time begin at the first moment after the gap, as the clock shows it then: an
hour too late for whoever reckons from UTC.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NONE = timedelta(0)


def rules(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """What holds in ``zone`` between two instants, and from the year before to the end of the year after: the offset at
    the beginning, then each change by itself."""
    found = Timezone()
    found.add("tzid", zone.key)
    for onset, before in _onsets(zone, first.year - 1, last.year + 2):
        after = onset.astimezone(zone)
        part = TimezoneDaylight() if after.dst() else TimezoneStandard()
        # What the clock would show at this moment if it had not been changed.
        part.DTSTART = (onset + before).replace(tzinfo=None)
        part.TZOFFSETFROM, part.TZOFFSETTO = before, _offset(onset, zone)
        part.add("tzname", after.tzname())
        found.add_component(part)
    return found


@lru_cache(maxsize=64)
def _onsets(zone: ZoneInfo, first_year: int, end_year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """The instants (UTC) from which another offset holds, and the offset before each; the beginning first."""
    start, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(end_year, 1, 1, tzinfo=UTC)
    return ((start, _offset(start, zone)), *_changes(zone, start, end))


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, timedelta]]:
    before = start
    while before < end:
        after = before + DAY
        if _offset(before, zone) != _offset(after, zone):
            yield _change_between(zone, before, after), _offset(before, zone)
        before = after


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second with the offset of ``after``."""
    old = _offset(before, zone)
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or NONE
