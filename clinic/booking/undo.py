"""Taking the last step back."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Patient, User
from clinic.booking import rules
from clinic.booking.actors import Actor, account_of, in_the_trail
from clinic.booking.changes import locked
from clinic.booking.transaction import Lost, verb
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.signals import appointment_changed
from clinic.slots.check import SlotTaken, refusal

UNDO_FOR = timedelta(minutes=10)
"""How long after it a step can be taken back."""
TAKEN_AT = {
    Status.ARRIVED: "arrived_at",
    Status.IN_PROGRESS: "started_at",
    Status.COMPLETED: "completed_at",
    Status.NO_SHOW: "no_show_at",
    Status.CANCELLED: "cancelled_at",
}
"""When the step was taken that led to a status."""


def may_undo(appointment: Appointment, *, by: Actor, now: datetime) -> bool:
    """Whether it is worth offering, asked without a query; only :func:`undo` knows whether the time is still free."""
    return _why_not(appointment, by=by, now=now) is None


@verb
def undo(appointment: Appointment, *, by: Actor, now: datetime, version: str | None = None) -> Appointment:
    """Take back the last step (arrive, start, complete, no_show or cancel), within UNDO_FOR: for whoever took it.

    Only the last: what was taken back leaves nothing more to take back. A cancelled appointment stands again where it
    was, and its sequence rises, so that calendars take it in again. Refusals: ``nothing_to_undo``,
    ``too_late_to_undo``, ``stale``; if the patient did not come, or had cancelled, ``slot_taken`` with alternatives and
    ``patient_busy``; of a cancellation also ``in_the_past`` (for the patient: the clinic may while the visit would go
    on) and those of booking (``outside_hours``, ``time_off``, ``doctor_not_bookable``, ``too_many_upcoming``);
    PermissionDenied for anybody else.
    """
    fresh, doctors = locked(appointment, by=by, version=version)
    why_not = _why_not(fresh, by=by, now=now)
    if why_not is not None:
        raise why_not
    before = Status(fresh.status)
    taken_at = getattr(fresh, TAKEN_AT[before])
    if before == Status.CANCELLED:
        _stands_again(fresh, doctors[fresh.doctor_id], by=by, now=now)
    elif before == Status.NO_SHOW:
        assert fresh.patient is not None
        _doctor_is_free(fresh, doctors[fresh.doctor_id], now=now)
        _patient_is_free(fresh, fresh.patient, doctors[fresh.doctor_id], now=now)
    if before != Status.CANCELLED or fresh.is_overbooked:
        # What the calendar had against it is open again; a time that was found free has nothing against it.
        ToBeMoved.objects.filter(appointment=fresh, resolved_at=taken_at).update(resolved_at=None)
    setattr(fresh, TAKEN_AT[before], None)
    fresh.last_step_by = None
    fresh.status = _was_before(fresh, before)
    fresh.save()
    changes = {"status": [before, fresh.status]}
    news = "restored" if before == Status.CANCELLED else "undone"
    audit.record(f"clinic.appointment.{news}", by=in_the_trail(by), on=fresh, patient=fresh.patient_id, changes=changes)
    told = account_of(by, fresh.patient)
    appointment_changed.send(Appointment, appointment=fresh, change=news, by=told, before=before, now=now)
    return fresh


def _why_not(appointment: Appointment, *, by: Actor, now: datetime) -> Exception | None:
    """What stands against taking the last step back, but for the calendar. A patient's link counts as the patient."""
    status = Status(appointment.status)
    is_cancelled = status == Status.CANCELLED
    taken_by = appointment.cancelled_by_id if is_cancelled else appointment.last_step_by_id
    if status not in TAKEN_AT or (taken_by is None and not is_cancelled):
        return ValidationError(_("There is nothing to take back."), code="nothing_to_undo")
    account = account_of(by, appointment.patient)
    if taken_by != (account.pk if account else None):
        return PermissionDenied()
    is_clinic = isinstance(by, User) and appointment.is_run_by(by)
    if not is_cancelled and not is_clinic:
        return PermissionDenied()
    taken_at = getattr(appointment, TAKEN_AT[status])
    if taken_at is None or not taken_at <= now <= taken_at + UNDO_FOR:
        return ValidationError(_("It is too late to take this back."), code="too_late_to_undo")
    if is_cancelled and appointment.starts_at <= now and not is_clinic:
        return refusal("in_the_past", _("This time has passed."))
    return None


def _was_before(appointment: Appointment, status: Status) -> Status:
    """From where the step was taken that led to ``status``; its other times tell."""
    if status == Status.COMPLETED:
        return Status.IN_PROGRESS
    if status in (Status.IN_PROGRESS, Status.CANCELLED) and appointment.arrived_at:
        return Status.ARRIVED
    return Status.SCHEDULED


def _stands_again(fresh: Appointment, doctor: Doctor, *, by: Actor, now: datetime) -> None:
    """Of a cancelled one: refuse a time that it could not have any more. Notice was asked when it was booked."""
    patient = fresh.patient
    assert patient is not None
    rules.doctor_takes(doctor, None, online=False)
    if fresh.starts_at <= now:
        _doctor_is_free(fresh, doctor, now=now)
    elif not fresh.is_overbooked:
        rules.free_slot(doctor, fresh.starts_at, visit_type=fresh.visit_type, now=now, binds_patient=False)
    _patient_is_free(fresh, patient, doctor, now=now)
    if rules.binds(by, patient):
        rules.not_too_many(patient, now=now)
    fresh.cancelled_by, fresh.cancel_reason = None, ""
    fresh.sequence, fresh.agreed_at = fresh.sequence + 1, now


def _doctor_is_free(fresh: Appointment, doctor: Doctor, *, now: datetime) -> None:
    """Of one that has begun: refuse a time that somebody else has by now. Hours are over, and not asked."""
    there = Appointment.objects.occupying(fresh.occupied_from, fresh.occupied_until).filter(doctor=doctor)
    # What was overbooked since then was put there on purpose, and stands in nobody's way.
    in_the_way = there.filter(is_overbooked=False).without_expired_holds(now).exclude(pk=fresh.pk)
    if not fresh.is_overbooked and in_the_way.exists():
        taken = refusal("slot_taken", _("This time was just taken."))
        assert isinstance(taken, SlotTaken)
        raise Lost(taken, doctor, fresh.starts_at, fresh.visit_type, now)


def _patient_is_free(fresh: Appointment, patient: Patient, doctor: Doctor, *, now: datetime) -> None:
    rules.patient_is_free(patient, fresh.starts_at, fresh.ends_at, now=now)
    visit, occupied = (fresh.starts_at, fresh.ends_at), (fresh.occupied_from, fresh.occupied_until)
    expired = rules.expired_in_the_way(doctor, patient, visit, occupied)
    rules.remove_holds(rules.NO_HOLD, expired=expired, now=now)
