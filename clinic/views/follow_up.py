"""A doctor books the next visit of a patient of his."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Patient
from clinic import slots, when
from clinic.models import Appointment, Doctor, VisitType
from clinic.slots import Span
from clinic.views.day import FARTHEST
from clinic.views.openings import by_day
from clinic.views.picker import with_query
from clinic.views.refusals import reason
from clinic.views.workspace import of_doctors, page, viewer
from clinic.workspace.forms import FollowUpForm, FollowUpSearch
from clinic.workspace.places import clock_of, sites_of

DAYS_AT_ONCE = 14


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def follow_up(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """The doctor's own free times, for the patient of that visit; a time's button books it."""
    own = Appointment.objects.visible_to(request.user).filter(doctor=doctor).with_names().defer("reason", "notes")
    visit = get_object_or_404(own, pk=pk)
    if visit.patient is None or not visit.is_run_by(request.user):
        raise Http404
    kinds = doctor.visit_types.all()
    if request.method == "POST":
        return _book(request, doctor, visit, visit.patient)
    now = timezone.now()
    today = when.local(now, clock_of(sites_of(doctor))).date()
    form = FollowUpSearch(request.GET, kinds=kinds)
    form.is_valid()
    first, kind = form.cleaned_data.get("day") or today, form.cleaned_data.get("visit_type")
    if abs(first - today) > FARTHEST:
        form.add_error("day", _("This day lies too far away."))
        first = today
    first = max(first, today)
    if kind is None:
        kind = visit.visit_type if visit.visit_type in kinds else kinds.order_by("minutes", "name").first()
    context = {
        "visit": visit,
        "form": form if form.errors else FollowUpSearch(initial={"visit_type": kind, "day": first}, kinds=kinds),
        "kind": kind,
        "days": by_day(_free(doctor, kind, first)),
        "later": _url(pk, kind, first + timedelta(days=DAYS_AT_ONCE)),
        "earlier": _url(pk, kind, first - timedelta(days=DAYS_AT_ONCE)) if first > today else "",
    }
    return page(request, "follow_up", context)


def _free(doctor: Doctor, kind: VisitType | None, first: date) -> list[Any]:
    """What is free; notice and horizon bind patients only."""
    now = timezone.now()
    span = Span(first, first + timedelta(days=DAYS_AT_ONCE))
    found = slots.search([doctor], span, now=now, visit_type=kind, every_status=True)
    return [slot for slot in found if slot.is_free and slot.starts_at >= now]


def _url(pk: UUID, kind: VisitType | None, day: date) -> str:
    chosen = {"visit_type": str(kind.pk)} if kind else {}
    return with_query(reverse("follow-up", args=[pk]), chosen | {"day": f"{day:%Y-%m-%d}"})


def _book(request: HttpRequest, doctor: Doctor, visit: Appointment, patient: Patient) -> HttpResponse:
    form = FollowUpForm(request.POST, kinds=doctor.visit_types.all())
    if not form.is_valid():
        messages.warning(request, _("This time cannot be booked; please choose another."))
        return redirect("follow-up", visit.pk)
    wanted = form.cleaned_data
    try:
        booked = form.write(doctor, patient, by=viewer(request), now=timezone.now())
    except ValidationError as error:
        own = Appointment.objects.visible_to(request.user).filter(booked_by=viewer(request), patient=patient)
        twice = own.filter(doctor=doctor, starts_at=wanted["starts_at"]).first()
        if twice is not None:  # sent twice: the first one has booked it
            return redirect("booked", twice.pk)
        messages.warning(request, reason(error)[1])
        return redirect(_url(visit.pk, wanted["visit_type"], when.local(wanted["starts_at"], visit.site.zone).date()))
    except PermissionDenied:
        messages.warning(request, _("You can book follow-ups only for patients whom you have seen or will see."))
        return redirect("booked", visit.pk)
    messages.success(request, _("The follow-up is booked. The patient is being told."))
    return redirect("booked", booked.pk)
