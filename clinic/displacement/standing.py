"""How visits stand in their doctors' calendars."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from clinic import grid
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.slots.calendars import AS_IT_IS, Calendars, Supposed


class Standing(IntEnum):
    """How a visit stands in its doctor's calendar, the better the smaller."""

    WORKED = 0
    """within hours or extra hours"""
    OUTSIDE = 1
    """the doctor does not work then"""
    OFF = 2
    """it touches time off"""
    GONE = 3
    """the doctor sees nobody any more"""


def visits_to_come(
    doctors: Collection[UUID], *, now: datetime, within: tuple[datetime, datetime] | None = None
) -> list[Appointment]:
    """The visits of ``doctors`` that have not begun, the next first, with their names; those in ``[start, end)``."""
    visits = Appointment.objects.filter(doctor__in=doctors, status=Status.SCHEDULED, starts_at__gt=now)
    if within is not None:
        visits = visits.filter(starts_at__lt=within[1], ends_at__gt=within[0])
    # What patients wrote is nobody's business here.
    return list(visits.with_names().defer("reason", "notes"))


def standings(
    visits: Collection[Appointment], *, now: datetime, supposed: Supposed = AS_IT_IS
) -> Mapping[UUID, Standing]:
    """How each visit stands, by what the database says now, or would say if things were as ``supposed``."""
    if not visits:
        return {}
    doctors = Doctor.objects.select_related("user").in_bulk({visit.doctor_id for visit in visits})
    start, end = min(visit.starts_at for visit in visits), max(visit.ends_at for visit in visits)
    calendars = Calendars(doctors.values(), start, end, now=now, supposed=supposed)
    return {visit.pk: _standing(visit, doctors[visit.doctor_id], calendars) for visit in visits}


def _standing(visit: Appointment, doctor: Doctor, calendars: Calendars) -> Standing:
    start, end = grid.seconds(visit.starts_at), grid.seconds(visit.ends_at)
    if not doctor.is_bookable:
        return Standing.GONE
    if any(label == grid.OFF for *_times, label in calendars.busy(doctor.pk, visit.site_id).touching(start, end)):
        return Standing.OFF
    reached = start
    # In the order of their starts; hours that meet are worked through.
    for block in calendars.blocks[doctor.pk]:
        if block.site == visit.site_id and block.start <= reached < block.end:
            reached = block.end
    return Standing.WORKED if reached >= end else Standing.OUTSIDE


def stands_well(visit: Appointment, standing: Standing, flag: ToBeMoved) -> bool:
    """Whether a flagged visit need not be moved any more."""
    if standing == Standing.OUTSIDE:
        return visit.is_overbooked and flag.cause != Cause.HOURS
    return standing == Standing.WORKED
