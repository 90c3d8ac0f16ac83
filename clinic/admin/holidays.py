"""The desk's page of public holidays: choose a country and a year, look at the days, close on those that are ticked."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import pages
from accounts.admin.base import actor
from accounts.admin.consequences import Consequence
from accounts.inputs import tell
from clinic import public_holidays
from clinic.admin.visits import losing_their_place
from clinic.admin.waiting import tell_who_waits
from clinic.models import Appointment, Site
from clinic.public_holidays import Holiday

YEARS_AHEAD = 5
"""So far ahead visits are booked."""


class HolidaysForm(forms.Form):
    """Whose holidays, of which year, and where they close."""

    country = forms.ChoiceField(label=_("Country"), choices=lambda: public_holidays.countries().items())
    subdivision = forms.CharField(label=_("Part of the country"), required=False)
    year = forms.TypedChoiceField(label=_("Year"), coerce=int)
    site = forms.ModelChoiceField(
        Site.objects.public(), label=_("Close"), required=False, empty_label=_("All sites, each on its own clock")
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = self.fields["year"]
        assert isinstance(year, forms.ChoiceField)
        year.choices = [(each, each) for each in range(now.year, now.year + YEARS_AHEAD + 1)]
        chosen = self["country"].value()
        self.parts = public_holidays.subdivisions(chosen) if isinstance(chosen, str) else {}
        choices = [("", _("Days that hold in all of the country")), *self.parts.items()]
        self.fields["subdivision"].widget = forms.Select(choices=choices)

    def clean_subdivision(self) -> str:
        """One of the country's; that of another, chosen before the country was, is forgotten."""
        chosen: str = self.cleaned_data["subdivision"]
        return chosen if chosen in self.parts else ""

    def holidays(self) -> list[Holiday]:
        """The days of what was chosen."""
        return public_holidays.preview(**self.cleaned_data)


class DaysField(forms.MultipleChoiceField):
    """Which of the days; cleaned, a list of dates."""

    def clean(self, value: Any) -> list[date]:
        """The days that were ticked."""
        return [date.fromisoformat(day) for day in super().clean(value)]


class DaysForm(HolidaysForm):
    """The same, and the days that were ticked."""

    days = DaysField(error_messages={"required": _("Tick the days on which to close.")})

    def __init__(self, *args: Any, days: list[Holiday], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["days"]
        assert isinstance(field, DaysField)
        field.choices = [(holiday.day.isoformat(), holiday.name) for holiday in days]


def show(request: HttpRequest) -> HttpResponse:
    """Preview on GET, save on POST; what was chosen stands in the address, and names nobody."""
    now, posted = timezone.now(), request.method == "POST"
    asked = request.POST if posted else request.GET
    initial = {"country": settings.PHONENUMBER_DEFAULT_REGION, "year": now.year}
    form = HolidaysForm(asked or None, now=now, initial=initial)
    # What is over is not offered any more.
    days = [holiday for holiday in form.holidays() if holiday.day >= now.date()] if form.is_valid() else []
    ticked = DaysForm(request.POST, now=now, days=days) if posted and days else None
    if ticked and ticked.is_valid() and _saved(request, ticked, now):
        return HttpResponseRedirect(f"{request.path}?{_question(form)}")
    context = admin.site.each_context(request) | {
        "title": _("Public holidays"),
        "form": form,
        "asked": form.is_valid(),
        "rows": _rows(days, ticked),
        "is_open": any(not holiday.is_there for holiday in days),
        "refusals": ticked.errors.get("days", []) if ticked else [],
        "told": _at_stake(request, form, days, now),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/desk/public_holidays.html", context)


def _at_stake(request: HttpRequest, form: HolidaysForm, days: list[Holiday], now: datetime) -> Consequence | None:
    """Which visits lose their place if all the days are closed."""
    if not days:
        return None
    visits = Appointment.objects.visible_to(actor(request))
    lost = public_holidays.hit(visits, [holiday.day for holiday in days], form.cleaned_data["site"], now=now)
    return losing_their_place(lost)


def _rows(days: list[Holiday], ticked: DaysForm | None) -> list[tuple[Holiday, bool]]:
    """Each day, and whether it is ticked: at first all that are open."""
    chosen = set(ticked["days"].value() or ()) if ticked else None
    return [(holiday, chosen is None or holiday.day.isoformat() in chosen) for holiday in days]


def _question(form: HolidaysForm) -> str:
    """What was chosen, as it stands in the address."""
    return urlencode({name: form[name].value() or "" for name in HolidaysForm.base_fields})


def _saved(request: HttpRequest, form: DaysForm, now: datetime) -> bool:
    """Call the verb; False if it refused, the form now telling why."""
    try:
        made = public_holidays.save(**form.cleaned_data, by=actor(request), now=now)
    except ValidationError as refusal:
        tell(form, refusal)
        return False
    text = ngettext("%(count)d closure is added.", "%(count)d closures are added.", len(made))
    messages.success(request, text % {"count": len(made)})
    tell_who_waits(request)
    return True


pages.register(
    pages.Page(
        route="public-holidays/",
        name="public-holidays",
        view=show,
        permission="clinic.add_scheduleexception",
        label=_("Public holidays"),
    )
)
