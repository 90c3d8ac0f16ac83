"""The twelve doctors, with their hours, and what cuts into these."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounts import people
from accounts.models import Role, User
from clinic import availability, doctors
from clinic.models import Availability, Doctor, ExceptionKind, ScheduleException, Site, WeeklyHours
from scheduler.demo.cards import CARDS, Card
from scheduler.demo.directory import Directory, local_midnight

OCCUPIED = 12
"""The number of the doctor who takes no online bookings at present."""


def make_doctors(directory: Directory, *, by: User, now: datetime) -> list[Doctor]:
    """The twelve, doctor1 to doctor12, with hours, time off and extra hours around ``now``; an administrator's work."""
    made = [_make_doctor(number, card, directory, by, now) for number, card in enumerate(CARDS, start=1)]
    for exception in _exceptions(made, directory.sites, now):
        availability.set_exception(exception, by=by, now=now)
    return made


def mark_occupied(made: list[Doctor], *, by: User, now: datetime) -> None:
    """Let one of the twelve take no more online bookings."""
    busy = made[OCCUPIED - 1]
    busy.status = Availability.OCCUPIED
    doctors.set_profile(busy, by=by, today=now.date())


def _make_doctor(number: int, card: Card, directory: Directory, by: User, now: datetime) -> Doctor:
    first_name, last_name = card.name
    user = people.appoint(
        email=f"doctor{number}@example.org",
        password=None,
        first_name=first_name,
        last_name=last_name,
        role=Role.DOCTOR,
    )
    doctor = Doctor(
        user=user,
        title="Dr.",
        license_number=f"DEMO-{number:05}",
        practising_since=date(card.since, 4, 1),
        bio=card.bio,
        languages=card.languages,
        consultation_fee=Decimal(card.fee),
    )
    doctors.set_profile(
        doctor,
        by=by,
        today=now.date(),
        departments=[directory.departments[card.department]],
        specialties=[directory.specialties[name] for name in card.specialties],
        visit_types=[directory.visit_types[name] for name in card.visits],
    )
    for hours in _hours(doctor, card, directory.sites):
        availability.set_hours(hours, by=by, now=now)
    return doctor


def _hours(doctor: Doctor, card: Card, sites: dict[str, Site]) -> Iterator[WeeklyHours]:
    for shift in card.shifts:
        for weekday in shift.weekdays:
            yield WeeklyHours(
                doctor=doctor,
                site=sites[shift.city],
                weekday=weekday,
                starts=time.fromisoformat(shift.starts),
                ends=time.fromisoformat(shift.ends),
                slot_minutes=shift.slot,
            )


def _exceptions(made: list[Doctor], sites: dict[str, Site], now: datetime) -> Iterator[ScheduleException]:
    """A conference last week, an afternoon off, a week of holidays, a training day, and an extra Saturday."""
    berlin, london = sites["Berlin"], sites["London"]
    hour = timedelta(hours=1)
    off = [
        (made[7], london, -8, 0 * hour, 48 * hour, "Conference"),
        (made[4], berlin, 3, 14 * hour, 4 * hour, "Own appointment"),
        (made[2], berlin, 12, 0 * hour, 7 * 24 * hour, "Holidays"),
        (None, berlin, 24, 0 * hour, 24 * hour, "Staff training"),
    ]
    for doctor, site, days, clock, length, reason in off:
        start = local_midnight(site, now, days=days) + clock
        yield ScheduleException(
            doctor=doctor,
            site=site,
            kind=ExceptionKind.TIME_OFF,
            starts_at=start,
            ends_at=start + length,
            reason=reason,
        )
    saturday = (5 - now.astimezone(berlin.zone).weekday()) % 7 or 7
    opening = local_midnight(berlin, now, days=saturday) + 9 * hour
    yield ScheduleException(
        doctor=made[5],
        site=berlin,
        kind=ExceptionKind.EXTRA_HOURS,
        starts_at=opening,
        ends_at=opening + 4 * hour,
        slot_minutes=20,
        reason="Skin checks before the summer",
    )
