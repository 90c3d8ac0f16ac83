"""What is free, told the slow way: minute by minute, with a clock on the wall and a list of what is taken.

Written against docs and design only, so that it shares no idea, and no mistake, with the code that it judges. All
instants are aware and at whole minutes.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Weekly hours on the wall clock of ``site``; an end before the start lies on the next day."""

    site: str
    zone: str
    weekday: int
    starts: time
    ends: time
    step: int
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class Extra:
    """Extra hours between two instants."""

    site: str
    starts_at: datetime
    ends_at: datetime
    step: int


@dataclass(frozen=True)
class Off:
    """Time off between two instants; at every site if none is named."""

    starts_at: datetime
    ends_at: datetime
    site: str | None = None


@dataclass(frozen=True)
class Taken:
    """What somebody else has, buffers included."""

    starts_at: datetime
    ends_at: datetime


@dataclass
class Calendar:
    """One doctor's."""

    hours: list[Hours] = field(default_factory=list)
    extra: list[Extra] = field(default_factory=list)
    off: list[Off] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)


def minutes(start: datetime, end: datetime) -> list[datetime]:
    """Every minute of ``[start, end)``."""
    found, minute = [], start.astimezone(UTC)
    while minute < end:
        found.append(minute)
        minute += MINUTE
    return found


def is_worked(hours: Hours, day: date, shown: datetime) -> bool:
    """Whether the hours that begin on ``day`` are worked when the wall clock shows ``shown`` (naive)."""
    if day.weekday() != hours.weekday:
        return False
    if hours.valid_from and day < hours.valid_from:
        return False
    if hours.valid_until and day > hours.valid_until:
        return False
    if hours.ends > hours.starts:
        return shown.date() == day and hours.starts <= shown.time() < hours.ends
    if shown.date() == day:
        return shown.time() >= hours.starts
    return shown.date() == day + ONE_DAY and shown.time() < hours.ends


def periods(calendar: Calendar, every_minute: list[datetime]) -> list[tuple[list[datetime], int, str]]:
    """Unbroken runs of worked minutes, with the step of their starts and the site."""
    found = [(minutes(one.starts_at, one.ends_at), one.step, one.site) for one in calendar.extra]
    for hours in calendar.hours:
        zone = ZoneInfo(hours.zone)
        runs: dict[date, list[list[datetime]]] = {}
        for minute in every_minute:
            shown = minute.astimezone(zone).replace(tzinfo=None)
            for day in (shown.date() - ONE_DAY, shown.date()):
                if is_worked(hours, day, shown):
                    of_day = runs.setdefault(day, [])
                    if of_day and of_day[-1][-1] + MINUTE == minute:
                        of_day[-1].append(minute)
                    else:
                        of_day.append([minute])
        found += [(run, hours.step, hours.site) for of_day in runs.values() for run in of_day]
    return found


def meets(start: datetime, end: datetime, other: Off | Taken) -> bool:
    """Whether two half-open intervals share any time."""
    return start < other.ends_at and other.starts_at < end


def free(
    calendar: Calendar, start: datetime, end: datetime, *, length: int | None = None, before: int = 0, after: int = 0
) -> list[tuple[datetime, datetime, str]]:
    """Every free visit that begins in ``[start, end)``: from when, until when, where; earliest first.

    ``length``, ``before`` and ``after`` are minutes; a visit without a length lasts one step. Where two periods offer
    the same start, the one that began first has it.
    """
    found: dict[datetime, tuple[datetime, datetime, str]] = {}
    runs = periods(calendar, minutes(start - 2 * ONE_DAY, end + 2 * ONE_DAY))
    for run, step, site in sorted(runs, key=lambda one: (one[0][0], one[0][-1], one[2])):
        lasts = length or step
        for position in range(0, len(run) - lasts + 1, step):
            begins = run[position]
            ends = begins + lasts * MINUTE
            away = any(meets(begins, ends, off) for off in calendar.off if off.site in (None, site))
            busy = any(meets(begins - before * MINUTE, ends + after * MINUTE, taken) for taken in calendar.taken)
            if start <= begins < end and not away and not busy:
                found.setdefault(begins, (begins, ends, site))
    return sorted(found.values())
