"""What stands against a time: every rule, each said once. Booking refuses by the first, "Why no slot?" names all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic import grid
from clinic.models import Approval, Availability, Doctor, Site, VisitType
from clinic.slots.calendars import FARTHEST, Calendars, Slot, bookable_window, needs

NOT_APPROVED, CLOSED, OCCUPIED = "not_approved", "account_closed", "occupied"
NOT_OFFERED, NOT_ONLINE = "not_offered", "not_online"
NOT_WHOLE, PAST, BEYOND, TOO_SOON, TOO_FAR = "not_whole_minutes", "in_the_past", "beyond_reach", "too_soon", "too_far"
TAKEN, BUFFER, HELD, TIME_OFF = "booked", "buffer", "held", "time_off"
OFF_GRID, OUTSIDE_HOURS = "off_grid", "outside_hours"

_NOT_BOOKABLE: Final = ("doctor", "doctor_not_bookable", _("This doctor takes no bookings at present."))
_NO_SUCH_VISIT: Final = ("visit_type", "visit_type_not_offered", _("This doctor does not offer this visit."))
_JUST_TAKEN: Final = ("starts_at", "slot_taken", _("This time was just taken."))
REFUSALS: Final = {
    NOT_APPROVED: _NOT_BOOKABLE,
    CLOSED: _NOT_BOOKABLE,
    OCCUPIED: _NOT_BOOKABLE,
    NOT_OFFERED: _NO_SUCH_VISIT,
    NOT_ONLINE: _NO_SUCH_VISIT,
    NOT_WHOLE: ("starts_at", "off_grid", _("Give a time in whole minutes.")),
    PAST: ("starts_at", "in_the_past", _("This time has passed.")),
    BEYOND: ("starts_at", "too_far", _("This day is too far ahead to be booked.")),
    TOO_SOON: ("starts_at", "too_soon", _("This time is too near to be booked online; please call us.")),
    TOO_FAR: ("starts_at", "too_far", _("This day is too far ahead to be booked.")),
    TAKEN: _JUST_TAKEN,
    BUFFER: _JUST_TAKEN,
    HELD: ("starts_at", "slot_taken", _("Somebody is booking this time right now.")),
    TIME_OFF: ("starts_at", "time_off", _("The doctor is away at this time.")),
    OFF_GRID: (
        "starts_at",
        "off_grid",
        _("Visits do not start at this time; choose one of the times offered."),
    ),
    OUTSIDE_HOURS: ("starts_at", "outside_hours", _("The doctor does not see patients at this time.")),
}
"""For each rule, where, by what code and in what words booking refuses. Where hours overlap, what stands against the
time in one of them is told first, the nearest miss: by this order."""
_NEAREST: Final = list(REFUSALS)
SHORT: Final = 60
"""Seconds of a visit whose length nobody knows: outside hours there are no slots that would have one."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rule that forbids a time; if by something in the calendar, its times (seconds since 1970) and place."""

    rule: str
    start: int | None = None
    end: int | None = None
    site: Site | None = None


class SlotTaken(ValidationError):
    """The time is somebody else's (``slot_taken``); ``alternatives`` are the nearest free slots, earliest first."""

    alternatives: Sequence[Slot] = ()


def refusal(code: str, message: object, field: str = "starts_at") -> ValidationError:
    """A refusal at one field."""
    kind = SlotTaken if code == "slot_taken" else ValidationError
    return kind({field: ValidationError(str(message), code=code)})


def refused(obstacle: Obstacle) -> ValidationError:
    """How booking refuses by it."""
    field, code, message = REFUSALS[obstacle.rule]
    return refusal(code, message, field)


def of_doctor(doctor: Doctor, visit_type: VisitType | None, *, online: bool) -> Iterator[Obstacle]:
    """Whom and what the doctor does not take; ``online`` adds what binds patients."""
    if doctor.approval != Approval.APPROVED:
        yield Obstacle(NOT_APPROVED)
    elif not doctor.is_bookable:
        yield Obstacle(CLOSED)
    if online and doctor.status == Availability.OCCUPIED:
        yield Obstacle(OCCUPIED)
    if visit_type is None:
        return
    if not doctor.visit_types.filter(pk=visit_type.pk).exists():
        yield Obstacle(NOT_OFFERED)
    if online and not visit_type.online_bookable:
        yield Obstacle(NOT_ONLINE)


