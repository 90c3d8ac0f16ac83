"""A doctor's week."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic import when
from clinic.models import Doctor
from clinic.views.day import asked_day
from clinic.views.workspace import of_doctors, page, viewer
from clinic.workspace.places import clock_of, sites_of
from clinic.workspace.week import week_of

A_WEEK = timedelta(days=7)


@require_safe
@of_doctors
def week(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """Visits, time off, extra hours and free hours of the week in which ``?date=`` is, else of this one."""
    now = timezone.now()
    today = when.local(now, clock_of(sites_of(doctor))).date()
    form, shown = asked_day(request.GET, today)
    monday = _monday(shown)
    context = {
        "form": form,
        "days": week_of(doctor, monday, by=viewer(request), now=now),
        "today": today,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "previous": monday - A_WEEK,
        "next": monday + A_WEEK,
        "is_this_week": monday == _monday(today),
    }
    return page(request, "week", context)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
