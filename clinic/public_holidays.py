"""Public holidays: which days they are, and closing the sites on them.

The days come from the ``holidays`` library: what the law of a country, and of a part of it, says by rule. A closure is
time off without a doctor at one site, from midnight to midnight on that site's clock; sites lie in different zones, so
closing the whole clinic is one closure for each of them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import holidays
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from clinic import at_stake, availability
from clinic.booking.transaction import lock
from clinic.displacement.reach import at_site
from clinic.models import AppointmentQuerySet, ExceptionKind, ScheduleException, Site
from clinic.slots import Span

LANGUAGE = "en_US"
"""Of the days' names, which are kept with the closures; where the library has no English, the country's own."""
CASES = {"And": "and", "Da": "da", "Of": "of", "The": "the", "Dr": "DR"}
"""Words that are not capitalized as others are."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day, its name, and whether all the sites asked for are closed on it already."""

    day: date
    name: str
    is_there: bool


def countries() -> dict[str, str]:
    """The countries whose holidays are known: codes of two letters with names, by name."""
    names = {codes[1]: module for module, codes in holidays.registry.COUNTRIES.items()}
    return {code: _words(name) for code, name in sorted(names.items(), key=lambda pair: pair[1])}


def subdivisions(country: str) -> dict[str, str]:
    """The parts of the country that have holidays of their own: codes with names, by name; none of an unknown one."""
    if country not in countries():
        return {}
    known = holidays.country_holidays(country)
    names = {code: aliases[0] if aliases else code for code, aliases in known.get_subdivision_aliases().items()}
    return dict(sorted(names.items(), key=lambda pair: pair[1]))


def preview(country: str, subdivision: str, year: int, site: Site | None) -> list[Holiday]:
    """The holidays of one year, the first first; ``site`` None is the whole clinic. Nothing is written.

    ValidationError (``unknown_country``, ``unknown_subdivision``) for what :func:`countries` and :func:`subdivisions`
    do not have; no subdivision (``""``) are the days that hold in all of the country.
    """
    if country not in countries():
        raise _refusal("country", _("The holidays of this country are not known."))
    if subdivision and subdivision not in subdivisions(country):
        raise _refusal("subdivision", _("This part of the country is not known."))
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language=LANGUAGE)
    days = sorted((day, name) for day, name in found.items() if day.year == year)
    open_days = {day for day, _closure in _missing([day for day, _name in days], site)}
    return [Holiday(day, name, day not in open_days) for day, name in days]


def hit(
    visits: AppointmentQuerySet, days: Collection[date], site: Site | None, *, now: datetime
) -> AppointmentQuerySet:
    """Those of ``visits`` that closing on ``days`` would put among those to be moved, the next first."""
    closures = [closure for _day, closure in _missing(days, site)]
    return at_stake.of_closures(visits, closures, now=now)


@transaction.atomic
def save(
    country: str,
    subdivision: str,
    year: int,
    site: Site | None,
    days: Collection[date],
    *,
    by: User,
    now: datetime,
) -> list[ScheduleException]:
    """Close on those holidays of :func:`preview` that are in ``days``, all of them or none; answer what was added.

    What is closed already stays as it is, so the same again adds nothing. Visits that are hit are flagged and their
    patients told, as by any time off; it is for those who may set that. ``not_a_holiday`` at ``days`` for a day that is
    none.
    """
    names = {holiday.day: holiday.name for holiday in preview(country, subdivision, year, site)}
    if set(days) - set(names):
        raise ValidationError({"days": ValidationError(_("This day is no public holiday."), code="not_a_holiday")})
    # All at once and in their order: the verb below locks those of one site after the other.
    lock(None, *{doctor for each in _sites(site) for doctor in at_site(each, now)})
    made = []
    for day, closure in list(_missing(days, site)):
        closure.reason = names[day]
        made.append(availability.set_exception(closure, by=by, now=now))
    return made


def _missing(days: Collection[date], site: Site | None) -> Iterator[tuple[date, ScheduleException]]:
    """For each of ``days`` the closures that are wanting, one for each site that is open still."""
    if not days:
        return
    sites = _sites(site)
    a_day = timedelta(days=1)
    first, last = Span(min(days) - a_day, max(days) + 2 * a_day).anywhere()
    closures = ScheduleException.objects.filter(
        doctor=None, kind=ExceptionKind.TIME_OFF, starts_at__lt=last, ends_at__gt=first
    )
    known = list(closures.values_list("site", "starts_at", "ends_at"))
    for day in sorted(days):
        for each in sites:
            start, end = Span(day, day + a_day).at(each.zone)
            if not any(of in (None, each.pk) and begins <= start and ends >= end for of, begins, ends in known):
                kind = ExceptionKind.TIME_OFF
                yield day, ScheduleException(site=each, kind=kind, starts_at=start, ends_at=end)


def _sites(site: Site | None) -> list[Site]:
    return [site] if site else list(Site.objects.public())


def _words(module: str) -> str:
    """A country's name, from that of the library's module for it."""
    words = [word.capitalize() for word in module.split("_")]
    return " ".join(CASES.get(word, word) for word in words)


def _refusal(field: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=f"unknown_{field}")})
