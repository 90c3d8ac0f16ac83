"""The desk's page "Why no slot?": a doctor, a day, a time; the answer names each rule that forbids it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.admin import pages
from accounts.admin.base import actor
from accounts.inputs import ClockInput, DayInput
from accounts.models import User
from clinic import slots, when
from clinic.admin.forms import read_clock
from clinic.models import Doctor, Site, VisitType
from clinic.slots import Reason

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class WhyForm(forms.Form):
    """Which time, on which site's clock."""

    doctor = forms.ModelChoiceField(Doctor.objects.none(), label=_("Doctor"))
    site = forms.ModelChoiceField(Site.objects.public(), label=_("On the clock of"))
    day = forms.DateField(label=_("Day"), widget=DayInput())
    time = forms.TimeField(label=_("Time"), widget=ClockInput())
    visit_type = forms.ModelChoiceField(
        VisitType.objects.none(), label=_("Visit"), required=False, empty_label=_("As long as a slot")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["doctor"].queryset = slots.askable(by).select_related("user")  # type: ignore[attr-defined]
        self.fields["visit_type"].queryset = VisitType.objects.visible_to(by)  # type: ignore[attr-defined]
        self.initial.setdefault("site", Site.objects.public().first())

    def clean(self) -> dict[str, Any]:
        """With ``starts_at``, the instant; the site's clock may skip a time, or show it twice."""
        super().clean()
        return self.cleaned_data | {"starts_at": read_clock(self, site="site", day="day", time="time")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What forbids the time to somebody; nothing if it can be booked."""

    to_whom: "StrOrPromise"
    reasons: list[Reason]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The question, and its answer for patients and for the desk. The address names no patient."""
    form = WhyForm(request.GET or None, by=actor(request))
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    context = admin.site.each_context(request) | {
        "title": _("Why no slot?"),
        "form": form,
        "button": _("Ask"),
        "answers": _answers(asked) if asked else [],
        "asked": asked,
        "time": when.full(asked["starts_at"], asked["site"].zone) if asked else "",
    }
    request.current_app = admin.site.name  # for the admin's templates
    return TemplateResponse(request, "admin/desk/why.html", context)


def _answers(asked: dict[str, Any]) -> list[Answer]:
    now, told = timezone.now(), {"visit_type": asked["visit_type"]}
    return [
        Answer(name, slots.why(asked["doctor"], asked["starts_at"], now=now, by_patient=by_patient, **told))
        for name, by_patient in ((_("Online, by a patient"), True), (_("Here, at the desk"), False))
    ]


pages.register(
    pages.Page(
        route="why-no-slot/", name="why", view=show, permission="clinic.view_appointment", label=_("Why no slot?")
    )
)
