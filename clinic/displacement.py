"""Which visits a change of calendars hits, and which it sets right again."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from django.db.models import Exists, OuterRef

from clinic import grid, news
from clinic.booking.transaction import lock
from clinic.models import Appointment, AppointmentQuerySet, Doctor, ScheduleException, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.slots.calendars import Calendars


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


@contextmanager
def calendars_changing(
    doctors: Collection[UUID],
    *,
    now: datetime,
    cause: Cause,
    exception: ScheduleException | None = None,
    within: tuple[datetime, datetime] | None = None,
) -> Iterator[None]:
    """Lock ``doctors``; whatever the block changes, flag the visits to come that stand worse after it than before it,
    and those whose doctor is gone; their patients are told.

    Flags of visits that stand as they should are resolved. ``within`` says that no visit outside ``[start, end)`` can
    be concerned. Only within a transaction. An overbooked visit was put where it is on purpose: it is hit by what comes
    later, and stands well again once that is undone.
    """
    lock(None, *doctors)
    visits = _visits(doctors, now, within)
    before = _standings(visits, now)
    yield
    after = _standings(visits, now)
    flags = {
        flag.appointment_id: flag
        for flag in ToBeMoved.objects.filter(resolved_at=None, appointment__doctor__in=doctors)
    }
    new = ToBeMoved.objects.bulk_create(
        ToBeMoved(appointment=visit, cause=cause, exception=exception)
        for visit in visits
        if (after[visit.pk] > before[visit.pk] or after[visit.pk] == Standing.GONE) and visit.pk not in flags
    )
    news.must_be_moved(new, now=now)
    well = [flags[v.pk].pk for v in visits if v.pk in flags and _stands_well(v, after[v.pk], flags[v.pk])]
    ToBeMoved.objects.filter(pk__in=well).update(resolved_at=now, updated_at=now)


def _visits(doctors: Collection[UUID], now: datetime, within: tuple[datetime, datetime] | None) -> list[Appointment]:
    visits = Appointment.objects.filter(doctor__in=doctors, status=Status.SCHEDULED, starts_at__gt=now)
    visits = visits.select_related("patient")
    if within is not None:
        visits = visits.filter(starts_at__lt=within[1], ends_at__gt=within[0])
    return list(visits)


def _standings(visits: list[Appointment], now: datetime) -> Mapping[UUID, Standing]:
    """How each visit stands, by what the database says now."""
    if not visits:
        return {}
    doctors = Doctor.objects.select_related("user").in_bulk({visit.doctor_id for visit in visits})
    start, end = min(visit.starts_at for visit in visits), max(visit.ends_at for visit in visits)
    calendars = Calendars(doctors.values(), start, end, now=now)
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


def _stands_well(visit: Appointment, standing: Standing, flag: ToBeMoved) -> bool:
    if standing == Standing.OUTSIDE:
        return visit.is_overbooked and flag.cause != Cause.HOURS
    return standing == Standing.WORKED


def waiting() -> int:
    """How many visits wait to be moved."""
    return ToBeMoved.objects.filter(resolved_at=None).count()


def with_flags(visits: AppointmentQuerySet) -> AppointmentQuerySet:
    """``visits``, each with ``is_waiting``: whether it waits to be moved."""
    return visits.annotate(is_waiting=Exists(ToBeMoved.objects.filter(appointment=OuterRef("pk"), resolved_at=None)))
