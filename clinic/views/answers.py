"""Where the links in mails lead: the visit, and one button. To look at it changes nothing; mail scanners look at all.

The pages tell neither a name nor the doctor, the kind or the reason of the visit: a mail is read by others too. (The
referrer policy stays that of the site, ``same-origin``: under ``no-referrer`` browsers send no origin along with a
form, and no form could be told from another site's.)
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import throttles
from clinic import answers, booking
from clinic.answers import Action, Answer
from clinic.forms import NewTimeForm
from clinic.models import Appointment, Doctor
from clinic.views.picker import Picker
from clinic.views.refusals import reason

SCOPE = "answer"
OUT_OF_DATE = ("stale", "already_final", "already_begun", "nothing_to_undo")
"""Refusals of a link that was good when it was looked at, and is not any more: somebody was faster."""
PATIENTS_RULES = (Action.MOVE, Action.CANCEL)
"""What can be too late."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """What a link is about; with POST it is done, and the answer leads to a page that tells so."""
    if throttles.spend(SCOPE, "", request) is None:
        throttles.refused(request, SCOPE, "")
        return render(request, "429.html", status=429)
    now = timezone.now()
    found = answers.read(token, now)
    if found is None:
        return _dead(request)
    if request.method == "POST":
        return _do(request, found, now)
    return _page(request, found, now)


def _dead(request: HttpRequest) -> HttpResponse:
    """The same for a link that was used, is out of date, or never was one."""
    return render(request, "clinic/answer_dead.html", status=404)


def _page(request: HttpRequest, found: Answer, now: datetime, refused: str = "") -> HttpResponse:
    context = {
        "appointment": found.appointment,
        "asks": found.action.name,
        "refused": refused,
        "is_too_late": found.action in PATIENTS_RULES and not found.appointment.is_changeable_by_patient(now),
        "can_undo": booking.may_undo(found.appointment, by=found.holder, now=now),
    }
    if found.action == Action.MOVE and not context["is_too_late"]:
        context["picker"] = _picker(request, found, now)
    return render(request, "clinic/answer.html", context)


def _picker(request: HttpRequest, found: Answer, now: datetime) -> Picker:
    """All free times of the visit's own doctor, a fortnight at once."""
    query = QueryDict(mutable=True)
    query.update({"of": str(found.appointment.doctor_id), "day": request.GET.get("day", "")})
    own = Doctor.objects.public().filter(pk=found.appointment.doctor_id)
    return Picker(query, now=now, moving=found.appointment, doctors=own, path=request.path)


def _do(request: HttpRequest, found: Answer, now: datetime) -> HttpResponse:
    if found.action not in DONE:
        return redirect(request.path)
    act, then = DONE[found.action]
    try:
        appointment = act(request, found, now)
    except (ValidationError, PermissionDenied) as error:
        code, sentence = reason(error) if isinstance(error, ValidationError) else ("stale", "")
        return _dead(request) if code in OUT_OF_DATE else _page(request, found, now, sentence)
    return redirect("answer", answers.link_token(appointment, then))


def _confirm(_request: HttpRequest, found: Answer, now: datetime) -> Appointment:
    return booking.confirm(found.appointment, by=found.holder, now=now, version=found.appointment.etag)


def _move(request: HttpRequest, found: Answer, now: datetime) -> Appointment:
    form = NewTimeForm(request.POST)
    if not form.is_valid():
        raise ValidationError(_("This time cannot be booked; please choose another."), code="invalid")
    return form.save(found.appointment, by=found.holder, now=now)


def _cancel(_request: HttpRequest, found: Answer, now: datetime) -> Appointment:
    return booking.cancel(found.appointment, by=found.holder, now=now, version=found.appointment.etag)


def _undo(_request: HttpRequest, found: Answer, now: datetime) -> Appointment:
    return booking.undo(found.appointment, by=found.holder, now=now, version=found.appointment.etag)


DONE: dict[Action, tuple[Callable[[HttpRequest, Answer, datetime], Appointment], Action]] = {
    Action.CONFIRM: (_confirm, Action.CONFIRMED),
    Action.MOVE: (_move, Action.MOVED),
    Action.CANCEL: (_cancel, Action.CANCELLED),
    Action.CANCELLED: (_undo, Action.RESTORED),
}
"""What the button of each page does, and which page tells that it is done."""
