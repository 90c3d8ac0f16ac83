"""The directory's entries: sites, departments, specialties, visit types; and which doctor is in which department.

Each verb is one transaction, and for administrators; anybody else gets ``PermissionDenied``.
"""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit, staffing
from accounts.models import User
from clinic.availability import at_site
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
    _check_administrator(by)
    entry.full_clean()
    before = type(entry)._default_manager.filter(pk=entry.pk).first()
    if isinstance(entry, Site) and isinstance(before, Site) and before.time_zone != entry.time_zone:
        with calendars_changing(at_site(entry, now), now=now, cause=Cause.HOURS):
            _save(entry)
    else:
        _save(entry)
    audit.record(f"clinic.{entry._meta.model_name}.set", by=by, on=entry, changes=audit.difference(before, entry))
    return entry


@transaction.atomic
def change_entry(entry: Entry, *, by: User, now: datetime, **told: Any) -> Entry:
    """Set the columns of which is ``told``, and leave the others as they are now, whatever ``entry`` remembers.

    Refusals: those of :func:`set_entry`; ObjectDoesNotExist if the entry was removed meanwhile.
    """
    _check_administrator(by)
    fresh = type(entry)._default_manager.select_for_update(no_key=True).get(pk=entry.pk)
    for name, value in told.items():
        setattr(fresh, name, value)
    return set_entry(fresh, by=by, now=now)


@transaction.atomic
def remove_entry(entry: Entry, *, by: User) -> None:
    """Delete an entry that nothing refers to, if it is still there.

    ValidationError (``in_use``) for any other: history keeps its words.
    """
    _check_administrator(by)
    # The row is locked, so that nobody begins to refer to it meanwhile.
    if not type(entry)._default_manager.select_for_update().filter(pk=entry.pk):
        return
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


@transaction.atomic
def assign(doctor: Doctor, department: Department, *, by: User) -> None:
    """Put a doctor into a department, if he is not in it. ObjectDoesNotExist if one of them was removed meanwhile."""
    _set_assigned(doctor, department, True, by)


@transaction.atomic
def unassign(doctor: Doctor, department: Department, *, by: User) -> None:
    """Take a doctor out of a department, if he is in it. ObjectDoesNotExist if one of them was removed meanwhile."""
    _set_assigned(doctor, department, False, by)


def _set_assigned(doctor: Doctor, department: Department, is_wanted: bool, by: User) -> None:
    _check_administrator(by)
    # Both rows are locked: two who do the same write it once, and no department is removed under it.
    locked = Doctor.objects.select_for_update(no_key=True, of=("self",)).get(pk=doctor.pk).departments
    wanted = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    before = sorted(str(key) for key in locked.values_list("pk", flat=True))
    if (str(wanted.pk) in before) == is_wanted:
        return
    (locked.add if is_wanted else locked.remove)(wanted)
    after = sorted({*before, str(wanted.pk)} if is_wanted else set(before) - {str(wanted.pk)})
    audit.record("clinic.doctor.changed", by=by, on=doctor, changes={"departments": [before, after]})


def _check_administrator(by: User) -> None:
    if not staffing.is_administrator(by):
        raise PermissionDenied


def _save(entry: Entry) -> None:
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        # Somebody took the name between the look and the leap: the refusal is that of the look.
        entry.validate_unique()
        raise
