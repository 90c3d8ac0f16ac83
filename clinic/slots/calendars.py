"""What bears on doctors' time, read in a few queries for any number of them; the arithmetic is :mod:`clinic.grid`'s."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from clinic import grid
from clinic.models import Appointment, Doctor, ExceptionKind, ScheduleException, Site, Status, VisitType, WeeklyHours
from clinic.models.appointment import LONGEST

ZONES_APART = timedelta(hours=15)
"""No place on earth is farther from UTC."""
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Farther no span reaches, whatever is asked."""
FARTHEST = timedelta(days=5 * 366)
"""Nobody, staff included, looks or books farther ahead."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A start in a doctor's calendar: ``[starts_at, ends_at)`` UTC; status is free, booked, held or off."""

    doctor: Doctor
    site: Site
    visit_type: VisitType | None
    starts_at: datetime
    ends_at: datetime
    status: str

    @property
    def is_free(self) -> bool:
        """Whether it can be booked."""
        return self.status == grid.FREE


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, half-open: instants, or days, which begin at midnight of each site."""

    start: date | datetime
    end: date | datetime

    def at(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The span as instants, as a site in ``zone`` understands it."""
        return _midnight(self.start, zone), _midnight(self.end, zone)

    def anywhere(self) -> tuple[datetime, datetime]:
        """Instants between which the span lies in every zone."""
        start, end = self.at(ZoneInfo("UTC"))
        before = timedelta() if isinstance(self.start, datetime) else ZONES_APART
        after = timedelta() if isinstance(self.end, datetime) else ZONES_APART
        return start - before, end + after


