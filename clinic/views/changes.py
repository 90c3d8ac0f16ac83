"""Moving and cancelling an appointment."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Role, User
from clinic import booking
from clinic.forms import CancelForm, MoveForm
from clinic.models import Doctor, Status
from clinic.views.appointments import Shown, shown_or_404
from clinic.views.find import template_for
from clinic.views.fragments import redirects_whole_page
from clinic.views.picker import Picker
from clinic.views.refusals import back_to_picker, reason


@require_http_methods(["GET", "HEAD", "POST"])
@redirects_whole_page
@login_required
@never_cache
def move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The picker again, the same doctor first; a time's button moves the appointment there."""
    assert isinstance(request.user, User)
    shown = shown_or_404(request.user, pk)
    if not shown.may_move:
        return redirect("booked", pk)
    picker = _picker(request, shown)
    if request.method == "POST":
        return _move(request, shown, picker)
    return render(request, template_for(request, "clinic/move.html"), {"picker": picker, "shown": shown})


def _picker(request: HttpRequest, shown: Shown) -> Picker:
    """A doctor moves his visits within his own calendar."""
    is_doctor = shown.viewer.role == Role.DOCTOR and not shown.is_own
    doctors = Doctor.objects.public().filter(user=shown.viewer) if is_doctor else None
    return Picker(request.GET, now=shown.now, moving=shown.appointment, doctors=doctors)


def _move(request: HttpRequest, shown: Shown, picker: Picker) -> HttpResponseRedirect:
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("This time cannot be booked; please choose another."))
        return redirect(picker.url())
    wanted = form.cleaned_data
    try:
        form.save(shown.appointment, by=shown.viewer, now=timezone.now())
    except ValidationError as error:
        there = shown_or_404(shown.viewer, shown.appointment.pk).appointment
        if (there.doctor, there.starts_at) != (wanted["doctor"], wanted["starts_at"]):
            kind = shown.appointment.visit_type
            return back_to_picker(request, picker, error, wanted["doctor"], kind, wanted["starts_at"])
        # Sent twice: the first one has moved it there already.
    messages.success(request, _("The appointment is moved."))
    return redirect("booked", shown.appointment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Until when it can be cancelled, and the one button that does it."""
    assert isinstance(request.user, User)
    shown = shown_or_404(request.user, pk)
    if not shown.may_cancel:
        return redirect("booked", pk)
    initial = {"version": shown.appointment.etag}
    form = CancelForm(request.POST if request.method == "POST" else None, initial=initial, is_own=shown.is_own)
    if form.is_valid():
        try:
            form.save(shown.appointment, by=shown.viewer, now=timezone.now())
        except ValidationError as error:
            code, sentence = reason(error)
            if code == "stale":
                # What he saw is not what there is: he must look before he gives it up.
                messages.warning(request, sentence)
                return redirect("booked", pk)
            form.add_error(None, sentence)
        else:
            messages.success(request, _("The appointment is cancelled."))
            return redirect("booked", pk)
    return render(request, "clinic/cancel.html", {"shown": shown, "form": form})


@require_POST
@login_required
def undo_cancel(request: HttpRequest, pk: UUID) -> HttpResponseRedirect:
    """Let it stand again; if the time is somebody else's by now, to the picker and what is free near it."""
    assert isinstance(request.user, User)
    shown = shown_or_404(request.user, pk)
    visit = shown.appointment
    if not shown.may_undo:
        if visit.status == Status.CANCELLED:
            messages.warning(request, _("This cannot be taken back any more."))
        return redirect("booked", pk)
    try:
        booking.undo(visit, by=shown.viewer, now=shown.now)
    except ValidationError as error:
        code, sentence = reason(error)
        if code == "slot_taken" and shown.is_own:
            picker = Picker(QueryDict(), now=shown.now)
            return back_to_picker(request, picker, error, visit.doctor, visit.visit_type, visit.starts_at)
        if code != "nothing_to_undo":  # sent twice: the first one has done it
            messages.warning(request, sentence)
    else:
        messages.success(request, _("The appointment stands again."))
    return redirect("booked", pk)
