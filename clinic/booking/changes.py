"""Confirming, moving and cancelling what is booked."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from clinic.booking import rules
from clinic.booking.actors import Actor, account_of, in_the_trail
from clinic.booking.transaction import Restart, lock, verb
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.signals import appointment_changed
from clinic.slots import hints
from clinic.slots.check import refusal


@verb
def confirm(appointment: Appointment, *, by: Actor, now: datetime, version: str | None = None) -> Appointment:
    """Note that the patient has said he comes, which the patient and staff may until it starts. Again changes nothing.

    Refusals: ``already_final``, ``already_begun``, ``stale``; PermissionDenied for anybody else.
    """
    fresh, _doctors = locked(appointment, by=by, version=version)
    if not rules.binds(by, fresh.patient) and not rules.is_staff(by):
        raise PermissionDenied
    not_over(fresh)
    if fresh.status != Status.SCHEDULED or fresh.starts_at <= now:
        raise ValidationError(_("The visit has begun."), code="already_begun")
    if fresh.confirmed_at is None:
        fresh.confirmed_at = now
        fresh.save(update_fields=["confirmed_at", "updated_at"])
        audit.record("clinic.appointment.confirmed", by=in_the_trail(by), on=fresh, patient=fresh.patient_id)
    return fresh


@verb
def cancel(
    appointment: Appointment, *, by: Actor, now: datetime, reason: str = "", version: str | None = None
) -> Appointment:
    """Give the appointment up; its time is free at once, its row stays.

    Patients may until ``cancellable_until`` (then ``too_late_to_cancel``); doctor and staff always, with a reason
    (``reason_required``). ``version`` is the etag that the caller saw. Refusals: ``already_final``, ``already_begun``,
    ``stale``; PermissionDenied for anybody else.
    """
    fresh, _doctors = locked(appointment, by=by, version=version)
    _changeable(fresh, by=by, now=now, late=_("It is too late to cancel online; please call us."))
    if not fresh.may_become(Status.CANCELLED):
        raise ValidationError(_("The visit has begun."), code="already_begun")
    if not rules.binds(by, fresh.patient) and not reason.strip():
        raise refusal("reason_required", _("Please give a reason."), "reason")
    status = [fresh.status, Status.CANCELLED]
    account = account_of(by, fresh.patient)
    fresh.status, fresh.cancelled_by, fresh.cancelled_at = Status.CANCELLED, account, now
    fresh.cancel_reason = reason.strip()
    fresh.save(update_fields=["status", "cancelled_by", "cancelled_at", "cancel_reason", "updated_at"])
    hints.freed(fresh.doctor_id, fresh.occupied_from)
    resolve_flags(fresh, now)
    changes = {"status": status}
    audit.record(
        "clinic.appointment.cancelled", by=in_the_trail(by), on=fresh, patient=fresh.patient_id, changes=changes
    )
    appointment_changed.send(Appointment, appointment=fresh, change="cancelled", by=account, now=now)
    return fresh


@verb
def reschedule(
    appointment: Appointment,
    *,
    starts_at: datetime,
    doctor: Doctor | None = None,
    by: Actor,
    now: datetime,
    version: str | None = None,
) -> Appointment:
    """Move the appointment to another free slot, perhaps of another doctor. It keeps its id and reference.

    The old time is given up only if the new one is secured. Who may, and until when: as for :func:`cancel`; the new
    slot is refused as for :func:`clinic.booking.book`. The same time again changes nothing.
    """
    fresh, doctors = locked(appointment, *([doctor.pk] if doctor else []), by=by, version=version)
    target = doctors[doctor.pk if doctor else fresh.doctor_id]
    patient = fresh.patient
    assert patient is not None
    _changeable(fresh, by=by, now=now, late=_("It is too late to move it online; please call us."))
    if fresh.status != Status.SCHEDULED:
        raise ValidationError(_("The visit has begun."), code="already_begun")
    if (target.pk, starts_at) == (fresh.doctor_id, fresh.starts_at):
        return fresh
    patients_rules = rules.binds(by, patient)
    if not patients_rules and not rules.is_staff(by) and account_of(by, patient) != target.user:
        raise PermissionDenied
    rules.doctor_takes(target, fresh.visit_type, online=patients_rules)
    own = rules.own_holds(patient, by)
    ignoring = [fresh.pk, *own]
    slot = rules.free_slot(
        target, starts_at, visit_type=fresh.visit_type, now=now, binds_patient=patients_rules, ignoring=ignoring
    )
    rules.patient_is_free(patient, slot.starts_at, slot.ends_at, now=now, ignoring=ignoring)
    before = (fresh.doctor_id, fresh.starts_at)
    occupied = rules.occupied(slot)
    expired = rules.expired_in_the_way(target, patient, (slot.starts_at, slot.ends_at), occupied)
    rules.remove_holds(Q(pk__in=own), expired=expired, now=now)
    hints.freed(fresh.doctor_id, fresh.occupied_from)
    fresh.occupied_from, fresh.occupied_until = occupied
    fresh.doctor, fresh.site, fresh.starts_at, fresh.ends_at = target, slot.site, slot.starts_at, slot.ends_at
    fresh.is_overbooked, fresh.override_reason, fresh.confirmed_at = False, "", None
    fresh.sequence, fresh.agreed_at = fresh.sequence + 1, now
    fresh.save()
    resolve_flags(fresh, now)
    changes = {"doctor": [before[0], fresh.doctor_id], "starts_at": [before[1], fresh.starts_at]}
    audit.record("clinic.appointment.moved", by=in_the_trail(by), on=fresh, patient=fresh.patient_id, changes=changes)
    told = account_of(by, patient)
    appointment_changed.send(Appointment, appointment=fresh, change="moved", by=told, before=before, now=now)
    return fresh


def locked(
    appointment: Appointment, *doctors: UUID, by: Actor, version: str | None
) -> tuple[Appointment, dict[UUID, Doctor]]:
    """The appointment as it is now and its doctors, rows locked; ``stale`` if it is not what the caller saw."""
    locked = lock(appointment.patient_id, appointment.doctor_id, *doctors)
    fresh = Appointment.objects.with_names().get(pk=appointment.pk)
    if fresh.doctor_id != appointment.doctor_id:
        appointment.doctor_id = fresh.doctor_id
        raise Restart
    rules.may_change(by, fresh)
    if version is not None and version not in ("*", fresh.etag):
        raise ValidationError(_("It was changed meanwhile; please look again."), code="stale")
    return fresh, locked.doctors


def not_over(appointment: Appointment) -> None:
    """Refuse what has come to its end: ``already_final``."""
    if not Appointment.TRANSITIONS[Status(appointment.status)]:
        raise ValidationError(_("This appointment is over or cancelled."), code="already_final")


def _changeable(appointment: Appointment, *, by: Actor, now: datetime, late: str) -> None:
    """Refuse what is over, and a patient after the deadline."""
    not_over(appointment)
    if rules.binds(by, appointment.patient) and now > appointment.cancellable_until:
        raise ValidationError(late, code="too_late_to_cancel")


def resolve_flags(appointment: Appointment, now: datetime) -> None:
    """Whatever the calendar had against it matters no more."""
    ToBeMoved.objects.filter(appointment=appointment, resolved_at=None).update(resolved_at=now)
