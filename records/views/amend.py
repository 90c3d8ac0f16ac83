"""A doctor answers a patient who asked to have a record put right."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.models import Doctor
from clinic.views.refusals import reason
from clinic.views.workspace import of_doctors
from records import access
from records.forms import AnswerForm, texts_of
from records.models import AmendmentRequest, MedicalRecord
from records.views.frame import missing_unless_his, page, viewer

AMEND = "amend"
"""The button that amends the record; the other one declines."""


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def answer(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """For the record's doctor, while a request waits: amend it as asked, or say why not."""
    user, now = viewer(request), timezone.now()
    with missing_unless_his():
        own = access.records(user, now=now).get(pk=pk, doctor=doctor)
        if not access.treats(user, own.chart_id):
            raise Http404
        asked = own.amendment_requests.filter(answer="").defer("text").first()
        if asked is None:
            if request.method == "POST":
                # Sent twice, or answered elsewhere meanwhile.
                return redirect("visit-record", own.appointment_id)
            raise Http404
        if request.method == "POST":
            return _answer(request, own, asked, now)
        return _page(request, own, now)


def _answer(request: HttpRequest, own: MedicalRecord, asked: AmendmentRequest, now: datetime) -> HttpResponse:
    user, form = viewer(request), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, own, now, form)
    amend = request.POST.get("do") == AMEND
    try:
        form.save(asked, by=user, now=now, amend=amend)
    except ValidationError as error:
        form.refuse(error)
        is_stale = reason(error)[0] == "stale"
        if is_stale:
            form.look_again(access.records(user, now=now).get(pk=own.pk).etag)
        return _page(request, own, now, form, is_stale=is_stale)
    done = _("The record is amended, and the patient is told.") if amend else _("The patient is told why not.")
    messages.success(request, done)
    return redirect("visit-record", own.appointment_id)


def _page(
    request: HttpRequest, own: MedicalRecord, now: datetime, form: AnswerForm | None = None, *, is_stale: bool = False
) -> HttpResponse:
    user = viewer(request)
    record = access.open_record(own.pk, by=user, now=now)
    asked = [each for each in access.open_requests(own, by=user, now=now) if not each.answer]
    context = {
        "record": record,
        "visit": record.appointment,
        "asked": asked,
        "form": form or AnswerForm(initial=texts_of(record)),
        "is_stale": is_stale,
    }
    return page(request, "answer", context)
