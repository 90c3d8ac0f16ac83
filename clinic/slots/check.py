"""Whether one particular time can be booked."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from clinic import grid
from clinic.models import Doctor, VisitType
from clinic.slots.calendars import Calendars, Slot, needs
from clinic.slots.obstacles import SlotTaken, in_calendar, of_clock, refusal, refused

A_WEEK = timedelta(days=7)

__all__ = ["SlotTaken", "by_force", "check", "refusal"]


def check(
    doctor: Doctor,
    starts_at: datetime,
    *,
    now: datetime,
    visit_type: VisitType | None = None,
    binds_patient: bool,
    ignoring: Collection[UUID] = (),
) -> Slot:
    """The free slot of ``doctor`` that starts at ``starts_at``; else a ValidationError at ``starts_at`` that says why.

    ``binds_patient`` asks for notice, horizon and grid too; hours, time off and buffers bind everybody. Codes:
    ``in_the_past``, ``too_soon``, ``too_far``, ``outside_hours``, ``off_grid``, ``time_off``, ``slot_taken``.
    """
    for obstacle in of_clock(starts_at, now, patient=binds_patient):
        raise refused(obstacle)
    calendars = Calendars([doctor], starts_at, starts_at + timedelta(minutes=1), now=now, ignoring=ignoring)
    found = in_calendar(calendars, doctor, starts_at, visit_type, binds_patient=binds_patient)
    if isinstance(found, Slot):
        return found
    raise refused(found[0])


def by_force(doctor: Doctor, starts_at: datetime, *, visit_type: VisitType | None, now: datetime) -> Slot:
    """The time that staff take whatever stands there, at the site where the doctor works then or closest to then.

    ``outside_hours`` if he works nowhere within a week: then nobody can tell the patient where to go.
    """
    calendars = Calendars([doctor], starts_at - A_WEEK, starts_at + A_WEEK, now=now)
    blocks, start = calendars.blocks[doctor.pk], grid.seconds(starts_at)
    if not blocks:
        raise refusal("outside_hours", _("The doctor does not see patients in these days."))
    block = min(blocks, key=lambda block: max(block.start - start, start - block.end + 1, 0))
    ends_at = starts_at + timedelta(seconds=needs(visit_type).lasts(block))
    return Slot(doctor, calendars.sites[block.site], visit_type, starts_at, ends_at, grid.BOOKED)  # type: ignore[index]
