"""A doctor's visit: the patient's chart on one side, the record of the visit on the other."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from clinic.models import Appointment, Doctor
from clinic.views.refusals import reason
from clinic.views.workspace import of_doctors
from records import access, charting
from records.forms import SIGN, RecordForm, SignForm, texts_of
from records.models import MedicalRecord
from records.views.frame import missing_unless_his, page, viewer

EARLIER_SHOWN = 5
"""Earlier records beside the form; the others are on the chart's page."""


@require_http_methods(["GET", "HEAD", "POST"])
@of_doctors
def visit(request: HttpRequest, doctor: Doctor, pk: UUID) -> HttpResponse:
    """For the visit's doctor, as long as he treats the patient. POST writes, and signs if that button was pressed."""
    user, now = viewer(request), timezone.now()
    with missing_unless_his():
        own = Appointment.objects.visible_to(user).filter(doctor=doctor).with_names().defer("reason", "notes")
        shown = own.get(pk=pk)
        access.charts(user, now=now).get(patient=shown.patient)
        known = access.records(user, now=now).filter(appointment=shown).first()
        if request.method == "POST":
            return _write(request, shown, known, now)
    return _page(request, shown, known, now)


def _write(request: HttpRequest, shown: Appointment, known: MedicalRecord | None, now: datetime) -> HttpResponse:
    user, sign = viewer(request), request.POST.get("do") == SIGN
    if known and sign and "version" in request.POST and "notes" not in request.POST:
        return _only_sign(request, shown, known, now)
    form = RecordForm(request.POST, request.FILES, is_signed=bool(known and known.signed_at))
    if form.is_valid():
        try:
            form.save(shown, known, by=user, now=now, sign=sign)
        except ValidationError as error:
            return _refused(request, shown, form, error, now)
        messages.success(request, _("The record is saved and signed.") if sign else _("The record is saved."))
        return redirect("visit-record", shown.pk)
    return _page(request, shown, known, now, form)


def _refused(
    request: HttpRequest, shown: Appointment, form: RecordForm, error: ValidationError, now: datetime
) -> HttpResponse:
    """The form with all that was typed; beside it what stands there now, if that is not what the doctor saw."""
    user = viewer(request)
    if reason(error)[0] not in ("stale", "record_exists"):
        form.refuse(error)
        return _page(request, shown, access.records(user, now=now).filter(appointment=shown).first(), now, form)
    standing = access.open_record(access.records(user, now=now).get(appointment=shown).pk, by=user, now=now)
    is_as_wanted = standing.signed_at is not None or request.POST.get("do") != SIGN
    if is_as_wanted and form.is_done(standing):
        # Sent twice: the first one has written it.
        return redirect("visit-record", shown.pk)
    # It may have been signed meanwhile: then a reason is asked for.
    form = RecordForm(form.data, is_signed=standing.signed_at is not None)
    form.is_valid()
    form.refuse(error)
    form.look_again(standing.etag)
    return _page(request, shown, standing, now, form, is_stale=True)


def _only_sign(request: HttpRequest, shown: Appointment, known: MedicalRecord, now: datetime) -> HttpResponse:
    """After RECORD_WRITING_DAYS what stands there can still be signed."""
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            form.save(known, by=viewer(request), now=now)
        except ValidationError as error:
            messages.warning(request, reason(error)[1])
        else:
            messages.success(request, _("The record is signed."))
    return redirect("visit-record", shown.pk)


def _page(
    request: HttpRequest,
    shown: Appointment,
    known: MedicalRecord | None,
    now: datetime,
    form: RecordForm | None = None,
    *,
    is_stale: bool = False,
) -> HttpResponse:
    user, patient = viewer(request), shown.patient_id
    assert patient is not None
    with missing_unless_his():
        chart = access.open_chart(patient, by=user, now=now)
        record = access.open_record(known.pk, by=user, now=now) if known else None
        files = access.open_files(record, by=user, now=now).get(record.pk, ()) if record else ()
    may_write = charting.may_write(user, shown, now=now)
    if form is None and may_write:
        form = RecordForm(initial=texts_of(record), is_signed=bool(record and record.signed_at))
    context = {
        "visit": shown,
        "chart": chart,
        "record": record,
        "files": files,
        "form": form,
        "is_stale": is_stale,
        "may_sign": record is not None and record.signed_at is None and not may_write,
        "waits": record is not None and record.amendment_requests.filter(answer="").exists(),
        "starts_later": now < charting.begins_at(shown),
        "until": charting.writable_until(shown),
    }
    return page(request, "visit", context | _earlier(user, shown, now))


def _earlier(user: User, shown: Appointment, now: datetime) -> dict[str, Any]:
    """What was written of the patient's other visits, the latest first."""
    others = access.records(user, now=now).filter(chart=shown.patient_id).exclude(appointment=shown)
    latest = list(others.order_by("-appointment__starts_at")[: EARLIER_SHOWN + 1])
    opened = access.open_records(*latest[:EARLIER_SHOWN], by=user, now=now, what="listed")
    return {"earlier": opened, "has_more": len(latest) > EARLIER_SHOWN}
