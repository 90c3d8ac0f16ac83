"""A doctor's own weekly hours: the week as it is, and plain forms beneath it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic import availability, displacement
from clinic.models import Doctor, WeeklyHours
from clinic.models.hours import Weekday
from clinic.views.refusals import reason
from clinic.views.workspace import ask_first, is_new, of_doctors, page, tell_who_waits, viewer
from clinic.workspace.forms import CopyForm, HoursForm


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def hours(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """His week, and the forms to add to it and to copy a day; POST adds."""
    form = HoursForm(request.POST if request.method == "POST" else None, doctor=doctor)
    return _set(request, form) or _page(request, doctor, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def change(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """Other times, another place or another slot length for hours that there are."""
    own = get_object_or_404(doctor.weekly_hours.select_related("site"), pk=pk)
    form = HoursForm(request.POST if request.method == "POST" else None, instance=own, doctor=doctor)
    return _set(request, form) or page(request, "hours_change", {"form": form, "pk": pk})


@require_POST
@of_doctors
def remove(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """Take hours out of the week; over visits only after a look at whom that hits."""
    own = get_object_or_404(doctor.weekly_hours.select_related("site"), pk=pk)
    now = timezone.now()
    hits = displacement.foresee_hours(own, now=now, removed=True)
    if is_new(request, hits):
        return ask_first(request, hits, _("Remove these hours"), back="my-hours")
    name = str(own)
    if _done(request, lambda: availability.remove_hours(own, by=viewer(request), now=now)):
        messages.success(request, _("Removed: %(hours)s.") % {"hours": name})
    return redirect("my-hours")


@require_POST
@of_doctors
def copy(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """One day's hours for other days too."""
    form = CopyForm(request.POST, worked=_weekdays(doctor))
    if form.is_valid():
        before = displacement.to_be_moved(request.user).count()
        try:
            copied = form.write(doctor, by=viewer(request), now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            for each in copied:
                messages.success(request, _told(each))
            tell_who_waits(request, before)
            return redirect("my-hours")
    return _page(request, doctor, copying=form)


def _set(request: HttpRequest, form: HoursForm) -> HttpResponse | None:
    """Write what was told. None if nothing was, or if it was refused: then the form says why."""
    if not form.is_valid():
        return None
    now = timezone.now()
    hits = displacement.foresee_hours(form.instance, now=now)
    if is_new(request, hits):
        return ask_first(request, hits, _("Set these hours"), back="my-hours")
    before = displacement.to_be_moved(request.user).count()
    try:
        written = form.write(by=viewer(request), now=now)
    except ValidationError as error:
        form.refuse(error)
        return None
    messages.success(request, _told(written))
    tell_who_waits(request, before)
    return redirect("my-hours")


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Whether it was; if not, the page says why."""
    before = displacement.to_be_moved(request.user).count()
    try:
        act()
    except ValidationError as error:
        messages.warning(request, reason(error)[1])
        return False
    tell_who_waits(request, before)
    return True


def _told(hours: WeeklyHours) -> str:
    """What comes of the hours, in a sentence."""
    return f"{hours}: {availability.in_words(hours)}"


def _weekdays(doctor: Doctor) -> set[int]:
    return set(doctor.weekly_hours.values_list("weekday", flat=True))


def _page(
    request: HttpRequest, doctor: Doctor, *, form: HoursForm | None = None, copying: CopyForm | None = None
) -> HttpResponse:
    rows: dict[int, list[Any]] = {day: [] for day in Weekday.values}
    for each in doctor.weekly_hours.select_related("site").order_by("weekday", "starts", "id"):
        rows[each.weekday].append((each, availability.laid_out(each)))
    worked = [day for day, blocks in rows.items() if blocks]
    context = {
        "week": [(Weekday(day).label, blocks) for day, blocks in rows.items()],
        "form": form or HoursForm(doctor=doctor),
        "copying": (copying or CopyForm(worked=worked)) if worked else None,
    }
    return page(request, "hours", context)
