"""The desk's page of one visit that is to be moved: the nearest free times, each a button that moves it there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.admin import pages
from accounts.admin.base import actor, in_utc
from clinic import booking, displacement, news, when
from clinic.admin.visits import as_choice
from clinic.models import Doctor, ToBeMoved

COUNT = 6
"""So many times are offered."""


class ChoiceForm(forms.Form):
    """What a button says: a start, whose, and the appointment as it was when the page was drawn."""

    starts_at = forms.DateTimeField()
    doctor = forms.ModelChoiceField(Doctor.objects.public())
    version = forms.CharField()


def show(request: HttpRequest, flag: UUID) -> HttpResponse:
    """Offer times on GET, move on POST; then back to the list."""
    now = timezone.now()
    waiting = displacement.to_be_moved(actor(request)).filter(pk=flag).first()
    if waiting is None:
        messages.warning(request, _now("This does not wait to be moved, or not any more."))
        return redirect(list_address())
    if request.method == "POST" and _moved(request, waiting, now):
        return redirect(list_address())
    visit = waiting.appointment
    context = admin.site.each_context(request) | {
        "title": _("Move a visit"),
        "visit": visit,
        "facts": _facts(waiting),
        "unreachable": visit.patient is not None and not news.reaches(visit.patient),
        "offered": [(slot, as_choice(slot)) for slot in displacement.alternatives(visit, now=now, count=COUNT)],
        "list": list_address(),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/desk/move.html", context)


def list_address() -> str:
    """Of all that wait."""
    return reverse("admin:clinic_tobemoved_changelist")


def address(flag: ToBeMoved) -> str:
    """Of the page of one."""
    return reverse("admin:desk-move", args=[flag.pk])


def _moved(request: HttpRequest, flag: ToBeMoved, now: datetime) -> bool:
    """Call the verb; False if it refused, which the page then says, beside times that are free now."""
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _now("Choose one of the times offered."))
        return False
    try:
        moved = booking.reschedule(flag.appointment, by=actor(request), now=now, **form.cleaned_data)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    time = {"time": when.full(moved.starts_at, moved.site.zone)}
    messages.success(request, _now("The visit is moved to %(time)s.") % time)
    return True


def _facts(flag: ToBeMoved) -> list[tuple[Any, str]]:
    """What must be known to move it, and to tell the patient on the telephone."""
    visit = flag.appointment
    patient = visit.patient
    return [
        (_("time"), when.full(visit.starts_at, visit.site.zone)),
        (_("doctor"), f"{visit.doctor}, {visit.site}"),
        (_("visit type"), str(visit.visit_type or "–")),
        (_("patient"), str(patient)),
        (_("phone"), str(patient.phone) if patient and patient.phone else "–"),
        (_("cause"), flag.get_cause_display()),
        (_("waiting since"), in_utc(flag.created_at)),
        (_("reference"), visit.reference),
    ]


pages.register(
    pages.Page(route="to-be-moved/<uuid:flag>/", name="move", view=show, permission="clinic.change_appointment")
)
