"""Which visits a change of calendars hits, and which it sets right again."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from clinic import news
from clinic.booking.transaction import lock
from clinic.displacement.standing import Standing, standings, stands_well, visits_to_come
from clinic.models import ScheduleException, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.slots import hints


@contextmanager
def calendars_changing(
    doctors: Collection[UUID],
    *,
    now: datetime,
    cause: Cause,
    exception: ScheduleException | None = None,
    within: tuple[datetime, datetime] | None = None,
) -> Iterator[None]:
    """Lock ``doctors``; whatever the block changes, flag the visits to come that stand worse after it than before it,
    and those whose doctor is gone; their patients are told.

    Flags of visits that stand as they should are resolved, and whoever was told of one is told that his time stands.
    ``within`` says that no visit outside ``[start, end)`` can be concerned. Only within a transaction. An overbooked
    visit was put where it is on purpose: it is hit by what comes later, and stands well again once that is undone.
    """
    lock(None, *doctors)
    hints.forget(doctors)
    visits = visits_to_come(doctors, now=now, within=within)
    before = standings(visits, now=now)
    yield
    after = standings(visits, now=now)
    flags = {
        flag.appointment_id: flag
        for flag in ToBeMoved.objects.filter(resolved_at=None, appointment__doctor__in=doctors)
    }
    new = ToBeMoved.objects.bulk_create(
        ToBeMoved(appointment=visit, cause=cause, exception=exception)
        for visit in visits
        if (after[visit.pk] > before[visit.pk] or after[visit.pk] == Standing.GONE) and visit.pk not in flags
    )
    news.must_be_moved(new, now=now)
    well = []
    for visit in visits:
        if (flag := flags.get(visit.pk)) and stands_well(visit, after[visit.pk], flag):
            flag.appointment = visit
            well.append(flag)
    ToBeMoved.objects.filter(pk__in=[flag.pk for flag in well]).update(resolved_at=now, updated_at=now)
    news.stand_after_all(well, now=now)
