"""The twelve doctors, with their hours, and what cuts into these."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from accounts import people
from accounts.models import Role
from clinic.models import Approval, Doctor, ExceptionKind, ScheduleException, Site, WeeklyHours
from scheduler.demo.cards import CARDS, Card
from scheduler.demo.directory import Directory, local_midnight

OCCUPIED = 12
"""The number of the doctor who takes no online bookings at present."""


def make_doctors(directory: Directory, now: datetime) -> list[Doctor]:
    """The twelve, doctor1 to doctor12, with hours, time off and extra hours around ``now``."""
    doctors = [_make_doctor(number, card, directory) for number, card in enumerate(CARDS, start=1)]
    _make_exceptions(doctors, directory.sites, now)
    return doctors


def _make_doctor(number: int, card: Card, directory: Directory) -> Doctor:
    user = people.appoint(
        email=f"doctor{number}@example.org",
        password=None,
        first_name=card.name[0],
        last_name=card.name[1],
        role=Role.DOCTOR,
    )
    doctor = Doctor.objects.create(
        user=user,
        title="Dr.",
        license_number=f"DEMO-{number:05}",
        practising_since=date(card.since, 4, 1),
        bio=card.bio,
        languages=card.languages,
        consultation_fee=Decimal(card.fee),
        approval=Approval.APPROVED,
    )
    doctor.departments.add(directory.departments[card.department])
    doctor.specialties.set(directory.specialties[name] for name in card.specialties)
    doctor.visit_types.set(directory.visit_types[name] for name in card.visits)
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            doctor=doctor,
            site=directory.sites[shift.city],
            weekday=weekday,
            starts=time.fromisoformat(shift.starts),
            ends=time.fromisoformat(shift.ends),
            slot_minutes=shift.slot,
        )
        for shift in card.shifts
        for weekday in shift.weekdays
    )
    return doctor


def _make_exceptions(doctors: list[Doctor], sites: dict[str, Site], now: datetime) -> None:
    """A conference last week, an afternoon off, a week of holidays, a training day, and an extra Saturday."""
    berlin, london = sites["Berlin"], sites["London"]
    hour = timedelta(hours=1)
    off = [
        (doctors[7], london, -8, 0 * hour, 48 * hour, "Conference"),
        (doctors[4], berlin, 3, 14 * hour, 4 * hour, "Own appointment"),
        (doctors[2], berlin, 12, 0 * hour, 7 * 24 * hour, "Holidays"),
        (None, berlin, 24, 0 * hour, 24 * hour, "Staff training"),
    ]
    for doctor, site, days, clock, length, reason in off:
        start = local_midnight(site, now, days=days) + clock
        kind = ExceptionKind.TIME_OFF
        ScheduleException.objects.create(
            doctor=doctor, site=site, kind=kind, starts_at=start, ends_at=start + length, reason=reason
        )
    saturday = (5 - now.astimezone(berlin.zone).weekday()) % 7 or 7
    opening = local_midnight(berlin, now, days=saturday) + 9 * hour
    ScheduleException.objects.create(
        doctor=doctors[5],
        site=berlin,
        kind=ExceptionKind.EXTRA_HOURS,
        starts_at=opening,
        ends_at=opening + 4 * hour,
        slot_minutes=20,
        reason="Skin checks before the summer",
    )
