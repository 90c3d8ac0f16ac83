"""Where there is time for a visit that must be moved."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import nsmallest
from uuid import UUID

from clinic.models import Appointment, Doctor
from clinic.models.appointment import TIME_IS_HELD
from clinic.slots import Slot, Span
from clinic.slots.calendars import AS_IT_IS, Calendars, Supposed, visible_window

FAR = timedelta(weeks=5)
"""Before and after the visits that must be moved; farther away nothing is looked for."""


def alternatives(appointment: Appointment, *, now: datetime, count: int = 3) -> list[Slot]:
    """The ``count`` free times nearest to the visit's, with the same doctor, earliest first; if he has not so many,
    followed by those of colleagues who share a specialty with him and offer the visit.

    They are times that the patient could book at ``now``, and at which he is nowhere else.
    """
    return near([appointment], now=now, count=count)[appointment.pk]


def near(
    visits: Collection[Appointment], *, now: datetime, count: int = 3, supposed: Supposed = AS_IT_IS
) -> dict[UUID, list[Slot]]:
    """:func:`alternatives` of several visits by their ids, in as many queries as for one."""
    if not visits:
        return {}
    first, last = visible_window(now, every_status=False)
    start = max(min(visit.starts_at for visit in visits) - FAR, first)
    end = min(max(visit.ends_at for visit in visits) + FAR, last)
    if start >= end:
        return {visit.pk: [] for visit in visits}
    doctors = _doctors(visits)
    free = _Free(Calendars(doctors, start, end, now=now, supposed=supposed), Span(start, end))
    busy = _busy(visits, start, end)
    found: dict[UUID, list[Slot]] = {}
    for visit in visits:
        own = [doctor for doctor in doctors if doctor.pk == visit.doctor_id and doctor.is_bookable]
        chosen: list[Slot] = []
        for group in (own, _colleagues(visit, doctors)):
            slots = (slot for slot in free.slots(group, visit) if not _meets(slot, busy[visit.pk]))
            closest = nsmallest(count - len(chosen), slots, key=lambda slot: abs(slot.starts_at - visit.starts_at))
            chosen += sorted(closest, key=lambda slot: slot.starts_at)
        found[visit.pk] = chosen
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
    times = list(rows.values_list("pk", "patient", "starts_at", "ends_at"))
    return {
        visit.pk: [
            (since, until) for pk, patient, since, until in times if patient == visit.patient_id and pk != visit.pk
        ]
        for visit in visits
    }


def _meets(slot: Slot, times: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(since < slot.ends_at and slot.starts_at < until for since, until in times)
