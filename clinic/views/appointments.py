"""The third screen, and the list of what one has booked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Role, User
from clinic import booking, history
from clinic.calendar_file import calendar_file
from clinic.history import Deed
from clinic.models import Appointment, AppointmentQuerySet, Status
from clinic.told import Told, to_patient

PER_PAGE = 10


@dataclass
class Shown:
    """An appointment as ``viewer`` sees it at ``now``: what he may do, and whether it is his own visit."""

    appointment: Appointment
    viewer: User
    now: datetime

    @cached_property
    def is_own(self) -> bool:
        """Whether the viewer is the patient."""
        return self.appointment.patient is not None and self.appointment.patient.user_id == self.viewer.pk

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """What the viewer is offered: names of verbs of booking."""
        return booking.next_steps(self.appointment, by=self.viewer, now=self.now)

    @property
    def may_move(self) -> bool:
        """Whether it can be moved from here."""
        if self.is_own:
            return self.appointment.is_changeable_by_patient(self.now)
        return self.appointment.status == Status.SCHEDULED

    @property
    def may_cancel(self) -> bool:
        """Whether it can be cancelled from here."""
        return "cancel" in self.steps

    @property
    def may_undo(self) -> bool:
        """Whether the viewer has just cancelled it, and can take that back."""
        return self.appointment.status == Status.CANCELLED and "undo" in self.steps

    @property
    def may_follow_up(self) -> bool:
        """Whether the viewer is its doctor, and may book the patient's next visit."""
        is_off = self.appointment.status in (Status.CANCELLED, Status.NO_SHOW)
        return self.viewer.role == Role.DOCTOR and self.appointment.is_run_by(self.viewer) and not is_off

    @property
    def follows_up(self) -> bool:
        """Whether now is when doctors book the next visit: while the patient sits there, or has just left."""
        return self.may_follow_up and self.appointment.status in (Status.IN_PROGRESS, Status.COMPLETED)

    @property
    def is_too_late(self) -> bool:
        """Whether the patient must call, because his deadline has passed."""
        return self.is_own and self.is_ahead and not self.may_cancel

    @property
    def is_ahead(self) -> bool:
        """Whether it is booked and not over."""
        return self.appointment.status == Status.SCHEDULED and self.appointment.ends_at > self.now

    @property
    def must_be_moved(self) -> bool:
        """Whether the clinic has to find another time, because the doctor cannot keep this one."""
        return self.is_ahead and any(flag.resolved_at is None for flag in self.appointment.to_be_moved.all())

    @cached_property
    def told(self) -> list[Told]:
        """What the patient, and nobody else, is shown of what he was told."""
        return to_patient(self.appointment) if self.is_own else []

    @cached_property
    def history(self) -> list[Deed]:
        """What became of it, as the viewer is told it."""
        return history.told(self.appointment, history.entries(self.appointment), to=self.viewer)

    @property
    def reason(self) -> str:
        """Why the patient comes, for those who may read it."""
        return self.appointment.reason if self.appointment.may_read_reason(self.viewer) else ""


def of(user: User) -> AppointmentQuerySet:
    """The appointments that ``user`` may see, with what a page shows of each."""
    return Appointment.objects.visible_to(user).with_names().prefetch_related("to_be_moved")


def shown_or_404(user: User, pk: UUID) -> Shown:
    """One of them; 404 for another's as for none."""
    return Shown(get_object_or_404(of(user), pk=pk), user, timezone.now())


@require_safe
@login_required
@never_cache
def booked(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one appointment, and what can be done with it."""
    assert isinstance(request.user, User)
    return render(request, "clinic/booked.html", {"shown": shown_or_404(request.user, pk)})


@require_safe
@login_required
@never_cache
def my_appointments(request: HttpRequest) -> HttpResponse:
    """The patient's own appointments: those to come, or with ``?when=past`` the others."""
    assert isinstance(request.user, User)
    now, is_past = timezone.now(), request.GET.get("when") == "past"
    own = of(request.user).filter(patient__user=request.user).defer("reason", "notes")
    page = Paginator(own.past(now) if is_past else own.upcoming(now), PER_PAGE).get_page(request.GET.get("page"))
    rows = [Shown(appointment, request.user, now) for appointment in page]
    return render(request, "clinic/my_appointments.html", {"page_obj": page, "rows": rows, "is_past": is_past})


@require_safe
@login_required
@never_cache
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The appointment for the patient's own calendar."""
    assert isinstance(request.user, User)
    appointment = shown_or_404(request.user, pk).appointment
    content = calendar_file(appointment)
    headers = {"Content-Disposition": 'attachment; filename="appointment.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
