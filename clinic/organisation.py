"""The directory's entries: sites, departments, specialties, visit types.

Both verbs are one transaction each, and for administrators; anybody else gets ``PermissionDenied``.
"""

from datetime import datetime
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from clinic.availability import at_site, may_arrange
from clinic.displacement import calendars_changing
from clinic.models import Appointment, Department, Doctor, ScheduleException, Site, Specialty, VisitType, WeeklyHours
from clinic.models.to_be_moved import Cause

Entry = TypeVar("Entry", Site, Department, Specialty, VisitType)


@transaction.atomic
def set_entry(entry: Entry, *, by: User, now: datetime) -> Entry:
    """Write a new entry, or one that was changed, as it stands. ValidationError, at its fields, if it makes no sense.

    A site that changes its time zone moves the hours of all who work there: visits that thereby lose their place are
    flagged to be moved. A visit type's new length is for new bookings; visits keep theirs.
    """
    may_arrange(by)
    entry.full_clean()
    before = type(entry)._default_manager.filter(pk=entry.pk).first()
    if isinstance(entry, Site) and isinstance(before, Site) and before.time_zone != entry.time_zone:
        with calendars_changing(at_site(entry, now), now=now, cause=Cause.HOURS):
            entry.save()
    else:
        entry.save()
    audit.record(f"clinic.{entry._meta.model_name}.set", by=by, on=entry, changes=audit.difference(before, entry))
    return entry


@transaction.atomic
def remove_entry(entry: Entry, *, by: User) -> None:
    """Delete an entry that nothing refers to. ValidationError (``in_use``) for any other: history keeps its words."""
    may_arrange(by)
    # The row is locked, so that nobody begins to refer to it meanwhile.
    type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    if is_in_use(entry):
        raise ValidationError(_("This is in use: doctors or appointments refer to it."), code="in_use")
    audit.record(f"clinic.{entry._meta.model_name}.removed", by=by, on=entry, changes=audit.difference(entry, None))
    entry.delete()


def is_in_use(entry: Entry) -> bool:
    """Whether a doctor, hours, an exception or an appointment refers to the entry."""
    if isinstance(entry, Site):
        return any(model.objects.filter(site=entry).exists() for model in (WeeklyHours, ScheduleException, Appointment))
    if isinstance(entry, VisitType) and Appointment.objects.filter(visit_type=entry).exists():
        return True
    many = {Department: "departments", Specialty: "specialties", VisitType: "visit_types"}
    return Doctor.objects.filter(**{many[type(entry)]: entry}).exists()
