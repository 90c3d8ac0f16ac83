"""Booking on behalf: who, when, and done. Each step is an address of its own that keeps what was chosen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.admin.base import actor
from accounts.admin.forms import is_id
from accounts.admin.pages import Page, register
from accounts.inputs import tell
from accounts.models import Patient, User
from clinic import booking, slots
from clinic.admin.desk import finding, picking
from clinic.admin.desk.choice import Choice
from clinic.admin.desk.sending import VisitForm
from clinic.models import Appointment
from clinic.slots import Slot, SlotTaken


class BookForm(VisitForm):
    """Ends in :func:`clinic.booking.book`."""

    def save(self, choice: Choice, *, by: User, now: datetime) -> UUID:
        """Book; the id of the appointment."""
        return self.book(
            "desk-book",
            booking.book,
            doctor=choice.doctor,
            patient=choice.patient,
            starts_at=choice.starts_at,
            visit_type=choice.visit_type,
            by=by,
            now=now,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The step that is next by what the address says."""
    choice, now = Choice.read(request), timezone.now()
    if (done := request.GET.get("done", "")) and is_id(done):
        booked = Appointment.objects.visible_to(actor(request)).with_names().filter(pk=done).first()
        if booked is not None:
            return draw(request, choice, "done", {"booked": booked})
    if choice.patient is None:
        context = finding.step(request, choice)
        return context if isinstance(context, HttpResponse) else draw(request, choice, "patient", context)
    if choice.doctor is None or choice.starts_at is None:
        context = picking.step(request, choice, now) | {"upcoming": upcoming(request, choice.patient, now)}
        if (clock := context["clock"]).is_bound and clock.is_valid():
            said = clock.cleaned_data
            there = choice.but(doctor=said["of"], starts_at=said["starts_at"], status="")
            return redirect(f"{request.path}?{there.query()}")
        return draw(request, choice, "time", context)
    return _confirm(request, choice, now)


def _confirm(request: HttpRequest, choice: Choice, now: datetime) -> HttpResponse:
    form, alternatives = BookForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            made = form.save(choice, by=actor(request), now=now)
        except SlotTaken as taken:
            tell(form, taken)
            alternatives = [(slot, choice.but(starts_at=slot.starts_at).query()) for slot in taken.alternatives]
        except ValidationError as refusal:
            tell(form, refusal)
        else:
            return redirect(f"{request.path}?done={made}")
    assert choice.patient
    context = _time(request, choice, now) | {"form": form, "alternatives": alternatives}
    if context["may_overbook"] and form.errors and not form.cleaned_data.get("override_reason"):
        form.add_error("override_reason", _now("Say why the doctor is overbooked, or choose another time."))
    return draw(request, choice, "book", context | {"upcoming": upcoming(request, choice.patient, now)})


def _time(request: HttpRequest, choice: Choice, now: datetime) -> dict[str, Any]:
    """The chosen time, and if it is not free, what stands against it, and who is there."""
    assert choice.doctor
    assert choice.starts_at
    asked: dict[str, Any] = {"visit_type": choice.visit_type, "now": now}
    against = slots.why(choice.doctor, choice.starts_at, by_patient=False, **asked)
    slot: Slot | None = None
    try:
        if against:
            slot = slots.by_force(choice.doctor, choice.starts_at, **asked)
        else:
            slot = slots.check(choice.doctor, choice.starts_at, binds_patient=False, **asked)
    except ValidationError:
        slot = None  # nobody can tell where he would be; ``against`` says why
    there: list[Appointment] = []
    if slot is not None and against:
        visits = Appointment.objects.visible_to(actor(request)).with_names().filter(doctor=choice.doctor)
        there = list(visits.occupying(slot.starts_at, slot.ends_at).order_by("starts_at"))
    may_overbook = slot is not None and bool(against) and booking.may_be_overruled(against)
    return {"slot": slot, "against": against, "there": there, "may_overbook": may_overbook}


def upcoming(request: HttpRequest, patient: Patient, now: datetime) -> list[Appointment]:
    """What the patient has already: perhaps that is what he means."""
    visits = Appointment.objects.visible_to(actor(request)).with_names().filter(patient=patient)
    return list(visits.upcoming(now)[:5])


def draw(request: HttpRequest, choice: Choice, step: str, context: dict[str, Any]) -> HttpResponse:
    """The page at ``step``; its title names nobody."""
    frame = admin.site.each_context(request) | {"title": _now("Book an appointment"), "choice": choice, "step": step}
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/desk/book.html", frame | context)


register(Page(route="book/", name="book", view=show, permission="clinic.add_appointment", label=_("Book")))
