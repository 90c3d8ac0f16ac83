"""Which visits a change would hit, before anybody makes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.displacement.alternatives import near
from clinic.displacement.reach import concerned, hull
from clinic.displacement.standing import standings, visits_to_come
from clinic.models import Appointment, ScheduleException, ToBeMoved, WeeklyHours
from clinic.slots import Slot
from clinic.slots.calendars import Supposed


@dataclass(frozen=True, slots=True)
class Hit:
    """A visit that would lose its place, and free times near it, were the change made."""

    appointment: Appointment
    alternatives: list[Slot]


class AppointmentsInTheWay(ValidationError):
    """Visits would lose their place (``appointments_in_the_way``), and nobody has said that they shall; ``hits``."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        super().__init__(
            _("Appointments lie in this time. They would have to be moved, and the patients be told."),
            code="appointments_in_the_way",
        )
        self.hits = hits


def mark_of(hits: Sequence[Hit]) -> str:
    """The same for the same visits: what a page that asks sends along, so that it is known which ones it has shown."""
    return sha256(" ".join(sorted(str(hit.appointment.pk) for hit in hits)).encode()).hexdigest()


def foresee(exception: ScheduleException, *, now: datetime, removed: bool = False) -> list[Hit]:
    """The visits that ``exception``, as it stands there, would hit if it were written, or ``removed``; the next first.

    Nothing is written. Visits that wait to be moved already are not told again.
    """
    known = list(ScheduleException.objects.filter(pk=exception.pk))
    changed = [*known] if removed else [*known, exception]
    if not changed:
        return []
    gone = frozenset({exception.pk})
    supposed = Supposed(without=gone) if removed else Supposed(exceptions=(exception,))
    return _foresee(concerned(changed, now), supposed, now=now, within=hull(changed))


def foresee_hours(hours: WeeklyHours, *, now: datetime, removed: bool = False) -> list[Hit]:
    """The visits that would lie outside, were ``hours`` written as they stand there, or ``removed``; the next first."""
    doctors = {*WeeklyHours.objects.filter(pk=hours.pk).values_list("doctor", flat=True), hours.doctor_id}
    supposed = Supposed(without=frozenset({hours.pk})) if removed else Supposed(hours=(hours,))
    return _foresee(doctors, supposed, now=now)


def _foresee(
    doctors: Collection[UUID],
    supposed: Supposed,
    *,
    now: datetime,
    within: tuple[datetime, datetime] | None = None,
) -> list[Hit]:
    visits = visits_to_come(doctors, now=now, within=within)
    before, after = standings(visits, now=now), standings(visits, now=now, supposed=supposed)
    flagged = set(
        ToBeMoved.objects.filter(resolved_at=None, appointment__in=visits).values_list("appointment", flat=True)
    )
    hit = [visit for visit in visits if after[visit.pk] > before[visit.pk] and visit.pk not in flagged]
    elsewhere = near(hit, now=now, supposed=supposed)
    return [Hit(visit, elsewhere[visit.pk]) for visit in hit]
