"""The first screen: find a time, and have it kept."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.views.entrance import allows
from clinic.forms import HoldForm
from clinic.views import held
from clinic.views.fragments import fragment
from clinic.views.picker import Picker
from clinic.views.refusals import back_to_picker


@require_safe
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """One search line and the first free times; for htmx the part of the page that it asks for."""
    now = timezone.now()
    picker = Picker(request.GET, now=now)
    return render(
        request, template_for(request, "clinic/find.html"), {"picker": picker, "held": held.live(request, now=now)}
    )


def template_for(request: HttpRequest, page: str) -> str:
    """The page's template, or that of the part of it that htmx asked for."""
    part = fragment(request)
    if part == "results":
        return "clinic/includes/results_fragment.html"
    return "clinic/includes/one_doctor_fragment.html" if part.startswith("doctor-") else page


@require_POST
def hold(request: HttpRequest) -> HttpResponseRedirect:
    """Keep a time for whoever asks, instead of the one that was kept for him before."""
    now = timezone.now()
    picker, form = Picker(request.GET, now=now), HoldForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("This time cannot be booked; please choose another."))
        return redirect(picker.url())
    if held.signed_in(request) is None and not allows(request, "hold"):
        messages.warning(
            request, _("Many times were chosen from here just now; please sign in, or try again in a few minutes.")
        )
        return redirect(picker.url())
    visitor, before = held.visitor(request), held.live(request, now=now)
    # What the visitor holds is given up by the verb; what his session held before he signed in is not known to it.
    stray = before if before and before.visitor != visitor.key else None
    try:
        kept = form.save(visitor=visitor, by=held.signed_in(request), now=now, instead_of=stray)
    except ValidationError as error:
        wanted = form.cleaned_data
        return back_to_picker(request, picker, error, wanted["doctor"], wanted["visit_type"], wanted["starts_at"])
    held.remember(request, kept)
    return redirect("details")
