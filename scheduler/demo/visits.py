"""Some four hundred appointments in the eight weeks around today, each booked by the verb that patients use."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from random import Random
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.models import Patient, User
from clinic import booking, slots
from clinic.models import Appointment, Doctor
from clinic.slots import Slot, Span
from scheduler.demo.history import Outcome, write_history

DAYS = 28
WANTED = {"past": 190, "today": 30, "to come": 190}
REASONS = (
    *("", "", "", "Check-up after last month's visit", "Cough that does not go away", "Question about my medicines"),
    *("Pain in the left knee when climbing stairs", "Itching rash on the forearm", "Travel vaccination", "Headaches"),
)
CALLED_OFF = ("The doctor is ill.", "The patient called: other plans.", "Moved to another clinic.")


@dataclass
class Diary:
    """Who is busy when, so that hardly a request is refused; the verb and the database decide."""

    rng: Random
    patients: Iterator[Patient]
    busy: dict[UUID, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))

    def is_free(self, who: Doctor | Patient, start: datetime, end: datetime) -> bool:
        """Whether nothing that was noted for ``who`` touches ``[start, end)``."""
        return all(other_end <= start or end <= other_start for other_start, other_end in self.busy[who.pk])

    def note(self, who: Doctor | Patient, start: datetime, end: datetime) -> None:
        """Remember that ``who`` is busy in ``[start, end)``."""
        self.busy[who.pk].append((start, end))

    def next_patient(self, slot: Slot) -> Patient | None:
        """The next in turn, if the time suits."""
        patient = next(self.patients)
        return patient if self.is_free(patient, slot.starts_at, slot.ends_at) else None


def make_visits(
    doctors: list[Doctor], patients: list[Patient], front_desk: User, rng: Random, now: datetime
) -> list[Appointment]:
    """Book, cancel, and write down how those of the past went; the appointments."""
    diary = Diary(rng, cycle(rng.sample(patients, len(patients))))
    outcomes: list[Outcome] = []
    for period, offered in _openings(doctors, now).items():
        wanted = WANTED[period]
        rng.shuffle(offered)
        for slot in offered:
            if wanted == 0:
                break
            outcome = _visit(slot, diary, front_desk, now)
            if outcome:
                outcomes.append(outcome)
                wanted -= 1
    write_history(outcomes, now=now)
    return [outcome.appointment for outcome in outcomes]


def _openings(doctors: list[Doctor], now: datetime) -> dict[str, list[Slot]]:
    """Every time at which any visit could take place, by period. Past first: of what is to come nobody has too much."""
    found: dict[str, list[Slot]] = {period: [] for period in WANTED}
    span = Span((now - timedelta(days=DAYS)).date(), (now + timedelta(days=DAYS)).date())
    for doctor in doctors:
        for visit_type in doctor.visit_types.public():
            for slot in slots.search([doctor], span, now=now, visit_type=visit_type, every_status=True):
                if slot.is_free:
                    found[_period(slot, now)].append(slot)
    return found


def _period(slot: Slot, now: datetime) -> str:
    day, today = (moment.astimezone(slot.site.zone).date() for moment in (slot.starts_at, now))
    return "today" if day == today else "past" if day < today else "to come"


def _visit(slot: Slot, diary: Diary, front_desk: User, now: datetime) -> Outcome | None:
    """One appointment, booked some days before; None if doctor or patient is busy or the rules refuse it."""
    kind, rng = slot.visit_type, diary.rng
    assert kind is not None
    occupied = (
        slot.starts_at - timedelta(minutes=kind.buffer_before),
        slot.ends_at + timedelta(minutes=kind.buffer_after),
    )
    patient = diary.next_patient(slot)
    if patient is None or not diary.is_free(slot.doctor, *occupied):
        return None
    assert patient.user is not None
    notice = timedelta(minutes=settings.BOOKING_MIN_NOTICE_MINUTES)
    booked_at = min(slot.starts_at - notice, now) - timedelta(minutes=rng.randint(10, 12 * 24 * 60))
    try:
        appointment = booking.book(
            doctor=slot.doctor,
            patient=patient,
            starts_at=slot.starts_at,
            visit_type=kind,
            by=rng.choice((patient.user, patient.user, patient.user, front_desk)),
            now=booked_at,
            reason=rng.choice(REASONS),
        )
    except ValidationError:
        # A policy of this installation (a near horizon, few appointments each); the demo then is smaller.
        return None
    diary.note(slot.doctor, *occupied)
    diary.note(patient, slot.starts_at, slot.ends_at)
    if rng.random() < 0.08:
        appointment = _cancel(appointment, patient.user, front_desk, rng, booked_at + timedelta(minutes=5))
    return Outcome(appointment, booked_at=booked_at, came=rng.random() < 0.93)


def _cancel(appointment: Appointment, patient: User, front_desk: User, rng: Random, at: datetime) -> Appointment:
    """By the patient if he may and chance will have it, else by the front desk."""
    if at <= appointment.cancellable_until and rng.random() < 0.5:
        return booking.cancel(appointment, by=patient, now=at)
    return booking.cancel(appointment, by=front_desk, now=at, reason=rng.choice(CALLED_OFF))
