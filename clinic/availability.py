"""When doctors work: their weekly hours, time off and extra hours.

Each verb is one transaction that locks every doctor concerned, in the order of their ids, as booking does. None writes
an appointment: visits that lose their place in the calendar become rows of :class:`clinic.models.ToBeMoved`, and those
that have it again are resolved. All verbs are for administrators; anybody else gets ``PermissionDenied``.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, staffing
from accounts.models import User
from clinic import grid
from clinic.displacement import calendars_changing
from clinic.models import Appointment, Doctor, ExceptionKind, ScheduleException, Site, WeeklyHours
from clinic.models.to_be_moved import Cause
from clinic.slots.calendars import worked
from clinic.wall_clock import FIRST_YEAR, LAST_YEAR

A_YEAR = timedelta(days=372)
"""A year and a week: zones change their clocks by the year, weekly hours repeat by the week."""
LONGEST_EXTRA_HOURS = timedelta(hours=24)
PRIVATE = ("reason",)
"""Why a doctor is away is his business; the audit trail tells only that a reason was given."""


@transaction.atomic
def set_hours(hours: WeeklyHours, *, by: User, now: datetime) -> WeeklyHours:
    """Write new hours, or hours that were changed, as they stand in ``hours``.

    ValidationError for values that make no sense, at their fields, and at ``starts`` (``hours_overlap``) if the doctor
    works at that time already, at whatever site.
    """
    may_arrange(by)
    hours.full_clean()
    for name in ("valid_from", "valid_until"):
        _check_year(name, getattr(hours, name))
    before = WeeklyHours.objects.filter(pk=hours.pk).first()
    doctors = {before.doctor_id, hours.doctor_id} if before else {hours.doctor_id}
    with calendars_changing(doctors, now=now, cause=Cause.HOURS):
        others = WeeklyHours.objects.filter(doctor=hours.doctor_id).exclude(pk=hours.pk).select_related("site")
        for other in others:
            if _overlap(hours, other, today=now.date()):
                raise _refusal(
                    "starts",
                    "hours_overlap",
                    _("The doctor works at this time already: %(hours)s, %(site)s.")
                    % {"hours": other, "site": other.site},
                )
        hours.save()
        audit.record("clinic.weekly_hours.set", by=by, on=hours, changes=audit.difference(before, hours))
    return hours


@transaction.atomic
def remove_hours(hours: WeeklyHours, *, by: User, now: datetime) -> None:
    """Take hours out of the calendar. Visits booked in them stay valid, and are flagged to be moved."""
    may_arrange(by)
    with calendars_changing({hours.doctor_id}, now=now, cause=Cause.HOURS):
        WeeklyHours.objects.filter(pk=hours.pk).delete()
        audit.record("clinic.weekly_hours.removed", by=by, on=hours, changes=audit.difference(hours, None))


@transaction.atomic
def set_exception(exception: ScheduleException, *, by: User, now: datetime) -> ScheduleException:
    """Write time off or extra hours, new or changed, as they stand in ``exception``.

    Time off over visits flags them; it is never refused for their sake, since whoever is ill is ill. ValidationError
    for values that make no sense, at their fields; ``too_long`` at ``ends_at`` for extra hours of more than a day.
    """
    may_arrange(by)
    _check_year("starts_at", exception.starts_at)
    _check_year("ends_at", exception.ends_at)
    exception.full_clean()
    if exception.kind == ExceptionKind.EXTRA_HOURS and exception.ends_at - exception.starts_at > LONGEST_EXTRA_HOURS:
        raise _refusal("ends_at", "too_long", _("Extra hours last at most a day; add one for each day."))
    known = list(ScheduleException.objects.filter(pk=exception.pk))
    with calendars_changing(
        _concerned([*known, exception], now),
        now=now,
        cause=Cause.EXCEPTION,
        exception=exception if exception.kind == ExceptionKind.TIME_OFF else None,
        within=_hull([*known, exception]),
    ):
        exception.save()
        changes = audit.difference(next(iter(known), None), exception, private=PRIVATE)
        audit.record("clinic.schedule_exception.set", by=by, on=exception, changes=changes)
    return exception


@transaction.atomic
def remove_exception(exception: ScheduleException, *, by: User, now: datetime) -> None:
    """Undo time off or extra hours."""
    may_arrange(by)
    with calendars_changing(_concerned([exception], now), now=now, cause=Cause.HOURS, within=_hull([exception])):
        ScheduleException.objects.filter(pk=exception.pk).delete()
        changes = audit.difference(exception, None, private=PRIVATE)
        audit.record("clinic.schedule_exception.removed", by=by, on=exception, changes=changes)


def may_arrange(by: User) -> None:
    """PermissionDenied unless ``by`` may change doctors' calendars."""
    if not staffing.is_administrator(by):
        raise PermissionDenied


def at_site(site: Site | UUID, now: datetime) -> set[UUID]:
    """The ids of the doctors who work at the site, or have visits to come there."""
    to_come = Appointment.objects.filter(site=site, starts_at__gt=now)
    return {
        *WeeklyHours.objects.filter(site=site).values_list("doctor", flat=True),
        *ScheduleException.objects.filter(site=site).exclude(doctor=None).values_list("doctor", flat=True),
        *to_come.values_list("doctor", flat=True).distinct().order_by(),
    }


def _concerned(exceptions: Iterable[ScheduleException], now: datetime) -> set[UUID]:
    """Whose calendars the exceptions bear on: one doctor's, a site's, everybody's."""
    doctors: set[UUID] = set()
    for exception in exceptions:
        if exception.doctor_id:
            doctors.add(exception.doctor_id)
        elif exception.site_id:
            doctors |= at_site(exception.site_id, now)
        else:
            doctors.update(Doctor.objects.values_list("pk", flat=True))
    return doctors


def _hull(exceptions: list[ScheduleException]) -> tuple[datetime, datetime]:
    return min(e.starts_at for e in exceptions), max(e.ends_at for e in exceptions)


def _overlap(one: WeeklyHours, other: WeeklyHours, *, today: date) -> bool:
    """Whether both are ever worked at the same instant; told from a year in which both are valid.

    Their sites may be in different zones, and either may end on the next day: so instants are compared.
    """
    froms = [hours.valid_from for hours in (one, other) if hours.valid_from]
    untils = [hours.valid_until for hours in (one, other) if hours.valid_until]
    first = max(froms) if froms else min([today, *untils]) - timedelta(weeks=1)
    last = min([*untils, first + A_YEAR])
    # Two days about them: hours reach into the next day, and zones lie up to 26 hours apart.
    days = list(grid.days(_midnight(first) - timedelta(days=2), _midnight(last) + timedelta(days=2)))
    taken = grid.Busy(
        (*interval, "") for interval in worked(other, [day for day in days if day.weekday() == other.weekday])
    )
    return any(
        any(taken.touching(*interval))
        for interval in worked(one, [day for day in days if day.weekday() == one.weekday])
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _check_year(field: str, day: date | None) -> None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _refusal(
            field,
            "bad_date",
            _("Enter a day between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR},
        )


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
