"""A doctor's own time off and extra hours."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic import availability, displacement
from clinic.displacement import AppointmentsInTheWay
from clinic.models import Doctor
from clinic.views.refusals import reason
from clinic.views.workspace import ask_first, is_new, of_doctors, page, tell_who_waits, viewer
from clinic.workspace.forms import ExceptionForm, ExtraHoursForm, TimeOffForm
from clinic.workspace.leave import told
from clinic.workspace.places import clock_of, sites_of

PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def leave(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """What is to come, and the forms; POST takes time off, over visits only after a look at whom that hits."""
    if request.method != "POST":
        return _page(request, doctor)
    form = TimeOffForm(request.POST, doctor=doctor, now=timezone.now())
    return _set(request, form, _("Take this time off")) or _page(request, doctor, form=form)


@require_POST
@of_doctors
def extra(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """Hours on one day beside those of each week."""
    form = ExtraHoursForm(request.POST, prefix="extra", doctor=doctor, now=timezone.now())
    return _set(request, form, _("Set these hours")) or _page(request, doctor, extra=form)


@require_POST
@of_doctors
def remove(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """Give time off or extra hours up; extra hours that are booked only after a look at whom that hits."""
    own = get_object_or_404(doctor.exceptions.select_related("site"), pk=pk)
    now, before = timezone.now(), displacement.to_be_moved(request.user).count()
    try:
        try:
            availability.remove_exception(own, by=viewer(request), now=now, confirmed=False)
        except AppointmentsInTheWay as error:
            if is_new(request, error.hits):
                return ask_first(request, error.hits, _("Remove these hours"), back="my-leave")
            availability.remove_exception(own, by=viewer(request), now=now)
    except ValidationError as error:
        messages.warning(request, reason(error)[1])
    else:
        messages.success(request, _("Removed."))
        tell_who_waits(request, before)
    return redirect("my-leave")


def _set(request: HttpRequest, form: ExceptionForm, name: str) -> HttpResponse | None:
    """Write what was told. None if nothing sensible was, or if it was refused: then the form says why."""
    if not form.is_valid():
        return None
    by, now, before = viewer(request), timezone.now(), displacement.to_be_moved(request.user).count()
    try:
        try:
            written = form.write(by=by, now=now, confirmed=False)
        except AppointmentsInTheWay as error:
            if is_new(request, error.hits):
                return ask_first(request, error.hits, name, back="my-leave")
            written = form.write(by=by, now=now, confirmed=True)
    except ValidationError as error:
        form.refuse(error)
        return None
    messages.success(request, _("Noted: %(what)s.") % {"what": told(written, form.home)})
    tell_who_waits(request, before)
    return redirect("my-leave")


def _page(
    request: HttpRequest, doctor: Doctor, *, form: TimeOffForm | None = None, extra: ExtraHoursForm | None = None
) -> HttpResponse:
    now, sites = timezone.now(), sites_of(doctor)
    to_come = doctor.exceptions.filter(ends_at__gt=now).select_related("site").order_by("starts_at", "id")
    shown = Paginator(to_come, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": shown,
        "rows": [(each, told(each, clock_of(sites))) for each in shown],
        "form": form or TimeOffForm(doctor=doctor, now=now),
        "extra": extra
        or ExtraHoursForm(prefix="extra", doctor=doctor, now=now, initial={"site": sites[0].pk if sites else None}),
    }
    return page(request, "leave", context)
