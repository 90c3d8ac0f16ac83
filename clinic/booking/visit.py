"""The steps of a visit: the patient arrives, is seen, has been seen; or does not come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from clinic.booking.changes import cancel, locked, not_over, resolve_flags
from clinic.booking.transaction import verb
from clinic.booking.undo import may_undo
from clinic.models import Appointment, Status
from clinic.models.appointment import HOLDS_TIME
from clinic.signals import appointment_changed
from clinic.slots import hints


def on_its_day(appointment: Appointment, now: datetime) -> bool:
    """Whether the day of the visit has come, at its site."""
    zone = appointment.site.zone
    return now.astimezone(zone).date() >= appointment.starts_at.astimezone(zone).date()


def from_its_start(appointment: Appointment, now: datetime) -> bool:
    """Whether the time of the visit has come."""
    return appointment.starts_at <= now


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a visit becomes by it, the column that says when, what others hear of it, and whether its time has come."""

    becomes: Status
    column: str
    news: str
    is_time: Callable[[Appointment, datetime], bool]


STEPS = {
    "arrive": Step(becomes=Status.ARRIVED, column="arrived_at", news="arrived", is_time=on_its_day),
    "start": Step(becomes=Status.IN_PROGRESS, column="started_at", news="started", is_time=on_its_day),
    "complete": Step(becomes=Status.COMPLETED, column="completed_at", news="completed", is_time=from_its_start),
    "no_show": Step(becomes=Status.NO_SHOW, column="no_show_at", news="no_show", is_time=from_its_start),
}


def arrive(appointment: Appointment, *, by: User, now: datetime, version: str | None = None) -> Appointment:
    """Note that the patient is here, on the visit's day (by its site's clock) or later.

    For staff and the appointment's doctor; never for its patient. ``version`` is the etag that the caller saw.
    Refusals: ``already_final``, ``wrong_status``, ``not_yet``, ``stale``; PermissionDenied for anybody else.
    """
    return _take(STEPS["arrive"], appointment, by=by, now=now, version=version)


def start(appointment: Appointment, *, by: User, now: datetime, version: str | None = None) -> Appointment:
    """Note that the doctor sees the patient now, whether or not he was noted as arrived. As :func:`arrive`."""
    return _take(STEPS["start"], appointment, by=by, now=now, version=version)


def complete(appointment: Appointment, *, by: User, now: datetime, version: str | None = None) -> Appointment:
    """Note that the visit is over, not before it was to start (``not_yet``). Otherwise as :func:`arrive`."""
    return _take(STEPS["complete"], appointment, by=by, now=now, version=version)


def no_show(appointment: Appointment, *, by: User, now: datetime, version: str | None = None) -> Appointment:
    """Note that the patient did not come, not before the visit was to start (``not_yet``); its time is free at once.

    Otherwise as :func:`arrive`.
    """
    return _take(STEPS["no_show"], appointment, by=by, now=now, version=version)


def become(
    appointment: Appointment, status: Status, *, by: User, now: datetime, version: str | None = None, reason: str = ""
) -> Appointment:
    """Take the step that leads to ``status``: one of these, or :func:`clinic.booking.cancel`, for which ``reason`` is.

    No step leads back to ``scheduled``, whoever asks: ``already_final``, else ``wrong_status``.
    """
    if status == Status.CANCELLED:
        return cancel(appointment, by=by, now=now, reason=reason, version=version)
    for step in STEPS.values():
        if step.becomes == status:
            return _take(step, appointment, by=by, now=now, version=version)
    not_over(appointment)
    raise _wrong(appointment)


def next_steps(appointment: Appointment, *, by: User, now: datetime) -> tuple[str, ...]:
    """What makes sense to offer to ``by`` now: of arrive, start, complete, no_show, cancel and undo, in this order.

    Each is the name of a verb. Asks the database nothing, if ``appointment`` has its names along (``with_names``).
    """
    if appointment.is_run_by(by):
        offered = [
            name
            for name, step in STEPS.items()
            if appointment.may_become(step.becomes) and step.is_time(appointment, now)
        ]
        may_cancel = appointment.may_become(Status.CANCELLED)
    else:
        offered = []
        is_patient = appointment.patient is not None and appointment.patient.user_id == by.pk and by.is_active
        may_cancel = is_patient and appointment.is_changeable_by_patient(now)
    if may_cancel:
        offered.append("cancel")
    if may_undo(appointment, by=by, now=now):
        offered.append("undo")
    return tuple(offered)


@verb
def _take(step: Step, appointment: Appointment, *, by: User, now: datetime, version: str | None) -> Appointment:
    fresh, _doctors = locked(appointment, by=by, version=version)
    if not fresh.is_run_by(by):
        raise PermissionDenied
    not_over(fresh)
    if not fresh.may_become(step.becomes):
        raise _wrong(fresh)
    if not step.is_time(fresh, now):
        raise ValidationError(_("It is too early for this."), code="not_yet")
    before, fresh.status, fresh.last_step_by = Status(fresh.status), step.becomes, by
    setattr(fresh, step.column, now)
    fresh.save(update_fields=["status", step.column, "last_step_by", "updated_at"])
    if fresh.status not in HOLDS_TIME:
        hints.freed(fresh.doctor_id, fresh.occupied_from)
    # Whoever is here, or was to be, need not be moved any more.
    resolve_flags(fresh, now)
    changes = {"status": [before, fresh.status]}
    audit.record(f"clinic.appointment.{step.news}", by=by, on=fresh, patient=fresh.patient_id, changes=changes)
    appointment_changed.send(Appointment, appointment=fresh, change=step.news, by=by, before=before, now=now)
    return fresh


def _wrong(appointment: Appointment) -> ValidationError:
    message = _("This cannot follow: the visit is “%(status)s”.") % {"status": appointment.get_status_display()}
    return ValidationError(message, code="wrong_status")
