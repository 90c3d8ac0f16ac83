"""Somebody stands at the desk without an appointment: who is it, who sees him, and he is here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.admin.base import actor
from accounts.admin.pages import Page, register
from accounts.inputs import tell
from accounts.models import Patient, User
from clinic import booking
from clinic.admin.desk import finding
from clinic.admin.desk.booking import upcoming
from clinic.admin.desk.choice import Choice
from clinic.admin.desk.sending import VisitForm
from clinic.models import Doctor, Site, VisitType
from clinic.slots import Slot


@dataclass(frozen=True, slots=True)
class Place:
    """When a doctor would see somebody who walks in; ``slot`` None if only by overbooking."""

    doctor: Doctor
    slot: Slot | None
    is_now: bool


class WhereForm(forms.Form):
    """Which doctors are listed, and for what."""

    site = forms.ModelChoiceField(Site.objects.public(), label=_("Site"), required=False, empty_label=_("Any"))
    visit_type = forms.ModelChoiceField(
        VisitType.objects.none(), label=_("Visit"), required=False, empty_label=_("As long as a slot")
    )

    def __init__(self, request: HttpRequest, choice: Choice) -> None:
        super().__init__(initial={"site": choice.site, "visit_type": choice.visit_type})
        self.fields["visit_type"].queryset = VisitType.objects.visible_to(actor(request))  # type: ignore[attr-defined]


class WalkInForm(VisitForm):
    """Who sees him; ends in :func:`clinic.booking.walk_in`."""

    doctor = forms.ModelChoiceField(Doctor.objects.none(), error_messages={"required": _("Choose a doctor.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["doctor"].queryset = Doctor.objects.public()  # type: ignore[attr-defined]
        self.fields["override_reason"].help_text = _(
            "To be seen at once though the doctor is not free. Kept with the appointment; no health facts."
        )

    def save(self, patient: Patient, visit_type: VisitType | None, *, by: User, now: datetime) -> UUID:
        """Book, and note that he is here; the id of the appointment."""
        asked = {"doctor": self.cleaned_data["doctor"], "patient": patient, "visit_type": visit_type}
        return self.book("desk-walk-in", booking.walk_in, **asked, by=by, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Who it is; then who sees him."""
    choice, now = Choice.read(request), timezone.now()
    if choice.patient is None:
        context = finding.step(request, choice)
        return context if isinstance(context, HttpResponse) else _draw(request, choice, "patient", context)
    form = WalkInForm(request.POST or None, initial={"doctor": choice.doctor})
    if request.method == "POST" and form.is_valid():
        try:
            made = form.save(choice.patient, choice.visit_type, by=actor(request), now=now)
        except ValidationError as refusal:
            tell(form, refusal)
        else:
            return redirect(f"{reverse('admin:desk-book')}?done={made}")
    context = {
        "form": form,
        "where": WhereForm(request, choice),
        "places": _places(choice, now),
        "chosen": str(form["doctor"].value() or ""),
        "upcoming": upcoming(request, choice.patient, now),
    }
    return _draw(request, choice, "doctor", context)


def _places(choice: Choice, now: datetime) -> list[Place]:
    """Those who are free first, the soonest before the others."""
    doctors = Doctor.objects.public().select_related("user")
    if choice.site:
        doctors = doctors.at(choice.site.pk)
    if choice.visit_type:
        doctors = doctors.filter(visit_types=choice.visit_type)
    found = booking.places(doctors, visit_type=choice.visit_type, now=now)
    rows = [Place(doctor, slot := found.get(doctor.pk), bool(slot and slot.starts_at <= now)) for doctor in doctors]
    return sorted(rows, key=lambda row: (row.slot is None, row.slot.starts_at if row.slot else now))


def _draw(request: HttpRequest, choice: Choice, step: str, context: dict[str, Any]) -> HttpResponse:
    frame = admin.site.each_context(request) | {"title": _now("Walk-in"), "choice": choice, "step": step}
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/desk/walk_in.html", frame | context)


register(Page(route="walk-in/", name="walk-in", view=show, permission="clinic.add_appointment", label=_("Walk-in")))
