"""A doctor's day, and the steps of its visits."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from clinic import booking, when
from clinic.forms import AgendaForm, DayForm
from clinic.models import Appointment, Doctor, Status
from clinic.slots import Span
from clinic.views.appointments import Shown, shown_or_404
from clinic.views.refusals import reason
from clinic.views.workspace import page
from clinic.workspace.places import clock_of, sites_of

FARTHEST = timedelta(days=10 * 366)
"""No list is asked for a day farther from today."""
STEPS: dict[str, tuple[Callable[..., Appointment], Promise]] = {
    "arrive": (booking.arrive, _("Noted: the patient is here.")),
    "start": (booking.start, _("The visit has begun.")),
    "complete": (booking.complete, _("The visit is completed.")),
    "no_show": (booking.no_show, _("Noted: the patient did not come.")),
    "undo": (booking.undo, _("Taken back.")),
}
"""What a button of a visit does, and what is said then. To cancel needs a reason, and has a page of its own."""


@require_safe
@login_required
@never_cache
def day(request: HttpRequest) -> HttpResponse:
    """The doctor's visits of one day (``?date=``, else today), in the time of each site. Staff have the admin."""
    user = request.user
    assert isinstance(user, User)
    if user.is_staff:
        return redirect("admin:index")
    if user.role != Role.DOCTOR:
        raise Http404
    now, doctor = timezone.now(), _doctor(user)
    today = when.local(now, clock_of(sites_of(doctor) if doctor else [])).date()
    form, shown = asked_day(request.GET, today)
    rows = [Shown(appointment, user, now) for appointment in _visits(user, shown)]
    context = {
        "form": form,
        "rows": rows,
        "following": _following(rows, now) if shown == today else None,
        "expected": sum(row.appointment.status not in (Status.CANCELLED, Status.NO_SHOW) for row in rows),
        "day": shown,
        "is_today": shown == today,
        "previous": shown - timedelta(days=1),
        "next": shown + timedelta(days=1),
        "doctor": doctor,
    }
    return page(request, "day", context)


def asked_day(query: QueryDict, today: date) -> tuple[DayForm, date]:
    """Which day is asked for (``?date=``), else today; and the form that says so, or what is wrong with it."""
    form = DayForm(query)
    shown = (form.cleaned_data.get("date") if form.is_valid() else None) or today
    if abs(shown - today) > FARTHEST:
        form.add_error("date", _("This day lies too far away."))
        shown = today
    return (form if form.errors else DayForm(initial={"date": shown})), shown


def _following(rows: list[Shown], now: datetime) -> Shown | None:
    """Who is with the doctor now, else who has waited longest, else who is expected next."""
    order = {Status.IN_PROGRESS: 0, Status.ARRIVED: 1, Status.SCHEDULED: 2}
    waiting = [row for row in rows if row.appointment.status in order]
    ahead = [row for row in waiting if row.appointment.status != Status.SCHEDULED or row.is_ahead]
    return min(ahead, key=lambda row: (order[Status(row.appointment.status)], _since(row.appointment)), default=None)


def _since(visit: Appointment) -> datetime:
    return (visit.arrived_at if visit.status == Status.ARRIVED else None) or visit.starts_at


@require_POST
@login_required
def step(request: HttpRequest, pk: UUID, name: str) -> HttpResponseRedirect:
    """A button of a visit in the doctor's day; ``version`` is what the page showed. Then back to that day."""
    user = request.user
    assert isinstance(user, User)
    if user.role != Role.DOCTOR or name not in STEPS:
        raise Http404
    visit = shown_or_404(user, pk).appointment
    act, done = STEPS[name]
    try:
        act(visit, by=user, now=timezone.now(), version=request.POST.get("version") or None)
    except ValidationError as error:
        messages.warning(request, reason(error)[1])
    except PermissionDenied:
        # His own visit as a patient, or a step that somebody else took: nothing is offered there.
        raise Http404 from None
    else:
        messages.success(request, str(done))
    shown = when.local(visit.starts_at, visit.site.zone).date()
    return HttpResponseRedirect(f"{reverse('day')}?date={shown:%Y-%m-%d}#visit-{visit.pk}")


@require_POST
@login_required
def agenda(request: HttpRequest) -> HttpResponse:
    """Whether the doctor gets his day's times by mail; 404 for everybody else."""
    user = request.user
    assert isinstance(user, User)
    doctor = _doctor(user)
    if doctor is None:
        raise Http404
    if AgendaForm(request.POST).save(doctor, by=user).wants_agenda:
        messages.success(request, _("From now on you get your day's times by e-mail, at six in the morning."))
    else:
        messages.success(request, _("You do not get your day's times by e-mail any more."))
    return redirect("day")


def _doctor(user: User) -> Doctor | None:
    """The viewer, if he is let in."""
    return Doctor.objects.public().filter(user=user).first()


def _visits(user: User, shown: date) -> list[Appointment]:
    """Those that begin on this day of their site's calendar, earliest first."""
    start, end = Span(shown, shown + timedelta(days=1)).anywhere()
    around = Appointment.objects.visible_to(user).filter(doctor__user=user, starts_at__gte=start, starts_at__lt=end)
    visits = around.with_names().prefetch_related("to_be_moved").order_by("starts_at", "id")
    return [visit for visit in visits if when.local(visit.starts_at, visit.site.zone).date() == shown]
