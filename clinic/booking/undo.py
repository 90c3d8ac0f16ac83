"""Taking a cancellation back."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Patient
from clinic.booking import rules
from clinic.booking.actors import Actor, account_of, in_the_trail
from clinic.booking.changes import locked
from clinic.booking.transaction import verb
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.signals import appointment_changed
from clinic.slots.check import refusal

UNDO_FOR = timedelta(minutes=10)
"""How long after it a cancellation can be taken back."""


def may_undo_cancel(appointment: Appointment, *, by: Actor, now: datetime) -> bool:
    """Whether it is worth offering; whether the time is still free only :func:`undo_cancel` knows."""
    cancelled_at = appointment.cancelled_at
    return (
        appointment.status == Status.CANCELLED
        and cancelled_at is not None
        and cancelled_at <= now <= cancelled_at + UNDO_FOR
        and appointment.starts_at > now
        and _cancelled(appointment, by)
    )


@verb
def undo_cancel(appointment: Appointment, *, by: Actor, now: datetime, version: str | None = None) -> Appointment:
    """Let a cancelled appointment stand again, where it was, within UNDO_FOR: for whoever cancelled it.

    Its sequence rises, so that calendars take it in again. Refusals: ``nothing_to_undo``, ``too_late_to_undo``,
    ``in_the_past``, ``stale``, and those of booking (``slot_taken`` with alternatives, ``outside_hours``, ``time_off``,
    ``doctor_not_bookable``, ``patient_busy``, ``too_many_upcoming``); PermissionDenied for anybody else.
    """
    fresh, doctors = locked(appointment, by=by, version=version)
    patient = fresh.patient
    assert patient is not None
    if fresh.status != Status.CANCELLED:
        raise ValidationError(_("This appointment is not cancelled."), code="nothing_to_undo")
    if not _cancelled(fresh, by):
        raise PermissionDenied
    if fresh.cancelled_at is None or not fresh.cancelled_at <= now <= fresh.cancelled_at + UNDO_FOR:
        raise ValidationError(_("It is too late to take this back."), code="too_late_to_undo")
    if fresh.starts_at <= now:
        raise refusal("in_the_past", _("This time has passed."))
    _fits(fresh, patient, doctors[fresh.doctor_id], by=by, now=now)
    if fresh.is_overbooked:
        # Put on top of the calendar on purpose; what the calendar had against it is open again.
        ToBeMoved.objects.filter(appointment=fresh, resolved_at=fresh.cancelled_at).update(resolved_at=None)
    fresh.status = Status.ARRIVED if fresh.arrived_at else Status.SCHEDULED
    fresh.cancelled_by, fresh.cancelled_at, fresh.cancel_reason = None, None, ""
    fresh.sequence, fresh.agreed_at = fresh.sequence + 1, now
    fresh.save()
    changes = {"status": [Status.CANCELLED, fresh.status]}
    audit.record(
        "clinic.appointment.restored", by=in_the_trail(by), on=fresh, patient=fresh.patient_id, changes=changes
    )
    told = account_of(by, patient)
    appointment_changed.send(Appointment, appointment=fresh, change="restored", by=told, now=now)
    return fresh


def _cancelled(appointment: Appointment, by: Actor) -> bool:
    """Whether it was ``by`` who cancelled it; a patient's link counts as the patient."""
    account = account_of(by, appointment.patient)
    return appointment.cancelled_by_id == (account.pk if account else None)


def _fits(fresh: Appointment, patient: Patient, doctor: Doctor, *, by: Actor, now: datetime) -> None:
    """Refuse a time that it could not have any more. Notice was asked when it was booked."""
    rules.doctor_takes(doctor, None, online=False)
    if not fresh.is_overbooked:
        rules.free_slot(doctor, fresh.starts_at, visit_type=fresh.visit_type, now=now, binds_patient=False)
    rules.patient_is_free(patient, fresh.starts_at, fresh.ends_at, now=now)
    if rules.binds(by, patient):
        rules.not_too_many(patient, now=now)
    occupied = (fresh.occupied_from, fresh.occupied_until)
    expired = rules.expired_in_the_way(doctor, patient, (fresh.starts_at, fresh.ends_at), occupied)
    rules.remove_holds(rules.NO_HOLD, expired=expired, now=now)
