"""Whether one particular time can be booked, and if not, why."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import grid
from clinic.models import Doctor, VisitType
from clinic.slots.calendars import FARTHEST, Calendars, Slot, bookable_window, needs

A_WEEK = timedelta(days=7)
OFF_GRID = "off_grid"
REFUSALS = {
    grid.BOOKED: ("slot_taken", gettext_lazy("This time was just taken.")),
    grid.HELD: ("slot_taken", gettext_lazy("Somebody is booking this time right now.")),
    grid.OFF: ("time_off", gettext_lazy("The doctor is away at this time.")),
    OFF_GRID: ("off_grid", gettext_lazy("Visits do not start at this time; choose one of the times offered.")),
}
"""What stands against a time, the nearest miss first."""


class SlotTaken(ValidationError):
    """The time is somebody else's (``slot_taken``); ``alternatives`` are the nearest free slots, earliest first."""

    alternatives: Sequence[Slot] = ()


def refusal(code: str, message: object, field: str = "starts_at") -> ValidationError:
    """A refusal at one field."""
    kind = SlotTaken if code == "slot_taken" else ValidationError
    return kind({field: ValidationError(str(message), code=code)})


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
    _check_clock(starts_at, now, patient=binds_patient)
    calendars = Calendars([doctor], starts_at, starts_at + timedelta(minutes=1), now=now, ignoring=ignoring)
    visit, start, found = needs(visit_type), grid.seconds(starts_at), set()
    # Where blocks overlap, the one counts on whose grid the start is.
    for block in sorted(calendars.blocks[doctor.pk], key=lambda block: (start - block.start) % block.step > 0):
        if not block.start <= start <= block.end - visit.lasts(block):
            continue
        site = calendars.sites[block.site]  # type: ignore[index]
        verdict = grid.verdict(start, visit, block, calendars.busy(doctor.pk, site.pk))
        if binds_patient and (start - block.start) % block.step and verdict == grid.FREE:
            verdict = OFF_GRID
        if verdict == grid.FREE:
            if binds_patient and starts_at >= bookable_window(now, site.zone)[1]:
                raise refusal("too_far", _("This day is too far ahead to be booked."))
            ends_at = starts_at + timedelta(seconds=visit.lasts(block))
            return Slot(doctor, site, visit_type, starts_at, ends_at, verdict)
        found.add(verdict)
    for verdict, (code, message) in REFUSALS.items():
        if verdict in found:
            raise refusal(code, message)
    raise refusal("outside_hours", _("The doctor does not see patients at this time."))


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


def _check_clock(starts_at: datetime, now: datetime, *, patient: bool) -> None:
    """Refuse what no calendar need be read for."""
    if starts_at.second or starts_at.microsecond:
        raise refusal("off_grid", _("Give a time in whole minutes."))
    earliest = now if patient else now - timedelta(minutes=1)
    if starts_at < earliest:
        raise refusal("in_the_past", _("This time has passed."))
    if starts_at > now + FARTHEST:
        raise refusal("too_far", _("This day is too far ahead to be booked."))
    if patient and starts_at < bookable_window(now, grid.UTC_ZONE)[0]:
        raise refusal("too_soon", _("This time is too near to be booked online; please call us."))
