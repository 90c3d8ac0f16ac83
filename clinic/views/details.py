"""The second screen: the time is kept; who comes, and why. Strangers sign in or up here."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.views.entrance import ACTION, awaits_code, enter
from clinic import booking
from clinic.forms import ConfirmForm
from clinic.models import Appointment
from clinic.views import held
from clinic.views.picker import Picker, nearest_cards
from clinic.views.refusals import back_to_picker, reason

TEMPLATE = "clinic/details.html"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def details(request: HttpRequest) -> HttpResponseBase:
    """What is kept, until when, and what is still asked; a stranger's way in; the booking."""
    user = held.signed_in(request)
    if user is None:
        return _stranger(request)
    if request.method != "POST":
        return _page(request, user)
    if ACTION in request.POST:  # a way in, sent twice
        return redirect("details")
    return _confirm(request, user)


def _page(request: HttpRequest, user: User, form: ConfirmForm | None = None) -> HttpResponse:
    context = _kept(request)
    hold = context["hold"]
    if hold is None:
        return _nothing_kept(request, context)
    form = form or ConfirmForm(initial={"hold": hold.pk, "reason": held.kept_words(request)})
    return render(request, TEMPLATE, context | {"person": user, "form": form})


def _confirm(request: HttpRequest, user: User) -> HttpResponse:
    """Book what the page showed. Sent twice, the second time leads to the appointment that the first one made."""
    now, form = timezone.now(), ConfirmForm(request.POST)
    form.is_valid()
    shown = form.cleaned_data.get("hold")
    hold = held.live(request, now=now)
    if hold is None or hold.pk != shown:
        held.keep_words(request, form.cleaned_data.get("reason", ""))
        return _not_what_is_kept(request, user, shown, hold)
    if form.errors:
        return _page(request, user, form)
    try:
        appointment = form.save(hold, by=user, now=now)
    except ValidationError as error:
        code, sentence = reason(error)
        if code == "slot_taken":
            held.keep_words(request, form.cleaned_data["reason"])
            picker = Picker(request.GET, now=now)
            return back_to_picker(request, picker, error, hold.doctor, hold.visit_type, hold.starts_at)
        form.add_error(None, sentence)
        return _page(request, user, form)
    held.forget_words(request)
    return redirect("booked", appointment.pk)


def _not_what_is_kept(request: HttpRequest, user: User, shown: UUID | None, hold: Appointment | None) -> HttpResponse:
    """The page showed a time that is booked already, or not kept any more, or replaced by another."""
    if shown and Appointment.objects.visible_to(user).filter(pk=shown, booked_by=user).exists():
        held.forget_words(request)
        return redirect("booked", shown)
    if hold is not None:
        messages.warning(request, _("You have chosen another time since: it is the one on this page."))
    return redirect("details")


def _stranger(request: HttpRequest) -> HttpResponseBase:
    """Let him in on this page. What he types there is dealt with first, whatever has become of the hold."""
    context = _kept(request)
    if context["hold"] is None and ACTION not in request.POST and not awaits_code(request):
        return _nothing_kept(request, context)
    return enter(request, template_name=TEMPLATE, here=reverse("details"), context=context)


def _kept(request: HttpRequest) -> dict[str, Any]:
    """The hold and the seconds that it has left; if it is gone, what is free near it."""
    now = timezone.now()
    hold = held.live(request, now=now)
    if hold is not None and hold.hold_expires_at is not None:
        return {"hold": hold, "seconds": max(0, int((hold.hold_expires_at - now).total_seconds()))}
    lost = held.wanted(request)
    if not lost.is_valid():
        return {"hold": None, "alternatives": []}
    wanted = lost.cleaned_data
    nearest = nearest_cards(wanted["doctor"], wanted["starts_at"], wanted["visit_type"], now=now)
    return {"hold": None, "alternatives": nearest, "wanted": wanted}


def _nothing_kept(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Nothing is on hold: it was booked, or its time has run out, or nothing was chosen."""
    pk = held.held_id(request)
    booked = Appointment.objects.visible_to(request.user).filter(pk=pk).first() if pk else None
    words = held.kept_words(request)
    return render(request, "clinic/nothing_kept.html", context | {"booked": booked, "has_words": bool(words)})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the time longer, once."""
    now = timezone.now()
    hold = held.live(request, now=now)
    if hold is not None:
        try:
            booking.extend(hold, now=now)
            messages.success(request, _("The time is kept for you a little longer."))
        except ValidationError as error:
            messages.warning(request, reason(error)[1])
    return redirect("details")


@require_POST
def give_back(request: HttpRequest) -> HttpResponse:
    """Give the time back to others."""
    hold = held.live(request, now=timezone.now())
    if hold is not None:
        booking.release(hold)
        messages.success(request, _("The time is given back."))
    held.forget(request)
    return redirect("find")
