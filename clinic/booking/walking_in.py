"""Somebody who comes without an appointment: booked at once, and here already."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from accounts.models import Patient, User
from clinic import grid
from clinic.booking import rules
from clinic.booking.new import book
from clinic.booking.transaction import lock, verb
from clinic.booking.visit import arrive
from clinic.models import Appointment, Doctor, VisitType
from clinic.slots import Slot, Span
from clinic.slots.calendars import Calendars, needs

SOON = timedelta(hours=2)
"""So long somebody who walks in may have to wait for a free time."""


def places(doctors: Iterable[Doctor], *, visit_type: VisitType | None, now: datetime) -> dict[UUID, Slot]:
    """By doctor id, when each would see somebody who walks in, and may without overbooking: this minute if he is free,
    else his next free time within SOON on this day. Who has none is missing. A constant number of queries."""
    doctors, minute = list(doctors), this_minute(now)
    calendars = Calendars(doctors, minute, minute + SOON, now=now)
    found = ((doctor.pk, _place(calendars, doctor, visit_type, minute)) for doctor in doctors)
    return {doctor: slot for doctor, slot in found if slot is not None}


@verb
def walk_in(
    *,
    doctor: Doctor,
    patient: Patient,
    visit_type: VisitType | None = None,
    by: User,
    now: datetime,
    reason: str = "",
    override_reason: str = "",
) -> Appointment:
    """Book ``patient``, who stands at the desk, and note that he is here.

    At the time that :func:`places` tells; if there is none, this very minute, for which ``override_reason`` must say
    why (``override_reason_required`` without); with ``override_reason`` this very minute in any case. Other refusals
    are those of :func:`clinic.booking.book`; PermissionDenied for anybody but staff.
    """
    if not by.is_active or not rules.is_staff(by):
        raise PermissionDenied
    lock(patient.pk, doctor.pk)
    starts_at = this_minute(now)
    if not override_reason.strip():
        place = places([doctor], visit_type=visit_type, now=now).get(doctor.pk)
        if place is None:
            rules.doctor_takes(doctor, visit_type, online=False)
            message = _("This doctor has no free time in the next two hours. Say why the patient is seen all the same.")
            raise ValidationError({"override_reason": ValidationError(message, code="override_reason_required")})
        starts_at = place.starts_at
    appointment = book(
        doctor=doctor,
        patient=patient,
        starts_at=starts_at,
        visit_type=visit_type,
        by=by,
        now=now,
        reason=reason,
        override_reason=override_reason,
    )
    return arrive(appointment, by=by, now=now)


def this_minute(now: datetime) -> datetime:
    """When a visit begins that begins now: visits start at whole minutes."""
    return now.replace(second=0, microsecond=0)


def _place(calendars: Calendars, doctor: Doctor, visit_type: VisitType | None, minute: datetime) -> Slot | None:
    visit, start = needs(visit_type), grid.seconds(minute)
    for block in calendars.blocks[doctor.pk]:
        site = calendars.sites[block.site]  # type: ignore[index]
        fits = block.start <= start <= block.end - visit.lasts(block)
        if fits and grid.verdict(start, visit, block, calendars.busy(doctor.pk, site.pk)) == grid.FREE:
            ends_at = minute + timedelta(seconds=visit.lasts(block))
            return Slot(doctor, site, visit_type, minute, ends_at, grid.FREE)
    for slot in calendars.slots(doctor, Span(minute, minute + SOON), visit_type, every_status=True):
        today = minute.astimezone(slot.site.zone).date()
        if slot.is_free and slot.starts_at.astimezone(slot.site.zone).date() == today:
            return slot
    return None
