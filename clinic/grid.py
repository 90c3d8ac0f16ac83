"""Which starts a calendar offers: arithmetic on whole numbers, no database, no framework.

Instants are seconds since 1970-01-01T00:00Z; intervals are half-open ``(start, end)``. Weekly hours are wall-clock
times: an instant lies in them if the site's clock shows a time within them at that instant. From that follows what
happens when clocks change: a time that the clock skips is never offered, a repeated hour is offered twice, and every
slot is real minutes because starts step in UTC.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Interval = tuple[int, int]
UTC_ZONE = ZoneInfo("UTC")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 wall clocks are naive

FREE, BOOKED, HELD, OFF = "free", "booked", "held", "off"


@dataclass(frozen=True, slots=True)
class Block:
    """A working period ``[start, end)`` at ``site`` whose starts step by ``step`` seconds from ``start``."""

    start: int
    end: int
    step: int
    site: Hashable


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit needs, in seconds. ``length`` None means the block's step."""

    length: int | None = None
    before: int = 0
    after: int = 0

    def lasts(self, block: Block) -> int:
        """The visit's length in ``block``."""
        return self.length or block.step


@dataclass(frozen=True, slots=True)
class Candidate:
    """A start on the grid: the visit is ``[start, end)``; status is free, booked, held or off."""

    start: int
    end: int
    site: Hashable
    status: str


class Busy:
    """Disjoint or overlapping intervals, each with a label, asked for what touches an interval."""

    def __init__(self, intervals: Iterable[tuple[int, int, str]]) -> None:
        self.rows = sorted(intervals)
        self.starts = [row[0] for row in self.rows]
        self.longest = max((end - start for start, end, _label in self.rows), default=0)

    def touching(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """The intervals that share time with ``[start, end)``."""
        first = bisect_left(self.starts, start - self.longest)
        for row in self.rows[first : bisect_left(self.starts, end)]:
            if row[1] > start:
                yield row

    def leaves(self, start: int, end: int) -> Iterator[Interval]:
        """What these intervals leave of ``[start, end)``, earliest first."""
        # The rows come in the order of their starts.
        for since, until, _label in self.touching(start, end):
            if start < since:
                yield start, since
            start = max(start, until)
        if start < end:
            yield start, end


def seconds(instant: datetime) -> int:
    """An aware datetime as whole seconds since 1970 (rounded down)."""
    return int(instant.timestamp() // 1)


def seconds_up(instant: datetime) -> int:
    """Likewise, rounded up."""
    return seconds(instant + timedelta(microseconds=999_999))


def instant(value: int) -> datetime:
    """Seconds since 1970 as an aware datetime in UTC."""
    return datetime.fromtimestamp(value, tz=UTC)


def _offset(zone: ZoneInfo, at: int) -> int:
    """How far the zone's clock is ahead of UTC at an instant, in seconds."""
    offset = instant(at).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _offsets(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Stretches ``(from, until, offset)`` of constant offset that make up ``[start, end)``."""
    since = start
    while since < end:
        offset, until = _offset(zone, since), since
        while until < end and _offset(zone, min(until + 3600, end)) == offset:
            until += 3600
        low, high = until, min(until + 3600, end)
        while low < high:  # the first instant of another offset lies in (low, high]
            middle = (low + high) // 2
            low, high = (low, middle) if _offset(zone, middle) != offset else (middle + 1, high)
        yield since, min(low, end), offset
        since = low


@lru_cache(maxsize=50_000)
def wall_intervals(zone: ZoneInfo, starts: datetime, ends: datetime) -> tuple[Interval, ...]:
    """The instants at which ``zone``'s clock shows a time in ``[starts, ends)``, both naive; seldom two intervals."""
    naive_start, naive_end = (int((wall - EPOCH).total_seconds()) for wall in (starts, ends))
    edges = [wall.replace(tzinfo=zone, fold=fold).utcoffset() for wall in (starts, ends) for fold in (0, 1)]
    if len(set(edges)) == 1:
        assert edges[0] is not None
        shift = int(edges[0].total_seconds())
        return ((naive_start - shift, naive_end - shift),)
    found: list[Interval] = []
    day = 86_400
    for since, until, offset in _offsets(zone, naive_start - day, naive_end + day):
        start, end = max(since, naive_start - offset), min(until, naive_end - offset)
        if start < end and found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        elif start < end:
            found.append((start, end))
    return tuple(found)


def against(start: int, visit: Visit, block: Block, busy: Busy) -> Iterator[tuple[int, int, str]]:
    """What stands against a visit that begins at ``start`` in ``block``, as ``(start, end, label)``.

    Time off must not touch the visit; what is booked or held must touch neither the visit nor its buffers.
    """
    end = start + visit.lasts(block)
    for row in busy.touching(start - visit.before, end + visit.after):
        if row[2] != OFF or (row[0] < end and row[1] > start):
            yield row


def verdict(start: int, visit: Visit, block: Block, busy: Busy) -> str:
    """The worst of what stands against it: time off first, then bookings, then holds; free if there is nothing."""
    found = FREE
    for _start, _end, label in against(start, visit, block, busy):
        if label == OFF:
            return OFF
        if label == BOOKED or found == FREE:
            found = label
    return found


def candidates(
    blocks: Iterable[Block], busy: Mapping[Hashable, Busy], visit: Visit, within: Interval
) -> list[Candidate]:
    """Every start on the grid of ``blocks`` in ``within``, earliest first; what is ``busy`` is told by site.

    Each instant is offered once: where blocks overlap, the first of them counts whose start is free, as in booking.
    """
    found: dict[int, Candidate] = {}
    for block in blocks:
        length = visit.lasts(block)
        skipped = max(0, -(-(within[0] - block.start) // block.step))
        for start in range(block.start + skipped * block.step, min(block.end - length + 1, within[1]), block.step):
            known = found.get(start)
            if known is not None and known.status == FREE:
                continue
            candidate = Candidate(start, start + length, block.site, verdict(start, visit, block, busy[block.site]))
            if known is None or candidate.status == FREE:
                found[start] = candidate
    return sorted(found.values(), key=lambda candidate: candidate.start)


def days(first: datetime, last: datetime) -> Iterator[datetime]:
    """Naive midnights from ``first``'s day to ``last``'s, both included."""
    day = datetime.combine(first, time())
    while day <= last:
        yield day
        day += timedelta(days=1)
