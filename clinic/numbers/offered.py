"""What is offered: hours and extra hours, less time off."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic import grid
from clinic.models import Doctor, Site
from clinic.numbers.rows import ALL, Grouping
from clinic.slots.calendars import Calendars, Span


def offered(
    grouping: Grouping, mondays: list[date], spans: dict[ZoneInfo, tuple[datetime, datetime]]
) -> dict[Any, int]:
    """Minutes of hours and extra hours that begin in the period, less time off; of all at ALL.

    Of doctors who are bookable today. What is offered twice at one time counts once, where it begins first.
    """
    minutes: dict[Any, int] = defaultdict(int)
    if not spans:
        return minutes
    doctors = list(Doctor.objects.public().select_related("user"))
    first, last = min(start for start, _end in spans.values()), max(end for _start, end in spans.values())
    calendars = Calendars(doctors, first, last, now=first, visits=False)
    departments = _departments() if grouping == Grouping.DEPARTMENT else {}
    limits = {zone: (grid.seconds(since), grid.seconds(until)) for zone, (since, until) in spans.items()}
    weeks = {zone: [grid.seconds(Span(monday, monday).at(zone)[0]) for monday in mondays] for zone in spans}
    for doctor, site, begins, length in _worked(calendars):
        minutes_of: list[Any] = [ALL]
        since, until = limits[site.zone]
        if not since <= begins < until:
            continue
        if grouping == Grouping.WEEK:
            minutes_of.append(mondays[bisect_right(weeks[site.zone], begins) - 1])
        elif grouping == Grouping.DEPARTMENT:
            minutes_of += departments.get(doctor, [None])
        else:
            minutes_of.append(doctor if grouping == Grouping.DOCTOR else site.pk)
        for of in minutes_of:
            minutes[of] += length
    return minutes


def _departments() -> dict[UUID, list[UUID]]:
    """Which departments each doctor is of."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for doctor, department in Doctor.departments.through.objects.values_list("doctor", "department"):
        found[doctor].append(department)
    return found


def _worked(calendars: Calendars) -> Iterator[tuple[UUID, Site, int, int]]:
    """Each working period less time off: whose, where, from when (seconds since 1970), how many minutes of it."""
    for doctor, blocks in calendars.blocks.items():
        off = {site: calendars.busy(doctor, site) for site in {block.site for block in blocks}}  # type: ignore[arg-type]
        reached = 0
        for block in blocks:
            start = max(block.start, reached)
            if start >= block.end:
                continue
            reached = block.end
            left = sum(until - since for since, until in off[block.site].leaves(start, block.end))
            yield doctor, calendars.sites[block.site], block.start, left // 60  # type: ignore[index]
