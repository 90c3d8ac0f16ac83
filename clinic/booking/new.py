"""Booking: directly, or what was held."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from accounts import audit
from accounts.models import Patient, User
from clinic import slots
from clinic.booking import rules
from clinic.booking.transaction import Lost, Restart, lock, verb
from clinic.models import Appointment, Doctor, Status, VisitType
from clinic.signals import appointment_changed
from clinic.slots import Reason
from clinic.slots.obstacles import REFUSALS

OVERRIDABLE = ("slot_taken", "outside_hours", "time_off")
"""By what codes booking refuses that staff may overrule; the clock is not among it."""


@verb
def book(
    *,
    doctor: Doctor,
    patient: Patient,
    starts_at: datetime,
    visit_type: VisitType | None = None,
    by: User,
    now: datetime,
    reason: str = "",
    override_reason: str = "",
) -> Appointment:
    """Book a free slot for ``patient``; with ``override_reason`` staff may book over a doctor's hours and visits.

    Refusals: those of :func:`clinic.slots.check`, ``doctor_not_bookable``, ``visit_type_not_offered``,
    ``patient_busy``, ``too_many_upcoming``; PermissionDenied for anybody but the patient, staff, and the doctor.
    """
    locked = lock(patient.pk, doctor.pk)
    doctor, person = locked.doctors[doctor.pk], locked.patient
    assert person is not None
    rules.may_book_for(by, person, doctor)
    patients_rules = rules.binds(by, person)
    override_reason = override_reason.strip()
    if override_reason and (patients_rules or not by.is_staff):
        raise PermissionDenied
    rules.doctor_takes(doctor, visit_type, online=patients_rules)
    if patients_rules:
        rules.not_too_many(person, now=now)
    own, is_overbooked = rules.own_holds(person, by), False
    try:
        slot = rules.free_slot(
            doctor, starts_at, visit_type=visit_type, now=now, binds_patient=patients_rules, ignoring=own
        )
    except (Lost, ValidationError) as error:
        if not override_reason or code_of(error) not in OVERRIDABLE:
            raise
        slot, is_overbooked = slots.by_force(doctor, starts_at, visit_type=visit_type, now=now), True
    rules.patient_is_free(person, slot.starts_at, slot.ends_at, now=now, ignoring=own)
    occupied = rules.occupied(slot)
    expired = rules.expired_in_the_way(doctor, person, (slot.starts_at, slot.ends_at), occupied)
    rules.remove_holds(Q(pk__in=own), expired=expired, now=now)
    appointment = Appointment.objects.create(
        doctor=doctor,
        patient=person,
        site=slot.site,
        visit_type=visit_type,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        occupied_from=occupied[0],
        occupied_until=occupied[1],
        status=Status.SCHEDULED,
        reason=reason,
        booked_by=by,
        is_overbooked=is_overbooked,
        override_reason=override_reason if is_overbooked else "",
        agreed_at=now,
    )
    _booked(appointment, by, now)
    return appointment


@verb
def book_hold(hold: Appointment, *, patient: Patient, by: User, now: datetime, reason: str = "") -> Appointment:
    """Make a live hold the patient's appointment; the same again answers the appointment that it became.

    Whether the hold is the caller's to book is the caller's to know (its session, or its ``hold_key``). Refusals:
    ``hold_expired``, ``outside_hours``, ``time_off``, ``doctor_not_bookable``, ``patient_busy``, ``too_many_upcoming``.
    """
    locked = lock(patient.pk, hold.doctor_id)
    person, doctor = locked.patient, locked.doctors[hold.doctor_id]
    assert person is not None
    rules.may_book_for(by, person, doctor)
    fresh = Appointment.objects.with_names().filter(pk=hold.pk).first()
    if fresh is None:
        raise rules.hold_expired()
    if fresh.doctor_id != doctor.pk:
        raise Restart
    if fresh.status != Status.HELD:
        if fresh.patient_id == person.pk and fresh.booked_by_id == by.pk:
            return fresh
        raise rules.hold_expired()
    if fresh.hold_expires_at is None or fresh.hold_expires_at <= now or fresh.patient_id not in (None, person.pk):
        raise rules.hold_expired()
    rules.doctor_takes(doctor, None, online=False)
    # Notice was asked when the time was held; hours and time off may have changed since.
    own = {fresh.pk, *rules.own_holds(person, by)}
    rules.free_slot(doctor, fresh.starts_at, visit_type=fresh.visit_type, now=now, binds_patient=False, ignoring=own)
    rules.patient_is_free(person, fresh.starts_at, fresh.ends_at, now=now, ignoring=own)
    if rules.binds(by, person):
        rules.not_too_many(person, now=now)
    occupied = fresh.occupied_from, fresh.occupied_until
    expired = rules.expired_in_the_way(doctor, person, (fresh.starts_at, fresh.ends_at), occupied)
    rules.remove_holds(Q(pk__in=own), expired=expired, now=now, but=fresh.pk)
    fresh.status, fresh.patient, fresh.booked_by, fresh.reason = Status.SCHEDULED, person, by, reason
    fresh.hold_expires_at, fresh.visitor, fresh.agreed_at = None, "", now
    fresh.save()
    _booked(fresh, by, now)
    return fresh


def _booked(appointment: Appointment, by: User, now: datetime) -> None:
    audit.record(
        "clinic.appointment.booked",
        by=by,
        on=appointment,
        patient=appointment.patient_id,
        changes={
            "doctor": [None, appointment.doctor_id],
            "starts_at": [None, appointment.starts_at],
            "is_overbooked": [None, appointment.is_overbooked],
        },
    )
    appointment_changed.send(Appointment, appointment=appointment, change="booked", by=by, now=now)


def may_be_overruled(against: Iterable[Reason]) -> bool:
    """Whether staff may book although all this (:func:`clinic.slots.why`) stands against it."""
    return all(REFUSALS[one.code][1] in OVERRIDABLE for one in against)


def code_of(error: Lost | ValidationError) -> str | None:
    """The code of a refused start."""
    refused = error.error if isinstance(error, Lost) else error
    return refused.error_dict["starts_at"][0].code
