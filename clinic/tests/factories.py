"""A clinic for tests: plain functions with sensible defaults. The clock of the tests stands at ``NOW``."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from clinic.models import (
    Appointment,
    Approval,
    Doctor,
    ExceptionKind,
    ScheduleException,
    Site,
    Status,
    VisitType,
    WeeklyHours,
)

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)
"""A Monday, 09:00 in Berlin."""
MONDAY = date(2027, 3, 1)
"""The Monday after."""
_numbers = count(1)


def at(clock: str, day: date = MONDAY, site: Site | None = None) -> datetime:
    """The instant at which the site's clock (Berlin's without one) shows ``clock`` ("09:30") on ``day``."""
    zone = (site or Site(time_zone="Europe/Berlin")).zone
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def make_site(**fields: Any) -> Site:
    """A site in Berlin."""
    return Site.objects.create(**{"name": f"Site {next(_numbers)}", "time_zone": "Europe/Berlin"} | fields)


def make_visit_type(**fields: Any) -> VisitType:
    """A visit of half an hour that anybody may book."""
    return VisitType.objects.create(**{"name": f"Visit {next(_numbers)}", "minutes": 30} | fields)


def make_doctor(user: User | None = None, *, visit_types: tuple[VisitType, ...] = (), **fields: Any) -> Doctor:
    """An approved doctor without hours."""
    doctor = Doctor.objects.create(user=user or make_user(Role.DOCTOR), **{"approval": Approval.APPROVED} | fields)
    doctor.visit_types.set(visit_types)
    return doctor


def make_hours(
    doctor: Doctor, site: Site, starts: str = "09:00", ends: str = "12:00", **fields: Any
) -> list[WeeklyHours]:
    """The same hours on each of ``weekdays`` (Monday to Friday), in slots of half an hour."""
    weekdays = fields.pop("weekdays", range(5))
    times = {"starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends)}
    return [
        WeeklyHours.objects.create(doctor=doctor, site=site, weekday=weekday, **{"slot_minutes": 30} | times | fields)
        for weekday in weekdays
    ]


def make_time_off(
    starts_at: datetime, ends_at: datetime, doctor: Doctor | None = None, **fields: Any
) -> ScheduleException:
    """Time off for a doctor, or without one for a site or for all."""
    kind = {"kind": ExceptionKind.TIME_OFF, "starts_at": starts_at, "ends_at": ends_at, "doctor": doctor}
    return ScheduleException.objects.create(**kind | fields)


def make_extra_hours(
    doctor: Doctor, site: Site, starts_at: datetime, ends_at: datetime, **fields: Any
) -> ScheduleException:
    """Extra hours in slots of half an hour."""
    kind = {"kind": ExceptionKind.EXTRA_HOURS, "starts_at": starts_at, "ends_at": ends_at, "slot_minutes": 30}
    return ScheduleException.objects.create(doctor=doctor, site=site, **kind | fields)


def make_appointment(
    doctor: Doctor, patient: Patient | None, starts_at: datetime, *, minutes: int = 30, **fields: Any
) -> Appointment:
    """A row as it would stand in the database, rules unasked (the database's constraints hold)."""
    ends_at = starts_at + timedelta(minutes=minutes)
    times = {"starts_at": starts_at, "ends_at": ends_at, "occupied_from": starts_at, "occupied_until": ends_at}
    hours = doctor.weekly_hours.select_related("site").first()
    row = times | {"site": hours.site if hours else None, "status": Status.SCHEDULED} | fields
    return Appointment.objects.create(doctor=doctor, patient=patient, **row)
