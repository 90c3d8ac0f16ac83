"""What is booked, in SQL that both databases understand."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, CharField, Count, DateField, DurationField, ExpressionWrapper, F, Q, Sum, Value, When
from django.db.models import Window as Over
from django.db.models.functions import Cast, RowNumber, TruncWeek
from django.utils import formats
from django.utils.translation import gettext as _

from accounts import staffing
from accounts.models import User
from clinic.models import Appointment, AppointmentQuerySet, Department, Doctor, Site, Status
from clinic.numbers.offered import offered
from clinic.numbers.rows import A_WEEK, ALL, Grouping, Numbers, Row, mondays
from clinic.slots.calendars import Span

LONGEST: Final = timedelta(days=366)
FIRST, LAST = date(2000, 1, 1), date(2200, 1, 1)


def usual(now: datetime) -> tuple[date, date]:
    """The days ``[start, end)`` to begin with: twelve weeks, four of them to come."""
    monday = now.date() - timedelta(days=now.weekday())
    return monday - 8 * A_WEEK, monday + 4 * A_WEEK


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
    minutes = offered(grouping, list(mondays(start, end)), spans)
    labels = _labels(grouping, start, end, sites)
    found = _told(visits, key, minutes, labels)
    everything = _told(visits, Value(ALL, output_field=CharField()), minutes, {ALL: _("All")})
    rows = found.values() if grouping == Grouping.WEEK else sorted(found.values(), key=lambda row: row.label.casefold())
    return Numbers(grouping, start, end, list(rows), everything[ALL])


def _check(start: date, end: date) -> None:
    code, message = "", ""
    if start < FIRST or end > LAST:
        years = {"first": FIRST.year, "last": LAST.year - 1}
        code, message = "bad_span", _("Ask for days between %(first)d and %(last)d.") % years
    elif end <= start:
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


def _told(visits: AppointmentQuerySet, key: Any, minutes: dict[Any, int], labels: dict[Any, str]) -> dict[Any, Row]:
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
    counts: dict[Any, dict[str, Any]] = {row["of"]: dict(row) for row in sums}
    leads = _leads(visits.filter(kept), key)
    found = {}
    for of in [*labels, *(of for of in counts if of not in labels)]:
        sum_of = counts.get(of, {})
        booked: timedelta = sum_of.get("booked") or timedelta()
        found[of] = Row(
            key=str(of) if of is not None else "",
            label=labels.get(of) or _("Without department"),
            bookings=sum_of.get("bookings", 0),
            cancellations=sum_of.get("cancellations", 0),
            no_shows=sum_of.get("no_shows", 0),
            booked_minutes=int(booked.total_seconds()) // 60,
            offered_minutes=minutes.get(of, 0),
            lead_days=leads.get(of),
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
    return {monday: formats.date_format(monday, "j F Y") for monday in mondays(start, end)}
