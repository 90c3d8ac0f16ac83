"""Keeping a time for somebody for a few minutes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import people
from accounts.models import User
from clinic.booking import rules
from clinic.booking.transaction import lock, verb
from clinic.booking.visitors import Visitor
from clinic.models import Appointment, Doctor, Status, VisitType


@verb
def hold(
    *,
    doctor: Doctor,
    starts_at: datetime,
    visit_type: VisitType | None = None,
    visitor: Visitor | None,
    by: User | None,
    now: datetime,
    instead_of: Appointment | None = None,
) -> Appointment:
    """Keep a free slot for HOLD_MINUTES. The same again answers the hold that is there, its deadline unchanged.

    ``by`` is who is signed in: the time is kept for him; for staff, and for a doctor in his own calendar, it is kept
    for whomever they will book it. ``visitor`` None (a program) may hold several.
    ``instead_of`` is a hold to give up with it: one that the visitor made before signing in. Refusals:
    those of :func:`clinic.slots.check`, ``doctor_not_bookable``, ``visit_type_not_offered``, ``patient_busy``,
    ``too_many_upcoming``, ``one_hold_at_a_time``, ``too_many_holds``.
    """
    patients_rules = rules.holds_for_himself(by, doctor)
    patient_id = people.become_patient(by).pk if by and patients_rules else None
    given_up = [old for old in (_live_hold_of(visitor, now), instead_of) if old]
    locked = lock(patient_id, doctor.pk, *[old.doctor_id for old in given_up])
    doctor, patient = locked.doctors[doctor.pk], locked.patient
    old = _live_hold_of(visitor, now)
    if visitor and old:
        # Strangers behind one address are not each other: none is given another's hold, and none loses his.
        if not visitor.may_replace:
            raise ValidationError(
                _("There is a time on hold already; book it or release it first."), code="one_hold_at_a_time"
            )
        if (old.doctor_id, old.starts_at, old.visit_type_id) == (doctor.pk, starts_at, visit_type and visit_type.pk):
            if instead_of is not None and instead_of.pk != old.pk:
                rules.remove_holds(Q(pk=instead_of.pk), now=now)
            return old
    rules.doctor_takes(doctor, visit_type, online=patients_rules)
    ignoring = [one.pk for one in (old, instead_of) if one]
    slot = rules.free_slot(
        doctor, starts_at, visit_type=visit_type, now=now, binds_patient=patients_rules, ignoring=ignoring
    )
    if patient:
        rules.patient_is_free(patient, slot.starts_at, slot.ends_at, now=now, ignoring=ignoring)
        rules.not_too_many(patient, now=now)
    elif by is None:
        _not_too_many_strangers(doctor, now, ignoring=ignoring)
    occupied = rules.occupied(slot)
    no_longer_wanted = Q(pk__in=ignoring) | (Q(visitor=visitor.key) if visitor else Q())
    expired = rules.expired_in_the_way(doctor, patient, (slot.starts_at, slot.ends_at), occupied)
    rules.remove_holds(no_longer_wanted, expired=expired, now=now)
    return Appointment.objects.create(
        doctor=doctor,
        patient=patient,
        site=slot.site,
        visit_type=visit_type,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        occupied_from=occupied[0],
        occupied_until=occupied[1],
        status=Status.HELD,
        booked_by=by,
        visitor=visitor.key if visitor else "",
        hold_expires_at=now + timedelta(minutes=settings.HOLD_MINUTES),
    )


def live_hold(hold: UUID, *, now: datetime) -> Appointment | None:
    """The hold with this id while its time is kept, else None.

    Holds are nobody's, so whether this one is the caller's is the caller's to know: by its session or its ``hold_key``.
    """
    held = Appointment.objects.filter(pk=hold, status=Status.HELD)
    return held.without_expired_holds(now).with_names().first()


def _live_hold_of(visitor: Visitor | None, now: datetime) -> Appointment | None:
    if visitor is None:
        return None
    held = Appointment.objects.filter(visitor=visitor.key, status=Status.HELD)
    return held.without_expired_holds(now).with_names().first()


def _not_too_many_strangers(doctor: Doctor, now: datetime, *, ignoring: Collection[UUID]) -> None:
    """Nobody can fill a calendar without saying who he is. A hold that is replaced does not count."""
    held = Appointment.objects.filter(doctor=doctor, status=Status.HELD, booked_by=None).without_expired_holds(now)
    held = held.exclude(pk__in=ignoring)
    if held.count() >= settings.MAX_ANONYMOUS_HOLDS_PER_DOCTOR:
        raise ValidationError(
            _("Too many people are looking at this doctor's times; please sign in or try again in a few minutes."),
            code="too_many_holds",
        )


@verb
def extend(hold: Appointment, *, now: datetime) -> Appointment:
    """Give a live hold HOLD_MINUTES beyond its deadline, once. Refusals: ``hold_expired``, ``already_extended``."""
    hold = locked_hold(hold, now=now)
    if hold.hold_extended:
        raise ValidationError(_("This time can be kept longer only once."), code="already_extended")
    assert hold.hold_expires_at is not None
    hold.hold_expires_at += timedelta(minutes=settings.HOLD_MINUTES)
    hold.hold_extended = True
    hold.save(update_fields=["hold_expires_at", "hold_extended", "updated_at"])
    return hold


@verb
def release(hold: Appointment) -> None:
    """Give the time back. A hold that is gone or booked is left as it is."""
    lock(hold.patient_id, hold.doctor_id)
    Appointment.objects.filter(pk=hold.pk, status=Status.HELD).delete()


def locked_hold(hold: Appointment, *, now: datetime) -> Appointment:
    """The live hold, its rows locked; ``hold_expired`` if its deadline has come or it is gone."""
    lock(hold.patient_id, hold.doctor_id)
    # Its visitor may be giving it up in another window, under another doctor's lock.
    held = Appointment.objects.filter(pk=hold.pk, status=Status.HELD).select_for_update(of=("self",))
    fresh = held.with_names().first()
    if fresh is None or fresh.hold_expires_at is None or fresh.hold_expires_at <= now:
        raise rules.hold_expired()
    return fresh
