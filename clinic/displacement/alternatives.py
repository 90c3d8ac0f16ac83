"""Where there is time for a visit that must be moved."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from uuid import UUID

from clinic.models import Appointment, Doctor
from clinic.models.appointment import TIME_IS_HELD
from clinic.slots import Slot, Span
from clinic.slots.calendars import AS_IT_IS, Calendars, Supposed, visible_window

Group = Callable[[Appointment, Collection[Doctor]], list[Doctor]]
"""Of all doctors who might do, those of whom it is asked for a visit."""
CLOSE, FAR = timedelta(weeks=1), timedelta(weeks=5)
"""Before and after a visit that must be moved: farther than FAR nothing is looked for, and farther than CLOSE only if
there is not enough. A closed day may hit hundreds of visits, and all that is asked while their doctors are locked."""


def alternatives(appointment: Appointment, *, now: datetime, count: int = 3) -> list[Slot]:
    """The ``count`` free times nearest to the visit's, with the same doctor, earliest first; if he has not so many,
    followed by those of colleagues who share a specialty with him and offer the visit.

    They are times that the patient could book at ``now``, and at which he is nowhere else.
    """
    return near([appointment], now=now, count=count)[appointment.pk]


def near(
    visits: Collection[Appointment], *, now: datetime, count: int = 3, supposed: Supposed = AS_IT_IS
) -> dict[UUID, list[Slot]]:
    """:func:`alternatives` of several visits by their ids, in a number of queries that does not grow with theirs."""
    found: dict[UUID, list[Slot]] = {visit.pk: [] for visit in visits}
    for whose in (_own, _colleagues):
        missing = {visit: count - len(found[visit.pk]) for visit in visits if len(found[visit.pk]) < count}
        for visit, slots in _nearest(missing, whose, now=now, supposed=supposed).items():
            found[visit.pk] += sorted(slots, key=lambda slot: slot.starts_at)
    return found


def _nearest(
    wanted: Mapping[Appointment, int], whose: Group, *, now: datetime, supposed: Supposed
) -> dict[Appointment, list[Slot]]:
    """For each visit as many times as are wanted, the nearest of those that one of ``whose`` has."""
    found: dict[Appointment, list[Slot]] = {}
    for away in (CLOSE, FAR):
        missing = {visit: count for visit, count in wanted.items() if len(found.get(visit, ())) < count}
        found |= _within(away, missing, whose, now=now, supposed=supposed)
    return found


def _within(
    away: timedelta, wanted: Mapping[Appointment, int], whose: Group, *, now: datetime, supposed: Supposed
) -> dict[Appointment, list[Slot]]:
    """The same, of times that are not farther ``away``."""
    first, last = visible_window(now, every_status=False)
    start = max(min((visit.starts_at for visit in wanted), default=last) - away, first)
    end = min(max((visit.ends_at for visit in wanted), default=first) + away, last)
    if not wanted or start >= end:
        return {}
    doctors = _doctors(wanted)
    groups = {visit: whose(visit, doctors) for visit in wanted}
    asked = {doctor.pk: doctor for group in groups.values() for doctor in group}
    free = _Free(Calendars(asked.values(), start, end, now=now, supposed=supposed), Span(start, end))
    busy = _busy(wanted, start, end)
    found = {}
    for visit, count in wanted.items():
        slots = (
            slot
            for slot in free.slots(groups[visit], visit)
            if abs(slot.starts_at - visit.starts_at) <= away and not _meets(slot, busy[visit.pk])
        )
        found[visit] = nsmallest(count, slots, key=lambda slot: abs(slot.starts_at - visit.starts_at))
    return found


class _Free:
    """The free times of doctors, each reckoned once for each kind of visit."""

    def __init__(self, calendars: Calendars, span: Span) -> None:
        self.calendars, self.span = calendars, span
        self.known: dict[tuple[UUID, UUID | None], list[Slot]] = {}

    def slots(self, doctors: Iterable[Doctor], visit: Appointment) -> Iterator[Slot]:
        """Those in which the visit finds room."""
        for doctor in doctors:
            key = (doctor.pk, visit.visit_type_id)
            if key not in self.known:
                self.known[key] = self.calendars.slots(doctor, self.span, visit.visit_type)
            yield from self.known[key]


def _doctors(visits: Iterable[Appointment]) -> list[Doctor]:
    """The visits' doctors and all who share a specialty with one of them, with what is asked of them."""
    own = {visit.doctor_id for visit in visits}
    alike = Doctor.objects.bookable_online().filter(specialties__doctors__in=own).values("pk")
    found = Doctor.objects.filter(pk__in=own) | Doctor.objects.filter(pk__in=alike)
    return list(found.select_related("user").prefetch_related("specialties", "visit_types"))


def _own(visit: Appointment, doctors: Collection[Doctor]) -> list[Doctor]:
    """The visit's doctor, if he can be booked."""
    return [doctor for doctor in doctors if doctor.pk == visit.doctor_id and doctor.is_bookable]


def _colleagues(visit: Appointment, doctors: Collection[Doctor]) -> list[Doctor]:
    """Of the visit's doctor: those who could do it in his place."""
    [his] = [set(doctor.specialties.all()) for doctor in doctors if doctor.pk == visit.doctor_id]
    return [
        doctor
        for doctor in doctors
        if doctor.pk != visit.doctor_id
        and doctor.is_bookable
        and his & set(doctor.specialties.all())
        and (visit.visit_type is None or visit.visit_type in doctor.visit_types.all())
    ]


def _busy(
    visits: Collection[Appointment], start: datetime, end: datetime
) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """By visit when its patient is somewhere else."""
    patients = {visit.patient_id for visit in visits}
    rows = Appointment.objects.filter(TIME_IS_HELD, patient__in=patients, starts_at__lt=end, ends_at__gt=start)
    times: dict[UUID | None, list[tuple[UUID, datetime, datetime]]] = defaultdict(list)
    for pk, patient, since, until in rows.values_list("pk", "patient", "starts_at", "ends_at"):
        times[patient].append((pk, since, until))
    return {
        visit.pk: [(since, until) for pk, since, until in times[visit.patient_id] if pk != visit.pk] for visit in visits
    }


def _meets(slot: Slot, times: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(since < slot.ends_at and slot.starts_at < until for since, until in times)
