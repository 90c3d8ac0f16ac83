"""How past visits went: the one thing that no verb does here.

The verbs of the day (arrived, begun, completed) would be three transactions for each visit, so the rows are written as
they would stand afterwards. The database's constraints hold all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.models import Appointment, Status

SOON = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An appointment, when it was booked, and whether the patient came (or will)."""

    appointment: Appointment
    booked_at: datetime
    came: bool


def write_history(outcomes: Iterable[Outcome], *, now: datetime) -> None:
    """Set what has happened to the appointments until ``now``; cancelled ones stay as they are."""
    appointments = [_lived(outcome, now) for outcome in outcomes]
    fields = ["status", "created_at", "arrived_at", "started_at", "completed_at"]
    Appointment.objects.bulk_update(appointments, fields, batch_size=100)


def _lived(outcome: Outcome, now: datetime) -> Appointment:
    visit = outcome.appointment
    visit.created_at = outcome.booked_at
    if visit.status == Status.CANCELLED or now < visit.starts_at - SOON:
        return visit
    if not outcome.came:
        visit.status = Status.NO_SHOW if visit.ends_at <= now else Status.SCHEDULED
        return visit
    visit.status, visit.arrived_at = Status.ARRIVED, visit.starts_at - SOON
    if visit.starts_at <= now:
        visit.status, visit.started_at = Status.IN_PROGRESS, visit.starts_at
    if visit.ends_at <= now:
        visit.status, visit.completed_at = Status.COMPLETED, visit.ends_at
    return visit
