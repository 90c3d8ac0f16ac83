"""A doctor's week: his visits, time off, extra hours, and what is still free."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from clinic import grid, when
from clinic.models import Appointment, Doctor, ScheduleException, Site, Status
from clinic.slots import Span
from clinic.slots.calendars import Calendars
from clinic.workspace.places import clock_of, sites_of

A_DAY = timedelta(days=1)
A_WEEK = timedelta(days=7)


class Kind(StrEnum):
    """What an entry is."""

    VISIT = "visit"
    TIME_OFF = "time_off"
    EXTRA_HOURS = "extra_hours"
    FREE = "free"


@dataclass(frozen=True)
class Entry:
    """Something in one day's column, ``[starts_at, ends_at)`` UTC, told by the clock of ``zone``.

    ``site`` is None for time off that concerns all sites; ``is_whole_day`` is true of time off that leaves nothing.
    """

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    site: Site | None = None
    visit: Appointment | None = None
    reason: str = ""
    is_whole_day: bool = False
    names_zone: bool = False
    """Whether the clock is another than that of the page."""

    @property
    def must_be_moved(self) -> bool:
        """Whether it is a visit that waits for another time."""
        if self.visit is None or self.visit.status != Status.SCHEDULED:
            return False
        return any(flag.resolved_at is None for flag in self.visit.to_be_moved.all())

    @property
    def times(self) -> str:
        """Such as ``09:00–12:00``, with the zone where it is another than the page's."""
        if self.is_whole_day:
            return _("All day")
        clocks = f"{when.clock(self.starts_at, self.zone)}–{when.clock(self.ends_at, self.zone)}"
        return f"{clocks} ({when.zone_name(self.starts_at, self.zone)})" if self.names_zone else clocks


@dataclass
class Day:
    """One column: what begins or is on that day of the clocks concerned, earliest first."""

    date: date
    zone: str
    """What people call the zone of the page on that day."""
    entries: list[Entry] = field(default_factory=list)

    @property
    def visits(self) -> int:
        """How many patients are expected or were seen."""
        return sum(entry.kind == Kind.VISIT for entry in self.entries)


def week_of(doctor: Doctor, monday: date, *, by: User, now: datetime) -> list[Day]:
    """The seven days from ``monday``, with what of them ``by`` may see. As many queries for many visits as for few."""
    return Week(doctor, monday, by=by, now=now).days


class Week:
    """Reads the seven days from ``monday``."""

    def __init__(self, doctor: Doctor, monday: date, *, by: User, now: datetime) -> None:
        self.doctor, self.now, self.by = doctor, now, by
        self.sites = sites_of(doctor)
        self.home = clock_of(self.sites)
        self.start, self.end = Span(monday, monday + A_WEEK).anywhere()
        self.days = [self._day(monday + A_DAY * number) for number in range(7)]
        by_date = {day.date: day for day in self.days}
        for entry in (*self._visits(), *self._exceptions(), *self._free()):
            day = by_date.get(when.local(entry.starts_at, entry.zone).date())
            if day is not None:
                day.entries.append(entry)
        for day in self.days:
            day.entries.sort(key=lambda entry: (not entry.is_whole_day, entry.starts_at, entry.kind))

    def _day(self, day: date) -> Day:
        return Day(day, when.zone_name(_midnight(day, self.home), self.home))

    def _entry(self, kind: Kind, starts_at: datetime, ends_at: datetime, site: Site | None, **more: object) -> Entry:
        zone = site.zone if site else self.home
        return Entry(kind, starts_at, ends_at, zone, site, names_zone=zone != self.home, **more)  # type: ignore[arg-type]

    def _visits(self) -> Iterator[Entry]:
        own = Appointment.objects.visible_to(self.by).filter(doctor=self.doctor).exclude(status=Status.CANCELLED)
        around = own.filter(starts_at__gte=self.start, starts_at__lt=self.end)
        for visit in around.with_names().defer("reason", "notes").prefetch_related("to_be_moved"):
            yield self._entry(Kind.VISIT, visit.starts_at, visit.ends_at, visit.site, visit=visit)

    def _exceptions(self) -> Iterator[Entry]:
        """Cut at midnight: each day tells its own part."""
        places = Q(site=None) | Q(site__in=self.sites)
        concerned = ScheduleException.objects.filter(
            Q(doctor=self.doctor) | (Q(doctor=None) & places), ends_at__gt=self.start, starts_at__lt=self.end
        ).select_related("site")
        for exception in concerned:
            zone = exception.site.zone if exception.site else self.home
            kind = Kind(exception.kind)
            for day in self.days:
                first, last = _midnight(day.date, zone), _midnight(day.date + A_DAY, zone)
                start, end = max(first, exception.starts_at), min(last, exception.ends_at)
                # Extra hours are one entry, on the day on which they begin, as visits are.
                if kind == Kind.EXTRA_HOURS:
                    end = exception.ends_at
                    if not first <= exception.starts_at < last:
                        continue
                if start < end:
                    is_whole = kind == Kind.TIME_OFF and (start, end) == (first, last)
                    words = {"reason": exception.reason, "is_whole_day": is_whole}
                    yield self._entry(kind, start, end, exception.site, **words)

    def _free(self) -> Iterator[Entry]:
        """What is left of hours from now on when visits with their buffers, holds and time off are taken out."""
        calendars = Calendars([self.doctor], self.start, self.end, now=self.now)
        for block in calendars.blocks[self.doctor.pk]:
            place: UUID = block.site  # type: ignore[assignment]
            since = max(block.start, grid.seconds(self.now))
            for start, end in calendars.busy(self.doctor.pk, place).leaves(since, block.end):
                yield self._entry(Kind.FREE, grid.instant(start), grid.instant(end), calendars.sites[place])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