def _midnight(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:  # near the ends of the calendar the arithmetic would overflow
        return datetime(min(max(moment.year, FIRST_YEAR), LAST_YEAR), 1, 1, tzinfo=UTC)
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime.combine(moment, time(), tzinfo=zone).astimezone(UTC)


def bookable_window(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants ``[first, last)`` that a patient may book at a site in ``zone``.

    From BOOKING_MIN_NOTICE_MINUTES after ``now`` to the end of the site's day BOOKING_HORIZON_DAYS after today.
    """
    first = now + timedelta(minutes=settings.BOOKING_MIN_NOTICE_MINUTES)
    last_day = now.astimezone(zone).date() + timedelta(days=settings.BOOKING_HORIZON_DAYS + 1)
    return first, _midnight(last_day, zone)


def visible_window(now: datetime, *, every_status: bool) -> tuple[datetime, datetime]:
    """Between which instants looking for slots makes sense: what lies outside is not computed."""
    if every_status:
        return now - FARTHEST, now + FARTHEST
    return now, now + timedelta(days=settings.BOOKING_HORIZON_DAYS + 2)


def worked(hours: WeeklyHours, days: Iterable[datetime]) -> Iterator[grid.Interval]:
    """When ``hours`` are worked on those of ``days`` (naive midnights, each of its weekday) on which they are valid."""
    for day in days:
        if (hours.valid_from and day.date() < hours.valid_from) or (
            hours.valid_until and day.date() > hours.valid_until
        ):
            continue
        starts = datetime.combine(day, hours.starts)
        ends = datetime.combine(day + timedelta(days=hours.ends < hours.starts), hours.ends)
        yield from grid.wall_intervals(hours.site.zone, starts, ends)


@dataclass(frozen=True, slots=True)
class Supposed:
    """Hours and exceptions as they would be: they take the place of those with the same ids, and of ``without``."""

    hours: tuple[WeeklyHours, ...] = ()
    exceptions: tuple[ScheduleException, ...] = ()
    without: frozenset[UUID] = frozenset()

    @property
    def replaced(self) -> set[UUID]:
        """The ids of the rows that do not count as they are."""
        return {*self.without, *(row.pk for row in (*self.hours, *self.exceptions))}


AS_IT_IS = Supposed()


class Calendars:
    """What bears on some doctors between two instants, read in three queries, and their sites.

    ``ignoring`` are appointments that do not stand in the way: one that is moved, holds that are given up.
    ``supposed`` is what would be so, and is not in the database (yet).
    Without ``visits`` none is read: then these are hours less time off.
    """

    def __init__(
        self,
        doctors: Iterable[Doctor],
        start: datetime,
        end: datetime,
        *,
        now: datetime,
        ignoring: Collection[UUID] = (),
        supposed: Supposed = AS_IT_IS,
        visits: bool = True,
    ) -> None:
        self.doctors = list(doctors)
        self.start, self.end, self.now, self.ignoring, self.supposed = start, end, now, ignoring, supposed
        ids = [doctor.pk for doctor in self.doctors]
        self.sites: dict[UUID, Site] = {}
        self.blocks: dict[UUID, list[grid.Block]] = defaultdict(list)
        self._closures: dict[UUID | None, list[tuple[UUID | None, int, int]]] = defaultdict(list)
        self._busy: dict[UUID, list[tuple[int, int, str]]] = defaultdict(list)
        self._read_hours(ids)
        self._read_exceptions(ids)
        if visits:
            self._read_appointments(ids)
        for blocks in self.blocks.values():
            blocks.sort(key=lambda block: (block.start, block.end, str(block.site)))

    def _read_hours(self, ids: list[UUID]) -> None:
        first, last = (self.start - timedelta(days=2)).date(), (self.end + timedelta(days=1)).date()
        valid = Q(valid_from=None) | Q(valid_from__lte=last), Q(valid_until=None) | Q(valid_until__gte=first)
        by_weekday: dict[int, list[datetime]] = defaultdict(list)
        for day in grid.days(datetime.combine(first, time()), datetime.combine(last, time())):
            by_weekday[day.weekday()].append(day)
        found = WeeklyHours.objects.filter(*valid, doctor__in=ids, weekday__in=list(by_weekday))
        rows = [hours for hours in found if hours.pk not in self.supposed.replaced]
        rows += [hours for hours in self.supposed.hours if hours.doctor_id in ids]
        # Joined, each row would make a site of its own and parse its telephone number, which takes most of the time.
        self.sites.update(Site.objects.in_bulk({hours.site_id for hours in rows}))
        for hours in rows:
            hours.site = self.sites[hours.site_id]
            for start, end in worked(hours, by_weekday[hours.weekday]):
                self._add_block(hours.doctor_id, start, end, hours.slot_minutes, hours.site)

    def _read_exceptions(self, ids: list[UUID]) -> None:
        concerned = ScheduleException.objects.filter(
            Q(doctor__in=ids) | Q(doctor=None), ends_at__gt=self.start, starts_at__lt=self.end + LONGEST
        ).select_related("site")
        counting = [exception for exception in concerned if exception.pk not in self.supposed.replaced]
        for exception in (*counting, *self.supposed.exceptions):
            start, end = grid.seconds(exception.starts_at), grid.seconds_up(exception.ends_at)
            if exception.kind == ExceptionKind.TIME_OFF:
                self._closures[exception.doctor_id].append((exception.site_id, start, end))
            elif exception.doctor_id and exception.site:
                site = self.sites.setdefault(exception.site.pk, exception.site)
                self._add_block(exception.doctor_id, start, end, exception.slot_minutes, site)

    def _add_block(self, doctor: UUID, start: int, end: int, minutes: int, site: Site) -> None:
        start += -start % 60  # visits start at whole minutes, extra hours may not
        if end > grid.seconds(self.start) and start < grid.seconds_up(self.end):
            self.blocks[doctor].append(grid.Block(start, end, minutes * 60, site.pk))

    def _read_appointments(self, ids: list[UUID]) -> None:
        occupying = Appointment.objects.filter(doctor__in=ids).occupying(self.start - LONGEST, self.end + LONGEST)
        if self.ignoring:
            occupying = occupying.exclude(pk__in=self.ignoring)
        rows = occupying.without_expired_holds(self.now).values_list(
            "doctor_id", "occupied_from", "occupied_until", "status"
        )
        for doctor, start, end, status in rows:
            label = grid.HELD if status == Status.HELD else grid.BOOKED
            self._busy[doctor].append((grid.seconds(start), grid.seconds_up(end), label))

    def busy(self, doctor: UUID, site: UUID) -> grid.Busy:
        """What stands in the way of a visit to ``doctor`` at ``site``."""
        closures = self._closures[doctor] + self._closures[None]
        off = [(start, end, grid.OFF) for of_site, start, end in closures if of_site in (None, site)]
        return grid.Busy(self._busy[doctor] + off)

    def slots(
        self,
        doctor: Doctor,
        span: Span,
        visit_type: VisitType | None,
        *,
        site: UUID | None = None,
        every_status: bool = False,
    ) -> list[Slot]:
        """The doctor's slots in ``span`` and in these calendars, earliest first.

        Those free for a patient: notice and horizon are looked at; with ``every_status`` all of the grid.
        """
        blocks = self.blocks[doctor.pk]
        places = {block.site: self.sites[block.site] for block in blocks}  # type: ignore[index]
        busy = {place: self.busy(doctor.pk, place) for place in places}  # type: ignore[arg-type]
        within = {place: self._within(span, known.zone, every_status) for place, known in places.items()}
        here = grid.seconds_up(self.start), grid.seconds_up(self.end)
        found = grid.candidates(blocks, busy, needs(visit_type), here)
        return [
            Slot(doctor, places[one.site], visit_type, grid.instant(one.start), grid.instant(one.end), one.status)
            for one in found
            if site in (None, one.site)
            and (every_status or one.status == grid.FREE)
            and within[one.site][0] <= one.start < within[one.site][1]
        ]

    def _within(self, span: Span, zone: ZoneInfo, every_status: bool) -> grid.Interval:
        """The span as a site in ``zone`` understands it, for patients as far as they may book there."""
        start, end = span.at(zone)
        if not every_status:
            first, last = bookable_window(self.now, zone)
            start, end = max(start, first), min(end, last)
        return grid.seconds_up(start), grid.seconds_up(end)


def needs(visit_type: VisitType | None) -> grid.Visit:
    """The visit type's length and buffers in seconds; without one, a visit as long as the block's slot."""
    if visit_type is None:
        return grid.Visit()
    return grid.Visit(visit_type.minutes * 60, visit_type.buffer_before * 60, visit_type.buffer_after * 60)
