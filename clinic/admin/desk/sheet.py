"""The day sheet: where receptionists begin, and what they work through."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.admin import notices
from accounts.admin.base import actor
from accounts.admin.pages import Page, register
from accounts.inputs import DayInput
from accounts.models import Role
from accounts.sessions import is_background
from clinic import booking, day_sheet, when
from clinic.admin.steps import undo
from clinic.models import Appointment, Site
from clinic.slots.calendars import FARTHEST

SITE_KEY = "desk_site"
"""In the session: at which site somebody works, so that he need not say it each morning."""
STEPS = {
    "arrive": (booking.arrive, _("%(visit)s: the patient has arrived.")),
    "start": (booking.start, _("%(visit)s: the visit has begun.")),
    "complete": (booking.complete, _("%(visit)s: the visit is over.")),
    "no_show": (booking.no_show, _("%(visit)s: the patient did not come.")),
    "undo": (undo, _("%(visit)s: the last step is undone.")),
}
"""What the buttons call, and what is said then; a visit is named by its reference."""


class SheetForm(forms.Form):
    """Which sheet: all in the address, and nobody's name in it."""

    site = forms.ModelChoiceField(Site.objects.public(), label=_("Site"), required=False, empty_label=None)
    date = forms.DateField(label=_("Day"), required=False, widget=DayInput)
    doctor = forms.UUIDField(label=_("Doctor"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *day_sheet.Only.choices])
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)
    print = forms.BooleanField(required=False)


class WordsForm(forms.Form):
    """Whom to look for. Sent in the body: names and dates of birth belong in no address."""

    q = forms.CharField(
        label=_("Name, telephone number or date of birth"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class Asked:
    """What was asked for, nonsense left out; ``query`` is the address of the same sheet."""

    def __init__(self, request: HttpRequest, now: datetime) -> None:
        form = SheetForm(request.GET)
        form.is_valid()
        said = form.cleaned_data
        self.site: Site | None = said.get("site") or _usual_site(request)
        self.today: date = when.local(now, self.site.zone).date() if self.site else now.date()
        day = said.get("date")
        self.day: date = day if day and abs(day - self.today) <= FARTHEST else self.today
        self.doctor: UUID | None = said.get("doctor")
        self.only: str = said.get("state") or ""
        self.page: int = said.get("page") or 1
        self.is_print: bool = said.get("print") or False
        words = WordsForm(request.POST if request.method == "POST" else None)
        self.words: str = words.cleaned_data["q"].strip() if words.is_valid() else ""

    def narrowing(self) -> dict[str, Any]:
        """As :func:`clinic.day_sheet.sheet` and its export take it."""
        return {"doctor": self.doctor, "only": self.only, "words": self.words}

    def query(self, **changes: Any) -> str:
        """The address' query for this sheet, or one that differs by ``changes``."""
        site = str(self.site.pk) if self.site else ""
        said = {"site": site, "date": self.day, "doctor": self.doctor or "", "state": self.only, "page": self.page}
        return urlencode({name: value for name, value in (said | changes).items() if value not in ("", 1)})


def _usual_site(request: HttpRequest) -> Site | None:
    sites = Site.objects.public()
    usual = request.session.get(SITE_KEY)
    return (sites.filter(pk=usual).first() if usual else None) or sites.first()


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The sheet of a site and a day; POST brings the words of a search. htmx gets the part that changes."""
    now = timezone.now()
    asked = Asked(request, now)
    if asked.site is None:
        return render(request, "admin/desk/sheet_without_site.html", _frame(request))
    # Whatever changes a session prolongs it, and a page that refreshes itself must not.
    is_new = "site" in request.GET and request.session.get(SITE_KEY) != str(asked.site.pk)
    if is_new and not is_background(request.headers):
        request.session[SITE_KEY] = str(asked.site.pk)
    found = day_sheet.sheet(actor(request), asked.site, asked.day, now=now, page=asked.page, **asked.narrowing())
    context = {"sheet": found, "asked": asked, "query": asked.query(), "steps_query": asked.query()}
    if request.headers.get("HX-Request") and request.method != "POST":
        return render(request, "admin/desk/sheet_body.html", context)
    template = "admin/desk/sheet_print.html" if asked.is_print else "admin/desk/sheet.html"
    return render(request, template, _frame(request) | context | _toolbar(request, asked, found))


def _frame(request: HttpRequest) -> dict[str, Any]:
    return admin.site.each_context(request) | {"title": _("Day sheet"), "notices": notices.for_user(actor(request))}


def _toolbar(request: HttpRequest, asked: Asked, found: day_sheet.Sheet) -> dict[str, Any]:
    initial = {"site": asked.site, "date": asked.day, "state": asked.only}
    a_day, as_shown = timedelta(days=1), {"print": "on"} if asked.is_print else {}
    return {
        "form": SheetForm(initial=initial, label_suffix=""),
        "words": WordsForm(initial={"q": asked.words}, label_suffix=""),
        "before": asked.query(date=asked.day - a_day, page=1),
        "after": asked.query(date=asked.day + a_day, page=1),
        "today": asked.query(date="", page=1) if asked.day != asked.today else "",
        "print_query": asked.query(print="on"),
        "previous_page": asked.query(page=found.page - 1, **as_shown) if found.page > 1 else "",
        "next_page": asked.query(page=found.page + 1, **as_shown) if found.page < found.pages else "",
    }


@require_POST
def step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one step with one visit, and back to the sheet; a refusal is told there."""
    by, now = actor(request), timezone.now()
    visit = Appointment.objects.visible_to(by).filter(pk=pk).select_related("patient").first()
    if visit is None:
        raise Http404
    name = request.POST.get("step", "")
    if name in STEPS:
        verb, done = STEPS[name]
        try:
            verb(visit, by=by, now=now, version=request.POST.get("version") or None)
            messages.success(request, done % {"visit": visit.reference})
        except ValidationError as refusal:
            said = " ".join(refusal.messages)
            messages.error(request, _now("%(visit)s: %(why)s") % {"visit": visit.reference, "why": said})
    return redirect(f"{reverse('admin:desk-day-sheet')}?{Asked(request, now).query()}#visit-{visit.pk}")


@require_POST
def file(request: HttpRequest) -> HttpResponse:
    """The sheet as CSV. Sent by a form: it is written down who took it, and the words stay out of the address."""
    now = timezone.now()
    asked = Asked(request, now)
    if asked.site is None:
        raise Http404
    text = day_sheet.export(actor(request), asked.site, asked.day, now=now, **asked.narrowing())
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="day-sheet-{asked.day}.csv"'
    return response


register(
    Page(
        route="day-sheet/",
        name="day-sheet",
        view=show,
        permission="clinic.view_appointment",
        label=_("Day sheet"),
        home_of=(Role.RECEPTIONIST,),
    )
)
register(Page(route="day-sheet/file/", name="day-sheet-file", view=file, permission="clinic.view_appointment"))
register(Page(route="visits/<uuid:pk>/step/", name="visit-step", view=step, permission="clinic.change_appointment"))
