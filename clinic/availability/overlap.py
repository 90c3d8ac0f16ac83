"""Hours that collide with others of the same doctor."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from clinic import grid
from clinic.availability.sense import refusal
from clinic.models import WeeklyHours
from clinic.slots.calendars import worked

A_YEAR = timedelta(days=372)
"""A year and a week: zones change their clocks by the year, weekly hours repeat by the week."""


def refuse_overlap(hours: WeeklyHours, others: Iterable[WeeklyHours], *, today: date) -> None:
    """ValidationError at ``starts`` (``hours_overlap``) if any of ``others``, with their sites, is worked then too."""
    for other in others:
        if overlap(hours, other, today=today):
            raise refusal(
                "starts",
                "hours_overlap",
                _("The doctor works at this time already: %(hours)s, %(site)s.") % {"hours": other, "site": other.site},
            )


def overlap(one: WeeklyHours, other: WeeklyHours, *, today: date) -> bool:
    """Whether both are ever worked at the same instant; told from a year in which both are valid.

    Their sites may be in different zones, and either may end on the next day: so instants are compared.
    """
    froms = [hours.valid_from for hours in (one, other) if hours.valid_from]
    untils = [hours.valid_until for hours in (one, other) if hours.valid_until]
    first = max(froms) if froms else min([today, *untils]) - timedelta(weeks=1)
    last = min([*untils, first + A_YEAR])
    # Two days about them: hours reach into the next day, and zones lie up to 26 hours apart.
    days = list(grid.days(_midnight(first) - timedelta(days=2), _midnight(last) + timedelta(days=2)))
    taken = grid.Busy(
        (*interval, "") for interval in worked(other, [day for day in days if day.weekday() == other.weekday])
    )
    return any(
        any(taken.touching(*interval))
        for interval in worked(one, [day for day in days if day.weekday() == one.weekday])
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