def of_clock(starts_at: datetime, now: datetime, *, patient: bool) -> Iterator[Obstacle]:
    """What no calendar need be read for."""
    if starts_at.second or starts_at.microsecond:
        yield Obstacle(NOT_WHOLE)
    earliest = now if patient else now - timedelta(minutes=1)
    if starts_at < earliest:
        yield Obstacle(PAST)
    elif starts_at > now + FARTHEST:
        yield Obstacle(BEYOND)
    elif patient and starts_at < bookable_window(now, grid.UTC_ZONE)[0]:
        yield Obstacle(TOO_SOON)


def in_calendar(
    calendars: Calendars, doctor: Doctor, starts_at: datetime, visit_type: VisitType | None, *, binds_patient: bool
) -> Slot | list[Obstacle]:
    """The free slot that begins at ``starts_at``, else what stands against it, the nearest miss first."""
    visit, start = needs(visit_type), grid.seconds(starts_at)
    against: list[list[Obstacle]] = []
    # Where blocks overlap, the one counts on whose grid the start is.
    for block in sorted(calendars.blocks[doctor.pk], key=lambda block: (start - block.start) % block.step > 0):
        if not block.start <= start <= block.end - visit.lasts(block):
            continue
        site = calendars.sites[block.site]  # type: ignore[index]
        found = []
        if binds_patient and starts_at >= bookable_window(calendars.now, site.zone)[1]:
            found.append(Obstacle(TOO_FAR, site=site))
        found += _taken(start, visit, block, calendars.busy(doctor.pk, site.pk), site)
        if binds_patient and (start - block.start) % block.step:
            found.append(Obstacle(OFF_GRID, block.start, block.end, site))
        if not found:
            ends_at = starts_at + timedelta(seconds=visit.lasts(block))
            return Slot(doctor, site, visit_type, starts_at, ends_at, grid.FREE)
        against.append(found)
    against.sort(key=lambda found: _NEAREST.index(found[0].rule))
    return [obstacle for found in against for obstacle in found] or _outside(
        calendars, doctor, start, visit, binds_patient
    )


def _outside(
    calendars: Calendars, doctor: Doctor, start: int, visit: grid.Visit, binds_patient: bool
) -> list[Obstacle]:
    """That the doctor does not work then, and what would stand against it if he did where he works in these days."""
    found, sites = [Obstacle(OUTSIDE_HOURS)], calendars.sites.values()
    last = [bookable_window(calendars.now, zone)[1] for zone in {site.zone for site in sites} or {grid.UTC_ZONE}]
    if binds_patient and start >= grid.seconds(max(last)):
        found.append(Obstacle(TOO_FAR))
    for site in sites:
        length = visit.length or SHORT
        block = grid.Block(start, start + length, length, site.pk)
        seen = {(one.rule, one.start, one.end) for one in found}
        more = _taken(start, visit, block, calendars.busy(doctor.pk, site.pk), site)
        found += [one for one in more if (one.rule, one.start, one.end) not in seen]
    return found


def _taken(start: int, visit: grid.Visit, block: grid.Block, busy: grid.Busy, site: Site) -> list[Obstacle]:
    """Time off first, then bookings, then holds, as :func:`clinic.grid.verdict` has it."""
    end, found = start + visit.lasts(block), []
    for other_start, other_end, label in grid.against(start, visit, block, busy):
        rule = {grid.OFF: TIME_OFF, grid.HELD: HELD, grid.BOOKED: TAKEN}[label]
        if rule == TAKEN and (other_start >= end or other_end <= start):
            rule = BUFFER
        found.append(Obstacle(rule, other_start, other_end, site))
    return sorted(found, key=lambda one: (one.rule != TIME_OFF, _NEAREST.index(one.rule), one.start))
