"""Why a time cannot be booked, for staff: each rule that forbids it, in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from clinic import grid, when
from clinic.models import Doctor, ExceptionKind, ScheduleException, Site, VisitType
from clinic.models.doctor import DoctorQuerySet
from clinic.slots import obstacles
from clinic.slots.calendars import FARTHEST, Calendars, Slot, bookable_window
from clinic.slots.obstacles import Obstacle

SENTENCES: Final = {
    obstacles.NOT_APPROVED: gettext_lazy("The doctor is not approved."),
    obstacles.CLOSED: gettext_lazy("The doctor's account is closed, or is not a doctor's any more."),
    obstacles.OCCUPIED: gettext_lazy("The doctor is set to occupied, and takes no online bookings."),
    obstacles.NOT_OFFERED: gettext_lazy("The doctor does not offer this type of visit."),
    obstacles.NOT_ONLINE: gettext_lazy("This type of visit cannot be booked online."),
    obstacles.NOT_WHOLE: gettext_lazy("Visits start at whole minutes."),
    obstacles.PAST: gettext_lazy("This time has passed."),
    obstacles.BEYOND: gettext_lazy("Nobody books so far ahead."),
    obstacles.TOO_SOON: gettext_lazy("It is too near to be booked online."),
    obstacles.TOO_FAR: gettext_lazy("It is too far ahead to be booked online."),
    obstacles.TAKEN: gettext_lazy("Another visit is booked then."),
    obstacles.BUFFER: gettext_lazy("It is too close to another visit: some minutes before or after are kept free."),
    obstacles.HELD: gettext_lazy("Somebody is booking this time right now; it is kept for a few minutes."),
    obstacles.TIME_OFF: gettext_lazy("The doctor is away, or the site is closed."),
    obstacles.OFF_GRID: gettext_lazy("Online visits do not start at this time: it is not on the grid of the hours."),
    obstacles.OUTSIDE_HOURS: gettext_lazy("It is outside the doctor's hours, or the visit would not end within them."),
}
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that forbids a time: its code, what it says, and what it is about here. Nobody is named in it."""

    code: str
    sentence: str
    details: tuple[str, ...] = ()


def askable(by: User) -> DoctorQuerySet:
    """About whose times ``by`` may ask: staff about everybody's, whoever is not approved or has left included."""
    return Doctor.objects.all() if by.is_active and by.is_staff else Doctor.objects.none()


def why(
    doctor: Doctor, starts_at: datetime, *, visit_type: VisitType | None, now: datetime, by_patient: bool = True
) -> list[Reason]:
    """Each rule that forbids a visit to ``doctor`` at ``starts_at``, that by which booking refuses first; none if it
    can be booked.

    ``by_patient`` asks for what binds patients online too; else what binds staff. What depends on who the patient is
    (another visit at that time, too many to come) is not looked at. Why somebody is away is for staff and that doctor.
    """
    found = [
        *obstacles.of_doctor(doctor, visit_type, online=by_patient),
        *obstacles.of_clock(starts_at, now, patient=by_patient),
    ]
    calendars = None
    if abs(starts_at - now) <= FARTHEST:
        calendars = Calendars([doctor], starts_at - A_DAY, starts_at + A_DAY, now=now)
        met = obstacles.in_calendar(calendars, doctor, starts_at, visit_type, binds_patient=by_patient)
        found += [] if isinstance(met, Slot) else met
    return [Reason(one.rule, str(SENTENCES[one.rule]), tuple(_details(one, doctor, calendars, now))) for one in found]


def _details(one: Obstacle, doctor: Doctor, calendars: Calendars | None, now: datetime) -> Iterator[str]:
    if one.rule == obstacles.TOO_FAR and one.site:
        yield _("Bookable until %(time)s.") % {"time": _time(bookable_window(now, one.site.zone)[1], one.site)}
    elif one.rule == obstacles.TOO_SOON and calendars:
        for site in calendars.sites.values():
            yield _("Bookable from %(time)s.") % {"time": _time(bookable_window(now, site.zone)[0], site)}
    elif one.rule == obstacles.OUTSIDE_HOURS and calendars:
        for block in calendars.blocks[doctor.pk]:
            period = _period(block.start, block.end, calendars.sites[block.site])  # type: ignore[index]
            yield _("Hours: %(period)s") % {"period": period}
    elif one.start is not None and one.end is not None and one.site:
        yield _period(one.start, one.end, one.site)
        if one.rule == obstacles.TIME_OFF:
            yield from _reasons(one, doctor)


def _reasons(one: Obstacle, doctor: Doctor) -> list[str]:
    """Why the doctor is away, as far as somebody has written it down."""
    assert one.start is not None
    assert one.end is not None
    away = ScheduleException.objects.filter(
        Q(doctor=doctor) | Q(doctor=None),
        Q(site=one.site) | Q(site=None),
        kind=ExceptionKind.TIME_OFF,
        starts_at__lt=grid.instant(one.end),
        ends_at__gt=grid.instant(one.start),
    )
    times = one.start, one.end
    just_this = (off for off in away if (grid.seconds(off.starts_at), grid.seconds_up(off.ends_at)) == times)
    return [off.reason for off in just_this if off.reason]


def _period(start: int, end: int, site: Site) -> str:
    first, last = grid.instant(start), grid.instant(end)
    same_day = when.local(first, site.zone).date() == when.local(last, site.zone).date()
    until = when.clock(last, site.zone) if same_day else when.full(last, site.zone)
    return _("%(start)s to %(end)s, %(site)s") % {"start": when.full(first, site.zone), "end": until, "site": site}


def _time(moment: datetime, site: Site) -> str:
    return f"{when.full(moment, site.zone)}, {site}"
