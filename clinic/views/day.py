"""A doctor's day."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role, User
from clinic import when
from clinic.forms import AgendaForm, DayForm
from clinic.models import Appointment, Doctor, Status
from clinic.slots import Span
from clinic.views.appointments import Shown

FARTHEST = timedelta(days=10 * 366)
"""No list is asked for a day farther from today."""


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
    today = when.local(now, _clock_of(doctor)).date()
    form = DayForm(request.GET)
    shown = (form.cleaned_data.get("date") if form.is_valid() else None) or today
    if abs(shown - today) > FARTHEST:
        form.add_error("date", _("This day lies too far away."))
        shown = today
    rows = [Shown(appointment, user, now) for appointment in _visits(user, shown)]
    context = {
        "form": form if form.errors else DayForm(initial={"date": shown}),
        "rows": rows,
        "expected": sum(row.appointment.status not in (Status.CANCELLED, Status.NO_SHOW) for row in rows),
        "day": shown,
        "is_today": shown == today,
        "previous": shown - timedelta(days=1),
        "next": shown + timedelta(days=1),
        "doctor": doctor,
    }
    return render(request, "clinic/day.html", context)


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


def _clock_of(doctor: Doctor | None) -> ZoneInfo:
    """The zone in which it is the doctor's today: that of the first site where he has hours."""
    hours = doctor.weekly_hours.select_related("site").first() if doctor else None
    return hours.site.zone if hours else ZoneInfo(settings.TIME_ZONE)


def _visits(user: User, shown: date) -> list[Appointment]:
    """Those that begin on this day of their site's calendar, earliest first."""
    start, end = Span(shown, shown + timedelta(days=1)).anywhere()
    around = Appointment.objects.visible_to(user).filter(doctor__user=user, starts_at__gte=start, starts_at__lt=end)
    visits = around.with_names().prefetch_related("to_be_moved").order_by("starts_at", "id")
    return [visit for visit in visits if when.local(visit.starts_at, visit.site.zone).date() == shown]
