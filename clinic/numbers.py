"""How much is booked and how much is offered: numbers for administrators, about nobody in particular.

A visit counts where and in the week in which it begins, on its site's clock. All sums are the database's; what is
offered is worked out from the hours as they stand today, since nobody writes down what they were.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Case, CharField, Count, DateField, DurationField, ExpressionWrapper, F, Q, Sum, Value, When
from django.db.models import Window as Over
from django.db.models.functions import Cast, RowNumber, TruncWeek
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import staffing
from accounts.models import User
from clinic import grid
from clinic.models import Appointment, AppointmentQuerySet, Department, Doctor, Site, Status
from clinic.slots.calendars import Calendars, Span

LONGEST: Final = timedelta(days=366)
FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)
A_WEEK: Final = timedelta(weeks=1)
ALL: Final = ""
"""The key of what is in all rows together; None is that of doctors without a department."""


class Grouping(models.TextChoices):
    """By what the numbers are told apart."""

    WEEK = "week", gettext_lazy("Week")
    DOCTOR = "doctor", gettext_lazy("Doctor")
    DEPARTMENT = "department", gettext_lazy("Department")
    SITE = "site", gettext_lazy("Site")


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of one doctor, department, site or week; ``key`` is an id, or the week's Monday.

    ``bookings`` are visits, whatever became of them; ``booked_minutes`` those of visits that were not cancelled;
    ``lead_days`` the median of the days from booking to visit of those.
    """

    key: str
    label: str
    bookings: int = 0
    cancellations: int = 0
    no_shows: int = 0
    booked_minutes: int = 0
    offered_minutes: int = 0
    lead_days: float | None = None

    @property
    def utilisation(self) -> float | None:
        """Booked minutes by offered ones, above 1 if more was booked than offered; None if nothing was offered."""
        return self.booked_minutes / self.offered_minutes if self.offered_minutes else None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The rows of a period ``[start, end)``, and all of it in one; a doctor of two departments counts in both."""

    grouping: Grouping
    start: date
    end: date
    rows: list[Row]
    total: Row


def count(start: date, end: date, grouping: Grouping, *, by: User) -> Numbers:
    """The numbers of the days ``[start, end)``, in a number of queries that grows with nothing.

    ValidationError at ``to`` (``bad_span``, ``too_long``) unless it is a day to a year; PermissionDenied unless ``by``
    is an administrator.
    """
    if not staffing.is_administrator(by):
        raise PermissionDenied
    _check(start, end)
    sites = list(Site.objects.order_by("name"))
    spans = {zone: Span(start, end).at(zone) for zone in {site.zone for site in sites}}
    visits = _visits(spans)
    key = _key(grouping, list(spans))
    offered = _offered(grouping, list(_mondays(start, end)), spans)
    labels = _labels(grouping, start, end, sites)
    found = _told(visits, key, offered, labels)
    everything = _told(visits, Value(ALL, output_field=CharField()), offered, {ALL: _("All")})
    rows = found.values() if grouping == Grouping.WEEK else sorted(found.values(), key=lambda row: row.label.casefold())
    return Numbers(grouping, start, end, list(rows), everything[ALL])


def _check(start: date, end: date) -> None:
    code, message = "", ""
    if not (FIRST <= start < LAST and FIRST < end <= LAST and start < end):
        code, message = "bad_span", _("The end must lie after the start.")
    elif end - start > LONGEST:
        code, message = "too_long", _("Ask for at most a year at once.")
    if code:
        raise ValidationError({"to": ValidationError(message, code=code)})


def _visits(spans: dict[ZoneInfo, tuple[datetime, datetime]]) -> AppointmentQuerySet:
    """Those that begin in the period, on the clocks of their sites."""
    if not spans:
        return Appointment.objects.none()
    there = Q()
    for zone, (start, end) in spans.items():
        there |= Q(site__time_zone=zone.key, starts_at__gte=start, starts_at__lt=end)
    # The outer bounds are for the index.
    first, last = min(start for start, _end in spans.values()), max(end for _start, end in spans.values())
    visits = Appointment.objects.filter(there, starts_at__gte=first, starts_at__lt=last)
    return visits.exclude(status=Status.HELD).order_by()


def _key(grouping: Grouping, zones: list[ZoneInfo]) -> Any:
    """What tells the rows apart, in SQL."""
    if grouping != Grouping.WEEK:
        return F({"doctor": "doctor_id", "site": "site_id", "department": "doctor__departments"}[grouping])
    weeks = (
        # Inside a CASE nobody makes a day of the instant that PostgreSQL cuts off: hence the cast.
        When(site__time_zone=zone.key, then=Cast(TruncWeek("starts_at", tzinfo=zone), DateField()))
        for zone in zones
    )
    return Case(*weeks, output_field=DateField())


def _told(visits: AppointmentQuerySet, key: Any, offered: dict[Any, int], labels: dict[Any, str]) -> dict[Any, Row]:
    """A row for each label, and for each key that has visits."""
    kept = ~Q(status=Status.CANCELLED)
    length = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    sums = (
        visits.annotate(of=key)
        .values("of")
        .annotate(
            bookings=Count("pk"),
            cancellations=Count("pk", filter=~kept),
            no_shows=Count("pk", filter=Q(status=Status.NO_SHOW)),
            booked=Sum(length, filter=kept),
        )
    )
    counts = {row.pop("of"): row for row in sums}
    leads = _leads(visits.filter(kept), key)
    found = {}
    for of in [*labels, *(of for of in counts if of not in labels)]:
        row = counts.get(of, {})
        booked = row.pop("booked", None) or timedelta()
        found[of] = Row(
            key=str(of) if of is not None else "",
            label=labels.get(of) or _("Without department"),
            booked_minutes=int(booked.total_seconds()) // 60,
            offered_minutes=offered.get(of, 0),
            lead_days=leads.get(of),
            **row,
        )
    return found


def _leads(visits: AppointmentQuerySet, key: Any) -> dict[Any, float]:
    """The median of the days from booking to visit: the one or two in the middle, by window functions, since only one
    of the databases has a median."""
    lead = ExpressionWrapper(F("starts_at") - F("created_at"), output_field=DurationField())
    ranked = visits.annotate(
        of=key,
        lead=lead,
        off_the_middle=Over(RowNumber(), partition_by=[F("of")], order_by=[F("lead").asc(), F("pk").asc()]) * 2
        - Over(Count("pk"), partition_by=[F("of")]),
    )
    middle: dict[Any, list[float]] = defaultdict(list)
    for of, days in ranked.filter(off_the_middle__gte=0, off_the_middle__lte=2).values_list("of", "lead"):
        middle[of].append(max(0.0, days / timedelta(days=1)))
    return {of: round(mean(days), 1) for of, days in middle.items()}


def _labels(grouping: Grouping, start: date, end: date, sites: list[Site]) -> dict[Any, str]:
    """What is listed even if nothing was booked there."""
    if grouping == Grouping.SITE:
        return {site.pk: site.name for site in sites}
    if grouping == Grouping.DEPARTMENT:
        return dict(Department.objects.values_list("pk", "name"))
    if grouping == Grouping.DOCTOR:
        return {doctor.pk: str(doctor) for doctor in Doctor.objects.select_related("user")}
    return {monday: formats.date_format(monday, "j F Y") for monday in _mondays(start, end)}


def _mondays(start: date, end: date) -> Iterator[date]:
    """Of all weeks that the days touch."""
    monday = start - timedelta(days=start.weekday())
    while monday < end:
        yield monday
        monday += A_WEEK


def _offered(
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
            left, since = 0, start
            for away_from, away_until, _label in off[block.site].touching(start, block.end):
                left += max(0, away_from - since)
                since = max(since, away_until)
            left += max(0, block.end - since)
            yield doctor, calendars.sites[block.site], block.start, left // 60  # type: ignore[index]
