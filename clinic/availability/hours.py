"""Weekly hours."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from clinic.availability.overlap import refuse_overlap
from clinic.availability.permission import may_arrange, whose
from clinic.availability.sense import check_year
from clinic.displacement import calendars_changing
from clinic.models import WeeklyHours
from clinic.models.to_be_moved import Cause

SAID = ("doctor_id", "site_id", "weekday", "starts", "ends", "slot_minutes", "valid_from", "valid_until")
"""What makes hours the same as others."""


@transaction.atomic
def set_hours(hours: WeeklyHours, *, by: User, now: datetime) -> WeeklyHours:
    """Write new hours, or hours that were changed, as they stand in ``hours``. New ones that are there already: those.

    ValidationError for values that make no sense, at their fields, and at ``starts`` (``hours_overlap``) if the doctor
    works at that time already, at whatever site.
    """
    before = known(hours, by=by)
    if before is None or before.doctor_id != hours.doctor_id:
        may_arrange(by, whose(hours))
    for name in ("valid_from", "valid_until"):
        check_year(name, getattr(hours, name))
    hours.full_clean()
    doctors = {before.doctor_id, hours.doctor_id} if before else {hours.doctor_id}
    with calendars_changing(doctors, now=now, cause=Cause.HOURS):
        refuse_moved(before)
        others = WeeklyHours.objects.filter(doctor=hours.doctor_id).exclude(pk=hours.pk).select_related("site")
        if before is None and (same := others.filter(**{name: getattr(hours, name) for name in SAID}).first()):
            return same
        refuse_overlap(hours, others, today=now.date())
        write(hours, before, by=by)
    return hours


@transaction.atomic
def remove_hours(hours: WeeklyHours, *, by: User, now: datetime) -> None:
    """Take hours out of the calendar. Visits booked in them stay valid, and are flagged to be moved."""
    before = known(hours, by=by)
    if before is None:
        may_arrange(by, whose(hours))
        return
    with calendars_changing({before.doctor_id}, now=now, cause=Cause.HOURS):
        if _doctor_of(before) is not None:
            refuse_moved(before)
            remove(before, by=by)


def known(hours: WeeklyHours, *, by: User) -> WeeklyHours | None:
    """The row as it is in the database; PermissionDenied if ``by`` may not change whose it is there."""
    before = WeeklyHours.objects.filter(pk=hours.pk).select_related("site").first()
    if before is not None:
        may_arrange(by, whose(before))
    return before


def refuse_moved(before: WeeklyHours | None) -> None:
    """``stale`` if hours became another doctor's, or were removed, after they were read and before the locks."""
    if before is not None and _doctor_of(before) != before.doctor_id:
        raise ValidationError(_("It was changed meanwhile; please look again."), code="stale")


def _doctor_of(hours: WeeklyHours) -> UUID | None:
    return WeeklyHours.objects.filter(pk=hours.pk).values_list("doctor", flat=True).first()


def write(hours: WeeklyHours, before: WeeklyHours | None, *, by: User) -> None:
    """Save, with a word in the audit trail; only under the locks."""
    hours.save()
    audit.record("clinic.weekly_hours.set", by=by, on=hours, changes=audit.difference(before, hours))


def remove(hours: WeeklyHours, *, by: User) -> None:
    """Delete, with a word in the audit trail; only under the locks."""
    WeeklyHours.objects.filter(pk=hours.pk).delete()
    audit.record("clinic.weekly_hours.removed", by=by, on=hours, changes=audit.difference(hours, None))
