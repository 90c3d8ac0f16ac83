"""A doctor's visits that lost their place, and the nearest times for them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinic import displacement, when
from clinic.displacement.alternatives import near
from clinic.forms import MoveForm
from clinic.models import Appointment, Doctor, ToBeMoved
from clinic.slots import Slot
from clinic.views.openings import Day, by_day
from clinic.views.refusals import reason
from clinic.views.workspace import of_doctors, page, viewer

PER_PAGE = 10


@dataclass(frozen=True)
class Waiting:
    """A visit that waits, and the free times nearest to it; its times are drawn as those of the picker."""

    flag: ToBeMoved
    doctor: Doctor
    near: list[Slot]

    @property
    def moving(self) -> Appointment:
        """The visit."""
        return self.flag.appointment

    @property
    def action(self) -> str:
        """Where a time's button posts to."""
        return reverse("move-one", args=[self.flag.appointment_id])

    @property
    def days(self) -> list[Day]:
        """Of the doctor's own times: into a colleague's calendar only the desk moves."""
        return by_day(slot for slot in self.near if slot.doctor.pk == self.doctor.pk)


@require_safe
@of_doctors
def to_be_moved(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """Who waits, the next visit first, each with the nearest times of the doctor's own."""
    shown = Paginator(displacement.to_be_moved(request.user), PER_PAGE).get_page(request.GET.get("page"))
    visits = [flag.appointment for flag in shown]
    free = near(visits, now=timezone.now())
    rows = [Waiting(flag, doctor, free[flag.appointment_id]) for flag in shown]
    return page(request, "to_be_moved", {"page_obj": shown, "rows": rows})


@require_POST
@of_doctors
def move(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """One click: the visit has the time of the button, and the patient is told."""
    flag = get_object_or_404(displacement.to_be_moved(request.user), appointment=pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("This time cannot be booked; please choose another."))
        return redirect("my-to-be-moved")
    try:
        moved = form.save(flag.appointment, by=viewer(request), now=timezone.now())
    except ValidationError as error:
        messages.warning(request, reason(error)[1])
    except PermissionDenied:
        raise Http404 from None
    else:
        time = when.full(moved.starts_at, moved.site.zone)
        messages.success(request, _("Moved to %(time)s. The patient is being told.") % {"time": time})
    return redirect("my-to-be-moved")
