"""The day's times of a doctor, by mail in the morning to those who want it."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from accounts import outbox
from accounts.models import Message
from accounts.outbox import Note
from clinic.models import Appointment, AppointmentQuerySet, Doctor, Site, Status

AT, UNTIL = time(6), time(12)
"""It is written at six on the sites' clock, and after noon no more."""
EXPECTED = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS)


def plan(*, now: datetime) -> int:
    """Write the agendas that are due at ``now`` to the outbox: one for a doctor, a day and a time zone of his sites.

    A day without visits needs none.
    """
    zones = sorted(set(Site.objects.values_list("time_zone", flat=True)))
    return sum(_plan(name, now) for name in zones)


def of_day(day: date, zone: str) -> AppointmentQuerySet:
    """The visits that begin on this day of the clocks of ``zone``, at the sites that have them."""
    start, end = (_midnight(one, zone) for one in (day, day + timedelta(days=1)))
    visits = Appointment.objects.filter(starts_at__gte=start, starts_at__lt=end, status__in=EXPECTED)
    return visits.filter(site__time_zone=zone).order_by("starts_at", "id")


def _plan(zone: str, now: datetime) -> int:
    here = now.astimezone(ZoneInfo(zone))
    if not AT <= here.time() < UNTIL:
        return 0
    day = here.date()
    waiting = Doctor.objects.public().filter(Exists(of_day(day, zone).filter(doctor=OuterRef("pk"))), wants_agenda=True)
    doctors = {_key(doctor, day, zone): doctor for doctor in waiting.select_related("user")}
    written = set(Message.objects.filter(key__in=list(doctors)).values_list("key", flat=True))
    notes = [
        Note(
            key=key,
            to=doctor.user,
            context={"doctor": doctor.pk, "day": day.isoformat(), "zone": zone},
            not_after=_midnight(day + timedelta(days=1), zone),
        )
        # In one order for all: two that write the same would wait for each other.
        for key, doctor in sorted(doctors.items())
        if key not in written
    ]
    return outbox.enqueue_all("daily_agenda", notes, now=now) if notes else 0


def _key(doctor: Doctor, day: date, zone: str) -> str:
    return f"daily_agenda:{doctor.pk}:{day}:{zone}"


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
