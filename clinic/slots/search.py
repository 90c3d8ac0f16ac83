"""Looking for free times."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Doctor, VisitType
from clinic.slots import hints
from clinic.slots.calendars import FARTHEST, Calendars, Slot, Span, visible_window


def search(
    doctors: Sequence[Doctor],
    span: Span,
    *,
    now: datetime,
    visit_type: VisitType | None = None,
    site: UUID | None = None,
    limit: int | None = None,
    every_status: bool = False,
) -> list[Slot]:
    """The slots of ``doctors`` in ``span``, earliest first, at most ``limit``.

    Those free for a patient at ``now``; with ``every_status``, for staff, all of the grid, whatever stands there.
    """
    first, last = visible_window(now, every_status=every_status)
    start, end = span.anywhere()
    found: list[Slot] = []
    for piece_start, piece_end in _pieces(max(start, first), min(end, last), len(doctors), limit):
        calendars = Calendars(doctors, piece_start, piece_end, now=now)
        for doctor in doctors:
            found += calendars.slots(doctor, span, visit_type, site=site, every_status=every_status)
        if limit is not None and len(found) >= limit:
            break
    return sorted(found, key=_order)[:limit]


def first_openings(
    doctors: Sequence[Doctor],
    *,
    now: datetime,
    start: date | datetime | None = None,
    visit_type: VisitType | Mapping[UUID, VisitType | None] | None = None,
    site: UUID | None = None,
    count: int = 1,
    limit: int | None = None,
) -> dict[UUID, list[Slot]]:
    """The first ``count`` free slots of each doctor from ``start`` (else now) to the horizon, by doctor id.

    With ``limit`` at least the so many doctors who are free first; it makes sense for one slot of each only.

    ``visit_type`` is one for all, or each doctor's own by doctor id. A doctor without any free slot has no entry; the
    entries stand in the order of their first slot.
    """
    kinds = visit_type if isinstance(visit_type, Mapping) else dict.fromkeys([d.pk for d in doctors], visit_type)
    now, horizon = visible_window(now, every_status=False)
    span = Span(start or now, horizon)
    found: dict[UUID, list[Slot]] = defaultdict(list)
    first = max(span.anywhere()[0], now)
    hinted = hints.known(doctors, now=now)
    free_from = {doctor.pk: max(first, hinted.get(doctor.pk, first)) for doctor in doctors}
    missing, reached, length = list(doctors), first, _short(len(doctors))
    while missing and limit != 0:
        reached = max(reached, min(free_from[doctor.pk] for doctor in missing))
        until = min(reached + length, horizon)
        if reached >= until:
            break
        due = [doctor for doctor in missing if free_from[doctor.pk] < until]
        calendars = Calendars(due, reached, until, now=now)
        for doctor in due:
            found[doctor.pk] += calendars.slots(doctor, span, kinds.get(doctor.pk), site=site)
        missing = [doctor for doctor in missing if len(found[doctor.pk]) < count]
        if limit is not None and len(doctors) - len(missing) >= limit:
            break  # whatever the others have is later
        reached, length = until, length * 2
    firsts = {doctor: slots[:count] for doctor, slots in found.items() if slots}
    return dict(sorted(firsts.items(), key=lambda item: _order(item[1][0])))


def nearest(
    doctor: Doctor, starts_at: datetime, *, now: datetime, visit_type: VisitType | None = None, count: int = 3
) -> list[Slot]:
    """The ``count`` free slots of ``doctor`` closest to ``starts_at``, earliest first; fewer if no more are free."""
    found: list[Slot] = []
    for away in (timedelta(days=2), timedelta(days=14), FARTHEST):
        found = search([doctor], Span(starts_at - away, starts_at + away), now=now, visit_type=visit_type)
        if len(found) >= count:
            break
    closest = sorted(found, key=lambda slot: (abs(slot.starts_at - starts_at), slot.starts_at))[:count]
    return sorted(closest, key=_order)


def _order(slot: Slot) -> tuple[datetime, str, str]:
    return slot.starts_at, str(slot.doctor), slot.site.name


def _pieces(start: datetime, end: datetime, doctors: int, limit: int | None) -> Iterator[tuple[datetime, datetime]]:
    """``[start, end)`` in pieces, each twice as long as the one before, so that a small limit does not compute
    months for each doctor; in one piece if nothing limits the answer."""
    length = _short(doctors) if limit is not None else end - start
    while start < end:
        yield start, min(start + length, end)
        start, length = start + length, length * 2


def _short(doctors: int) -> timedelta:
    """How far one looks at first: the fewer doctors, the farther."""
    return timedelta(days=min(14, max(1, 240 // max(1, doctors))))
