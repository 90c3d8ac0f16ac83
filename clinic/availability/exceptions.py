"""Time off and extra hours."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from clinic.availability.permission import may_arrange, whose
from clinic.availability.sense import check_year, refusal
from clinic.displacement import AppointmentsInTheWay, calendars_changing, foresee
from clinic.displacement.reach import concerned, hull
from clinic.models import ExceptionKind, ScheduleException
from clinic.models.to_be_moved import Cause

LONGEST_EXTRA_HOURS = timedelta(hours=24)
LONGEST_TIME_OFF = timedelta(days=2 * 366)
PRIVATE = ("reason",)
"""Why a doctor is away is his business; the audit trail tells only that a reason was given."""
SAID = ("doctor_id", "site_id", "kind", "starts_at", "ends_at", "slot_minutes", "reason")
"""What makes an exception the same as another."""


@transaction.atomic
def set_exception(
    exception: ScheduleException, *, by: User, now: datetime, confirmed: bool = True
) -> ScheduleException:
    """Write time off or extra hours, new or changed, as they stand in ``exception``. A new one that is there already:
    that one.

    Time off over visits flags them; whoever is ill is ill. Unless that was ``confirmed``: then
    :class:`~clinic.displacement.AppointmentsInTheWay` says which, and nothing is written. ValidationError for values
    that make no sense, at their fields; ``too_long`` at ``ends_at`` for extra hours of more than a day and time off of
    more than two years.
    """
    before = _known(exception, by=by)
    if before is None or before.doctor_id != exception.doctor_id:
        may_arrange(by, whose(exception))
    check_year("starts_at", exception.starts_at)
    check_year("ends_at", exception.ends_at)
    exception.full_clean()
    _check_length(exception)
    both = [before, exception] if before else [exception]
    with calendars_changing(
        concerned(both, now),
        now=now,
        cause=Cause.EXCEPTION,
        exception=exception if exception.kind == ExceptionKind.TIME_OFF else None,
        within=hull(both),
    ):
        _refuse_moved(before)
        if before is None and (same := _same(exception)):
            return same
        if not confirmed and (hits := foresee(exception, now=now)):
            raise AppointmentsInTheWay(hits)
        exception.save()
        changes = audit.difference(before, exception, private=PRIVATE)
        audit.record("clinic.schedule_exception.set", by=by, on=exception, changes=changes)
    return exception


@transaction.atomic
def remove_exception(exception: ScheduleException, *, by: User, now: datetime, confirmed: bool = True) -> None:
    """Undo time off or extra hours. ``confirmed`` as for :func:`set_exception`: extra hours may be booked."""
    before = _known(exception, by=by)
    if before is None:
        may_arrange(by, whose(exception))
        return
    with calendars_changing(concerned([before], now), now=now, cause=Cause.HOURS, within=hull([before])):
        if not ScheduleException.objects.filter(pk=before.pk).exists():
            return
        _refuse_moved(before)
        if not confirmed and (hits := foresee(before, now=now, removed=True)):
            raise AppointmentsInTheWay(hits)
        ScheduleException.objects.filter(pk=before.pk).delete()
        changes = audit.difference(before, None, private=PRIVATE)
        audit.record("clinic.schedule_exception.removed", by=by, on=before, changes=changes)


def _known(exception: ScheduleException, *, by: User) -> ScheduleException | None:
    """The row as it is in the database; PermissionDenied if ``by`` may not change whose it is there."""
    before = ScheduleException.objects.filter(pk=exception.pk).select_related("site").first()
    if before is not None:
        may_arrange(by, whose(before))
    return before


def _refuse_moved(before: ScheduleException | None) -> None:
    """``stale`` if what was read before the locks bears on other calendars, or another time, by now, or is gone."""
    if before is None:
        return
    locked_for = (before.doctor_id, before.site_id, before.starts_at, before.ends_at)
    now = ScheduleException.objects.filter(pk=before.pk).values_list("doctor", "site", "starts_at", "ends_at").first()
    if now != locked_for:
        raise ValidationError(_("It was changed meanwhile; please look again."), code="stale")


def _same(exception: ScheduleException) -> ScheduleException | None:
    said = {name: getattr(exception, name) for name in SAID}
    return ScheduleException.objects.filter(**said).exclude(pk=exception.pk).first()


def _check_length(exception: ScheduleException) -> None:
    length = exception.ends_at - exception.starts_at
    if exception.kind == ExceptionKind.EXTRA_HOURS and length > LONGEST_EXTRA_HOURS:
        raise refusal("ends_at", "too_long", _("Extra hours last at most a day; add one for each day."))
    if length > LONGEST_TIME_OFF:
        raise refusal("ends_at", "too_long", _("Time off lasts at most two years."))
