"""The record of one visit, for everybody who may read it; its patient asks here to have it put right."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from records import access, charting
from records.forms import AskForm
from records.models import MedicalRecord
from records.views.frame import EARLIER, PRINTED, missing_unless_his, open_until, page, viewer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was written, the files, and what was asked to be put right; POST asks, for the patient alone."""
    user, now = viewer(request), timezone.now()
    if request.method != "POST":
        return _page(request, pk, now)
    with missing_unless_his():
        known = access.records(user, now=now).get(pk=pk)
        if not _is_about(user, known):
            raise Http404
        form = AskForm(request.POST)
        if form.is_valid():
            try:
                form.save(known, by=user, now=now)
            except ValidationError as error:
                form.refuse(error)
            else:
                messages.success(request, _("Your request is with the doctor. You are told of the answer."))
                return redirect("record", pk)
    return _page(request, pk, now, form)


@require_safe
@login_required
@never_cache
def record_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same for paper."""
    return _page(request, pk, timezone.now(), what=PRINTED)


def _is_about(user: User, known: MedicalRecord) -> bool:
    return known.chart.patient.user_id == user.pk


def _page(
    request: HttpRequest, pk: UUID, now: datetime, form: AskForm | None = None, what: str = "read"
) -> HttpResponse:
    user, is_print = viewer(request), what == PRINTED
    with missing_unless_his():
        opened = access.open_record(pk, by=user, now=now, what=what)
        files = access.open_files(opened, by=user, now=now).get(pk, ())
        has_asked = opened.amendment_requests.exists()
        asked = access.open_requests(opened, by=user, now=now) if has_asked else ()
        earlier = access.open_revisions(opened, by=user, now=now) if EARLIER in request.GET else None
    waits = any(not each.answer for each in asked)
    is_mine = _is_about(user, opened)
    context = {
        "record": opened,
        "visit": opened.appointment,
        "files": files,
        "asked": asked,
        "earlier": earlier,
        "is_mine": is_mine,
        "is_author": charting.writes(user, opened.appointment) and access.treats(user, opened.chart_id),
        "form": (form or AskForm()) if is_mine and not is_print and not waits else None,
        "until": open_until(user, opened.chart, now=now),
        "is_print": is_print,
    }
    return page(request, "record", context)
