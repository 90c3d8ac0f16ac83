"""What is on the sheet: a column for each doctor of the day, with visits, free times and time off in their order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.db.models import Count, F, Q

from accounts.models import User
from clinic import booking, displacement, slots
from clinic.day_sheet.narrowing import A_DAY, Only, is_in, narrowed, of_day
from clinic.models import (
    Appointment,
    AppointmentQuerySet,
    Doctor,
    ExceptionKind,
    ScheduleException,
    Site,
    Status,
    WeeklyHours,
)
from clinic.slots import Slot, Span

DOCTORS_AT_ONCE = 12
"""More columns nobody looks at side by side; the others are on the next page."""
UNREAD = (
    *("reason", "notes", "cancel_reason", "override_reason"),
    *("patient__insurance_number", "patient__insurance_provider", "patient__emergency_contact", "patient__email"),
)
"""What the sheet does not show is not loaded: why people come is not the desk's business."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, and what the desk wants to know of it. Minutes are whole ones; None where it is not so."""

    kind: ClassVar[str] = "visit"
    appointment: Appointment
    steps: tuple[str, ...]
    late_minutes: int | None
    waiting_minutes: int | None
    must_be_moved: bool

    @property
    def starts_at(self) -> datetime:
        """When it begins (UTC)."""
        return self.appointment.starts_at

    @property
    def may_move(self) -> bool:
        """Whether it makes sense to offer another time."""
        return self.appointment.status == Status.SCHEDULED

    @property
    def is_off(self) -> bool:
        """Whether it takes no time: cancelled, or nobody came."""
        return self.appointment.status in (Status.CANCELLED, Status.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Free:
    """Free times that follow each other."""

    kind: ClassVar[str] = "free"
    slots: tuple[Slot, ...]

    @property
    def starts_at(self) -> datetime:
        """When the first begins (UTC)."""
        return self.slots[0].starts_at


@dataclass(frozen=True, slots=True)
class Away:
    """Time off, as far as it lies within the day (UTC)."""

    kind: ClassVar[str] = "away"
    site: Site
    starts_at: datetime
    ends_at: datetime
    is_all_day: bool


Entry = Visit | Free | Away


@dataclass(frozen=True, slots=True)
class Column:
    """A doctor's day."""

    doctor: Doctor
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How the day stands. ``arrived`` are all who came: waiting, with the doctor, done. The late are expected too."""

    expected: int
    late: int
    arrived: int
    waiting: int
    in_progress: int
    done: int
    no_show: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of ``day`` at ``site`` as of ``now``; ``closures`` are time off of the site or of all.

    ``doctors`` are all of the day, ``columns`` those of this ``page`` of ``pages``.
    """

    site: Site
    day: date
    now: datetime
    counts: Counts
    doctors: tuple[Doctor, ...]
    columns: tuple[Column, ...]
    closures: tuple[Away, ...]
    page: int
    pages: int


def sheet(
    by: User,
    site: Site,
    day: date,
    *,
    now: datetime,
    doctor: UUID | None = None,
    only: str = "",
    words: str = "",
    page: int | None = 1,
) -> Sheet:
    """What ``by`` may see of the day; the number of queries is the same however much is on it.

    ``doctor``, ``only`` (of Only) and ``words`` (name, telephone number, date of birth) narrow the columns; when they
    are narrowed by the latter two, only visits are in them. ``page`` counts from 1; None is all doctors on one, without
    free times.
    """
    visits = of_day(by, site, day)
    doctors = _doctors(visits, site, day, doctor)
    if doctor is not None:
        visits = visits.filter(doctor=doctor)
    found = narrowed(visits, by, now=now, only=only, words=words)
    is_narrowed = only in Only or bool(words.strip())
    shown = [one for one in doctors if doctor in (None, one.pk)]
    if is_narrowed:
        with_visits = set(found.order_by().values_list("doctor", flat=True).distinct())
        shown = [one for one in shown if one.pk in with_visits]
    pages = max(1, -(-len(shown) // DOCTORS_AT_ONCE))
    if page is not None:
        page = min(max(page, 1), pages)
        shown = shown[(page - 1) * DOCTORS_AT_ONCE : page * DOCTORS_AT_ONCE]
    entries: dict[UUID, list[Entry]] = defaultdict(list)
    for visit in _visits(found, shown, site, by=by, now=now):
        entries[visit.appointment.doctor_id].append(visit)
    closures: list[Away] = []
    if not is_narrowed:
        for owner, away in _time_off(shown, site, day):
            (entries[owner] if owner else closures).append(away)
    if page is not None and not is_narrowed:
        bookable, span = [one for one in shown if one.is_bookable], Span(day, day + A_DAY)
        for slot in slots.search(bookable, span, now=now, site=site.pk, every_status=True):
            if slot.is_free and slot.starts_at >= now:
                entries[slot.doctor.pk].append(Free((slot,)))
    return Sheet(
        site=site,
        day=day,
        now=now,
        counts=_counts(visits, now),
        doctors=tuple(doctors),
        columns=tuple(Column(one, _in_order(entries[one.pk])) for one in shown),
        closures=tuple(closures),
        page=page or 1,
        pages=pages if page is not None else 1,
    )


def _doctors(visits: AppointmentQuerySet, site: Site, day: date, asked: UUID | None) -> list[Doctor]:
    """Who has visits or hours at ``site`` on ``day``, and the one who is asked for; by name."""
    start, end = Span(day, day + A_DAY).at(site.zone)
    valid = (Q(valid_from=None) | Q(valid_from__lte=day)) & (Q(valid_until=None) | Q(valid_until__gte=day - A_DAY))
    until_next_day = Q(weekday=(day - A_DAY).weekday(), ends__lt=F("starts"))
    hours = WeeklyHours.objects.filter(valid, Q(weekday=day.weekday()) | until_next_day, site=site)
    extra = ScheduleException.objects.filter(
        kind=ExceptionKind.EXTRA_HOURS, site=site, starts_at__lt=end, ends_at__gt=start
    )
    works = Q(pk__in=hours.values("doctor")) | Q(pk__in=extra.values("doctor"))
    there = Q(pk__in=Doctor.objects.public().filter(works).values("pk"))
    there |= Q(pk__in=visits.order_by().values("doctor")) | Q(pk=asked)
    return list(Doctor.objects.filter(there).select_related("user").defer("bio"))


def _visits(
    found: AppointmentQuerySet, doctors: Sequence[Doctor], site: Site, *, by: User, now: datetime
) -> Iterable[Visit]:
    by_id = {doctor.pk: doctor for doctor in doctors}
    rows = displacement.with_flags(found.filter(doctor__in=by_id)).defer(*UNREAD)
    for row in rows.select_related("patient", "visit_type").order_by("starts_at", "id"):
        # Joined, each row would make a site and a doctor of its own.
        row.site, row.doctor = site, by_id[row.doctor_id]
        yield Visit(
            appointment=row,
            steps=booking.next_steps(row, by=by, now=now),
            late_minutes=_minutes(row.starts_at, now) if row.status == Status.SCHEDULED else None,
            waiting_minutes=_minutes(row.arrived_at, now) if row.status == Status.ARRIVED else None,
            must_be_moved=row.is_waiting,  # type: ignore[attr-defined]  # annotated
        )


def _minutes(since: datetime | None, now: datetime) -> int | None:
    return (now - since) // timedelta(minutes=1) if since is not None and since < now else None


def _time_off(doctors: Sequence[Doctor], site: Site, day: date) -> Iterable[tuple[UUID | None, Away]]:
    """Time off of these doctors, of the site and of all, each with the doctor's id."""
    start, end = Span(day, day + A_DAY).at(site.zone)
    bears = (Q(doctor__in=doctors) | Q(doctor=None)) & (Q(site=site) | Q(site=None))
    rows = ScheduleException.objects.filter(bears, kind=ExceptionKind.TIME_OFF, starts_at__lt=end, ends_at__gt=start)
    for owner, first, last in rows.order_by("starts_at").values_list("doctor", "starts_at", "ends_at"):
        within = max(first, start), min(last, end)
        yield owner, Away(site, *within, is_all_day=within == (start, end))


def _counts(visits: AppointmentQuerySet, now: datetime) -> Counts:
    counted = {state.value: Count("pk", filter=is_in(state, now)) for state in Only if state != Only.TO_BE_MOVED}
    numbers = visits.order_by().aggregate(**counted)
    return Counts(arrived=numbers["waiting"] + numbers["in_progress"] + numbers["done"], **numbers)


def _in_order(entries: list[Entry]) -> tuple[Entry, ...]:
    """By their start; free times that nothing parts are one entry."""
    ordered: list[Entry] = []
    for entry in sorted(entries, key=lambda one: (one.starts_at, one.kind)):
        if isinstance(entry, Free) and ordered and isinstance(ordered[-1], Free):
            ordered[-1] = Free(ordered[-1].slots + entry.slots)
        else:
            ordered.append(entry)
    return tuple(ordered)
