"""From when on it is worth looking for each doctor's first free time.

A hint is a lower bound on the first minute that is neither outside hours, nor time off, nor booked; holds, lengths,
buffers, notice and horizon are ignored. Too early costs a look; too late would hide a free time. So whatever frees time
says so here, in its own transaction, under the doctor's lock; and only :func:`refresh`, under that lock, sets a hint
later. What takes time, such as booking, need say nothing.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic import grid
from clinic.models import Doctor, OpeningHint
from clinic.slots.calendars import Calendars, visible_window

STALE: Final = timedelta(hours=1)
"""After this it is looked again: what was free may be booked by now."""
AT_ONCE: Final = 20
"""So many doctors are locked, for some hundredths of a second."""


def known(doctors: Iterable[Doctor], *, now: datetime) -> dict[UUID, datetime]:
    """Before when each doctor has nothing free, as far as it is known; one query."""
    hints = OpeningHint.objects.filter(doctor__in=[doctor.pk for doctor in doctors], looked_at__lte=now)
    return dict(hints.values_list("doctor", "free_from"))


def forget(doctors: Collection[UUID]) -> None:
    """Their calendars change, nobody knows how. Under their locks."""
    OpeningHint.objects.filter(doctor__in=doctors).delete()


def freed(doctor: UUID, since: datetime) -> None:
    """What one visit occupied from ``since`` on is free again. Under the doctor's lock."""
    OpeningHint.objects.filter(doctor=doctor, free_from__gt=since).update(free_from=since)


def refresh(*, now: datetime) -> int:
    """Look again at the doctors without a hint and those whose hint is STALE; how many hints were written.

    A few doctors at a time; one whose calendar is being changed is left for the next round.
    """
    missing_or_old = Q(opening_hint=None) | Q(opening_hint__looked_at__lt=now - STALE)
    due = list(Doctor.objects.public().filter(missing_or_old).order_by("pk").values_list("pk", flat=True))
    return sum(_look(due[first : first + AT_ONCE], now) for first in range(0, len(due), AT_ONCE))


@transaction.atomic
def _look(ids: list[UUID], now: datetime) -> int:
    rows = Doctor.objects.select_for_update(no_key=True, skip_locked=True)
    doctors = list(rows.filter(pk__in=ids).order_by("pk"))
    # What is read from here on is what all have committed who had the locks before.
    found = [OpeningHint(doctor=doctor, free_from=at, looked_at=now) for doctor, at in _first_minutes(doctors, now)]
    columns = ["free_from", "looked_at"]
    OpeningHint.objects.bulk_create(found, update_conflicts=True, unique_fields=["doctor"], update_fields=columns)
    return len(found)


def _first_minutes(doctors: list[Doctor], now: datetime) -> Iterator[tuple[Doctor, datetime]]:
    """Each doctor's first free minute from ``now``; the end of what can be booked, if there is none."""
    start, horizon = visible_window(now, every_status=False)
    length = timedelta(days=7)
    while doctors and start < horizon:
        end = min(start + length, horizon)
        calendars, missing = Calendars(doctors, start, end, now=now), []
        for doctor in doctors:
            minutes = [minute for minute in _minutes(calendars, doctor) if minute < grid.seconds(end)]
            if minutes:
                yield doctor, grid.instant(min(minutes))
            else:
                missing.append(doctor)
        doctors, start, length = missing, end, length * 2
    for doctor in doctors:
        yield doctor, horizon


def _minutes(calendars: Calendars, doctor: Doctor) -> Iterator[int]:
    """The first free minute of each of his working periods."""
    since, blocks = grid.seconds(calendars.start), calendars.blocks[doctor.pk]
    busy = {site: calendars.busy(doctor.pk, site) for site in {block.site for block in blocks}}  # type: ignore[arg-type]
    for block in blocks:
        at = max(block.start, since)
        # They come in the order of their starts.
        for busy_from, busy_until, label in busy[block.site].touching(at, block.end):
            if label != grid.HELD and busy_from <= at:
                at = max(at, busy_until)
        if at < block.end:
            yield at
