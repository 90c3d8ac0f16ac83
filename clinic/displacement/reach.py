"""Whose calendars something bears on."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from clinic.models import Appointment, Doctor, ScheduleException, Site, WeeklyHours


def at_site(site: Site | UUID, now: datetime) -> set[UUID]:
    """The ids of the doctors who work at the site, or have visits to come there."""
    to_come = Appointment.objects.filter(site=site, starts_at__gt=now)
    return {
        *WeeklyHours.objects.filter(site=site).values_list("doctor", flat=True),
        *ScheduleException.objects.filter(site=site).exclude(doctor=None).values_list("doctor", flat=True),
        *to_come.values_list("doctor", flat=True).distinct().order_by(),
    }


def concerned(exceptions: Iterable[ScheduleException], now: datetime) -> set[UUID]:
    """Whose calendars the exceptions bear on: one doctor's, a site's, everybody's."""
    doctors: set[UUID] = set()
    for exception in exceptions:
        if exception.doctor_id:
            doctors.add(exception.doctor_id)
        elif exception.site_id:
            doctors |= at_site(exception.site_id, now)
        else:
            doctors.update(Doctor.objects.values_list("pk", flat=True))
    return doctors


def hull(exceptions: Collection[ScheduleException]) -> tuple[datetime, datetime]:
    """From when until when any of them lasts."""
    return min(e.starts_at for e in exceptions), max(e.ends_at for e in exceptions)
