"""Hours that are the same on other days, or a colleague's."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from clinic.availability.hours import SAID, remove, write
from clinic.availability.overlap import refuse_overlap
from clinic.availability.permission import may_arrange
from clinic.availability.sense import refusal
from clinic.displacement import calendars_changing
from clinic.models import Doctor, WeeklyHours
from clinic.models.hours import Weekday
from clinic.models.to_be_moved import Cause


@transaction.atomic
def copy_day(doctor: Doctor, weekday: int, to: Iterable[int], *, by: User, now: datetime) -> list[WeeklyHours]:
    """Have the doctor work on the weekdays ``to`` as he does on ``weekday``; answers the hours of those days.

    Hours that these days had are replaced, but for those that are the same already, and those that ended before today.
    ValidationError: ``nothing_to_copy``, ``hours_overlap``; ``invalid`` at ``to`` for what is no other weekday.
    """
    may_arrange(by, doctor)
    days = {*to} - {weekday}
    if not days or not {*days, weekday} <= {*Weekday.values}:
        raise refusal("to", "invalid", _("Choose other days of the week."))
    with calendars_changing({doctor.pk}, now=now, cause=Cause.HOURS):
        pattern = _not_over(doctor, now.date()).filter(weekday=weekday)
        wanted = [_copied(hours, weekday=day) for day in sorted(days) for hours in pattern]
        return _replace(doctor, _not_over(doctor, now.date()).filter(weekday__in=days), wanted, by=by, now=now)


@transaction.atomic
def copy_week(doctor: Doctor, to: Doctor, *, by: User, now: datetime) -> list[WeeklyHours]:
    """Have the doctor ``to`` work as ``doctor`` does; answers the hours that he then has.

    Who may arrange ``to``'s calendar may. Replaced and refused as for :func:`copy_day`; ``same_doctor`` at ``to``.
    """
    may_arrange(by, to)
    if doctor.pk == to.pk:
        raise refusal("to", "same_doctor", _("Choose another doctor."))
    with calendars_changing({to.pk}, now=now, cause=Cause.HOURS):
        wanted = [_copied(hours, doctor_id=to.pk) for hours in _not_over(doctor, now.date())]
        return _replace(to, _not_over(to, now.date()), wanted, by=by, now=now)


def _not_over(doctor: Doctor, today: date) -> QuerySet[WeeklyHours]:
    lasting = Q(valid_until=None) | Q(valid_until__gte=today)
    return WeeklyHours.objects.filter(lasting, doctor=doctor).select_related("site")


def _copied(hours: WeeklyHours, **instead: object) -> WeeklyHours:
    said = {name: getattr(hours, name) for name in SAID if name not in ("doctor_id", "site_id")}
    return WeeklyHours(**{"doctor_id": hours.doctor_id, "site": hours.site} | said | instead)


def _replace(
    doctor: Doctor, old: Iterable[WeeklyHours], wanted: Collection[WeeklyHours], *, by: User, now: datetime
) -> list[WeeklyHours]:
    """Make ``old`` hours ``wanted`` ones; what is in both stays as it is. Under the locks."""
    if not wanted:
        raise ValidationError(_("There are no hours to be copied."), code="nothing_to_copy")
    there = {_said(hours): hours for hours in old}
    gone = [hours for said, hours in there.items() if said not in map(_said, wanted)]
    new = [hours for hours in wanted if _said(hours) not in there]
    for hours in gone:
        remove(hours, by=by)
    others = list(WeeklyHours.objects.filter(doctor=doctor).select_related("site"))
    for hours in new:
        refuse_overlap(hours, others, today=now.date())
        others.append(hours)
        write(hours, None, by=by)
    return [there.get(_said(hours), hours) for hours in wanted]


def _said(hours: WeeklyHours) -> tuple[object, ...]:
    return tuple(getattr(hours, name) for name in SAID)
