"""The page of numbers, for administrators: charts drawn here, a table beside each, and a file for spreadsheets."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import sheets
from accounts.admin import pages
from accounts.admin.base import actor
from accounts.inputs import DayInput, tell
from clinic import numbers
from clinic.admin.desk import charts
from clinic.numbers import Grouping, Numbers, Row

A_DAY = timedelta(days=1)


class NumbersForm(forms.Form):
    """Of which days, and told apart by what. What the address leaves out is what the page begins with."""

    first = forms.DateField(label=gettext_lazy("From"), widget=DayInput())
    last = forms.DateField(label=gettext_lazy("Until"), widget=DayInput())
    grouping = forms.ChoiceField(label=gettext_lazy("By"), choices=Grouping.choices)

    def __init__(self, asked: Any, *, now: datetime) -> None:
        start, end = numbers.usual(now)
        begun = {"first": start.isoformat(), "last": (end - A_DAY).isoformat(), "grouping": Grouping.WEEK.value}
        super().__init__({name: asked.get(name) or value for name, value in begun.items()})


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Charts and tables; with ``?as=csv`` the table as a file."""
    form = NumbersForm(request.GET, now=timezone.now())
    found = _numbers(request, form)
    if found and request.GET.get("as") == "csv":
        return _file(found)
    is_weeks = found is not None and found.grouping == Grouping.WEEK
    rows = found.rows if found else []
    context = admin.site.each_context(request) | {
        "title": _("Numbers"),
        "form": form,
        "button": _("Show"),
        "numbers": found,
        "is_weeks": is_weeks,
        "name": Grouping(found.grouping).label if found else "",
        "columns": charts.columns(rows) if is_weeks else [],
        "line": charts.line(rows) if is_weeks else [],
        "bars": [] if is_weeks else charts.bars(rows),
        "utilised": [] if is_weeks else charts.utilised(rows),
        "most": max((row.bookings for row in rows), default=0),
        "highest": charts.top_of(rows),
        "height": charts.HEIGHT,
        "step": charts.STEP,
        "left_out": max(0, len(rows) - charts.MOST) if not is_weeks else 0,
    }
    request.current_app = admin.site.name  # for the admin's templates
    return TemplateResponse(request, "admin/desk/numbers.html", context)


def _numbers(request: HttpRequest, form: NumbersForm) -> Numbers | None:
    """The numbers, or None with what is wrong in the form."""
    if not form.is_valid():
        return None
    first, last, grouping = form.cleaned_data["first"], form.cleaned_data["last"], form.cleaned_data["grouping"]
    try:
        return numbers.count(first, _after(last), Grouping(grouping), by=actor(request))
    except ValidationError as refusal:
        tell(form, ValidationError({"last": refusal.error_dict["to"]}))
        return None


def _after(day: date) -> date:
    return day + A_DAY if day < date.max else day


def _file(found: Numbers) -> HttpResponse:
    head: list[sheets.Cell] = [
        str(Grouping(found.grouping).label),
        *(_("Bookings"), _("Cancelled"), _("Did not come")),
        *(_("Booked minutes"), _("Offered minutes"), _("Utilisation"), _("Days from booking to visit (median)")),
    ]
    text = sheets.rows_as_csv([head, *(_cells(row) for row in [*found.rows, found.total])])
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    until = found.end - A_DAY
    response["Content-Disposition"] = f'attachment; filename="numbers-{found.grouping}-{found.start}-{until}.csv"'
    return response


def _cells(row: Row) -> list[sheets.Cell]:
    share = None if row.utilisation is None else round(row.utilisation, 4)
    counts = (row.bookings, row.cancellations, row.no_shows, row.booked_minutes, row.offered_minutes)
    return [row.label, *counts, share, row.lead_days]


pages.register(
    pages.Page(
        route="numbers/",
        name="numbers",
        view=show,
        # Which only administrators have.
        permission="clinic.change_doctor",
        label=gettext_lazy("Numbers"),
    )
)
