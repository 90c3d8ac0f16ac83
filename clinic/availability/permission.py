"""Who arranges whose calendar."""

from django.core.exceptions import PermissionDenied

from accounts import staffing
from accounts.models import User
from clinic.models import Doctor, ScheduleException, WeeklyHours


def may_arrange(by: User, doctor: Doctor | None = None) -> None:
    """PermissionDenied unless ``by`` may change this doctor's calendar: an administrator, or he himself if he is let in
    and active. Without a doctor it is everybody's: an administrator's only.
    """
    if staffing.is_administrator(by):
        return
    if doctor is None or not Doctor.objects.public().filter(pk=doctor.pk, user=by).exists():
        raise PermissionDenied


def whose(row: WeeklyHours | ScheduleException) -> Doctor | None:
    """The doctor whom a row names, which may be nobody."""
    return Doctor.objects.filter(pk=row.doctor_id).first() if row.doctor_id else None
