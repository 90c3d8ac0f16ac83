"""Writing what a doctor knows: charts and medical records. Nothing is deleted, and what is changed can still be read.

Each verb is one transaction. PermissionDenied says *not you*: only the doctor of a visit writes its record, only a
doctor who treats the patient changes her chart, and an emergency lets nobody write.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Role, User
from clinic.booking.transaction import lock
from clinic.models import Appointment, Status
from records import access, news
from records.models import AmendmentRequest, Chart, ChartRevision, MedicalRecord, RecordRevision
from records.models.chart import CHART_TEXTS
from records.models.record import RECORD_TEXTS
from records.models.texts import says_something

WRITABLE = (Status.SCHEDULED, Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED)
"""Visits of which there is something to write."""


def writes(user: User, appointment: Appointment) -> bool:
    """Whether ``user`` writes the record of ``appointment``: its doctor, let in and still one, and not its patient."""
    doctor = appointment.doctor
    return user.pk == doctor.user_id and user.role == Role.DOCTOR and doctor.is_bookable and appointment.is_run_by(user)


def begins_at(appointment: Appointment) -> datetime:
    """From when there is something to write: the visit's start, or when it was begun before that."""
    return min(appointment.starts_at, appointment.started_at or appointment.starts_at)


def writable_until(appointment: Appointment) -> datetime:
    """Until when its record may be written, and changed: RECORD_WRITING_DAYS after its start."""
    return appointment.starts_at + timedelta(days=settings.RECORD_WRITING_DAYS)


def may_write(user: User, appointment: Appointment, *, now: datetime) -> bool:
    """Whether it makes sense to offer ``user`` to write at ``now``."""
    is_time = begins_at(appointment) <= now <= writable_until(appointment)
    return writes(user, appointment) and appointment.status in WRITABLE and is_time


@transaction.atomic
def write(appointment: Appointment, *, by: User, now: datetime, **texts: str) -> MedicalRecord:
    """The record of a visit; ``texts`` are some of RECORD_TEXTS. The patient is told that there is something to read.

    Refusals: ``not_yet`` before the visit, ``too_late_to_write`` after RECORD_WRITING_DAYS, ``not_a_visit`` for one
    that was cancelled or missed, ``record_exists``, ``empty_record``, and those of the texts at their fields.
    """
    fresh = _locked(appointment)
    if not writes(by, fresh):
        raise PermissionDenied
    if fresh.status not in WRITABLE or fresh.patient_id is None:
        raise ValidationError(_("This visit did not take place."), code="not_a_visit")
    if now < begins_at(fresh):
        raise ValidationError(_("The visit has not begun."), code="not_yet")
    _in_time(fresh, now)
    if MedicalRecord.objects.filter(appointment=fresh).exists():
        raise ValidationError(_("There is a record of this visit already."), code="record_exists")
    about = {"appointment": fresh, "chart_id": fresh.patient_id, "doctor": fresh.doctor}
    record = MedicalRecord(**about, written_at=now, created_at=now, **_known(texts, RECORD_TEXTS))
    _check_texts(record)
    record.save(force_insert=True)
    audit.record("records.record.written", by=by, on=record, patient=fresh.patient_id, changes=_fields(texts))
    news.available(record, now=now)
    return record


@transaction.atomic
def change(
    record: MedicalRecord, *, by: User, now: datetime, reason: str = "", version: str | None = None, **texts: str
) -> MedicalRecord:
    """Change some of a record's texts; what stood there becomes a RecordRevision. The same again changes nothing.

    A signed record is amended: with a ``reason`` (``reason_required``), and the patient is told. After
    RECORD_WRITING_DAYS nothing is changed (``too_late_to_write``) but by :func:`answer`. ``version`` is the etag that
    the caller saw (``stale``).
    """
    fresh = to_be_changed(record, by=by, now=now, version=version)
    return _rewritten(fresh, by=by, now=now, reason=reason, texts=texts)


def to_be_changed(record: MedicalRecord, *, by: User, now: datetime, version: str | None = None) -> MedicalRecord:
    """The record, locked, to be changed or to have something put beside it: by its doctor, as long as it may be."""
    fresh = _own(record, by, version)
    _in_time(fresh.appointment, now)
    return fresh


@transaction.atomic
def sign(record: MedicalRecord, *, by: User, now: datetime, version: str | None = None) -> MedicalRecord:
    """Close the record as it stands. Again changes nothing. ``stale`` if it is not what the caller saw."""
    fresh = _own(record, by, version)
    if fresh.signed_at is None:
        fresh.signed_at = now
        fresh.save(update_fields=["signed_at", "updated_at"])
        audit.record("records.record.signed", by=by, on=fresh, patient=fresh.chart_id)
    return fresh


@transaction.atomic
def ask_to_amend(record: MedicalRecord, *, by: User, now: datetime, text: str) -> AmendmentRequest:
    """A patient asks that her record be put right. ``already_asked`` while an earlier request waits."""
    fresh = _locked_record(record)
    if not by.is_active or fresh.chart.patient.user_id != by.pk:
        raise PermissionDenied
    if fresh.amendment_requests.filter(answer="").exists():
        raise ValidationError(_("Your earlier request is not answered yet."), code="already_asked")
    asked = AmendmentRequest(record=fresh, text=text.strip(), created_at=now)
    asked.full_clean(exclude=["record"])
    asked.save(force_insert=True)
    audit.record("records.record.amendment_asked", by=by, on=fresh, patient=fresh.chart_id)
    return asked


@transaction.atomic
def answer(
    asked: AmendmentRequest, *, by: User, now: datetime, amend: bool, explanation: str, version: str = "*", **texts: str
) -> AmendmentRequest:
    """The record's doctor amends it as the patient asked, however long ago the visit was, or says why not.

    Refusals: ``stale``, ``already_answered``, ``nothing_amended``, ``reason_required`` at ``explanation``, the texts'.
    """
    fresh = _own(asked.record, by, version)
    asked = AmendmentRequest.objects.get(pk=asked.pk, record=fresh)
    if asked.answer:
        raise ValidationError(_("This request is answered already."), code="already_answered")
    if not says_something(explanation):
        raise _refusal("reason_required", _("Please tell the patient why."), "explanation")
    stood = fresh.version
    if amend and _rewritten(fresh, by=by, now=now, reason=explanation, texts=texts).version == stood:
        raise ValidationError(_("Nothing is changed: amend the record, or decline."), code="nothing_amended")
    asked.answer = AmendmentRequest.Answer.AMENDED if amend else AmendmentRequest.Answer.DECLINED
    asked.explanation, asked.answered_at = explanation.strip(), now
    asked.full_clean(exclude=["record"])
    asked.save(update_fields=["answer", "explanation", "answered_at", "updated_at"])
    audit.record(f"records.record.amendment_{asked.answer}", by=by, on=fresh, patient=fresh.chart_id)
    if not (amend and fresh.signed_at):  # else the amendment has told
        news.available(fresh, now=now, about=f"answer:{asked.pk}")
    return asked


@transaction.atomic
def update_chart(chart: Chart, *, by: User, now: datetime, version: str | None = None, **texts: str) -> Chart:
    """Change some of CHART_TEXTS; what stood there becomes a ChartRevision. For a doctor who treats the patient.

    Refusals: ``stale``, and those of the texts at their fields. The same again changes nothing.
    """
    fresh = Chart.objects.select_for_update(no_key=True, of=("self",)).select_related("patient").get(pk=chart.pk)
    if not access.treats(by, fresh):
        raise PermissionDenied
    _as_seen(fresh, version)
    texts = _known(texts, CHART_TEXTS)
    changed = {name: text for name, text in texts.items() if text != getattr(fresh, name)}
    if not changed:
        return fresh
    before = {name: getattr(fresh, name) for name in (*CHART_TEXTS, "version", "written_by", "written_at")}
    for name, text in changed.items():
        setattr(fresh, name, text)
    fresh.clean_fields(exclude=[field.name for field in fresh._meta.fields if field.name not in CHART_TEXTS])
    ChartRevision.objects.create(chart=fresh, **before)
    fresh.version, fresh.written_by, fresh.written_at = fresh.version + 1, by, now
    fresh.save(update_fields=[*CHART_TEXTS, "version", "written_by", "written_at", "updated_at"])
    audit.record("records.chart.changed", by=by, on=fresh, patient=fresh.pk, changes=_fields(changed))
    return fresh


def _rewritten(fresh: MedicalRecord, *, by: User, now: datetime, reason: str, texts: dict[str, str]) -> MedicalRecord:
    texts = _known(texts, RECORD_TEXTS)
    changed = {name: text for name, text in texts.items() if text != getattr(fresh, name)}
    if not changed:
        return fresh
    if fresh.signed_at and not says_something(reason):
        raise _refusal("reason_required", _("The record is signed: please say why you amend it."), "reason")
    before = {name: getattr(fresh, name) for name in (*RECORD_TEXTS, "version", "written_at")}
    revision = RecordRevision(record=fresh, reason=reason.strip(), was_signed=bool(fresh.signed_at), **before)
    revision.clean_fields(exclude=[field.name for field in revision._meta.fields if field.name != "reason"])
    for name, text in changed.items():
        setattr(fresh, name, text)
    _check_texts(fresh)
    revision.save(force_insert=True)
    fresh.version, fresh.written_at = fresh.version + 1, now
    fresh.save(update_fields=[*RECORD_TEXTS, "version", "written_at", "updated_at"])
    verb = "amended" if fresh.signed_at else "changed"
    audit.record(f"records.record.{verb}", by=by, on=fresh, patient=fresh.chart_id, changes=_fields(changed))
    if fresh.signed_at:
        news.available(fresh, now=now)
    return fresh


def _locked(appointment: Appointment) -> Appointment:
    """The visit as it is now; nobody cancels or moves it meanwhile."""
    lock(appointment.patient_id, appointment.doctor_id)
    return Appointment.objects.select_related("doctor__user", "patient").get(pk=appointment.pk)


def _locked_record(record: MedicalRecord) -> MedicalRecord:
    rows = MedicalRecord.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("appointment", "doctor__user", "chart__patient").get(pk=record.pk)


def _own(record: MedicalRecord, by: User, version: str | None) -> MedicalRecord:
    """The record as it is now, if ``by`` wrote it, is a doctor still, and treats the patient still."""
    fresh = _locked_record(record)
    is_author = fresh.doctor.user_id == by.pk and by.role == Role.DOCTOR and fresh.doctor.is_bookable
    if not by.is_active or not is_author or not access.treats(by, fresh.chart_id):
        raise PermissionDenied
    _as_seen(fresh, version)
    return fresh


def _as_seen(row: MedicalRecord | Chart, version: str | None) -> None:
    if version is not None and version not in ("*", row.etag):
        raise ValidationError(_("It was changed meanwhile; please look again."), code="stale")


def _in_time(appointment: Appointment, now: datetime) -> None:
    if now > writable_until(appointment):
        days = settings.RECORD_WRITING_DAYS
        sentence = _("The record of a visit is written within %(days)d days.") % {"days": days}
        raise ValidationError(sentence, code="too_late_to_write")


def _check_texts(record: MedicalRecord) -> None:
    record.clean_fields(exclude=[field.name for field in record._meta.fields if field.name not in RECORD_TEXTS])
    if not any(says_something(getattr(record, name)) for name in RECORD_TEXTS):
        raise ValidationError(_("Write something: a diagnosis, a prescription, or notes."), code="empty_record")


def _known(texts: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    if unknown := set(texts) - set(names):
        raise TypeError(f"nobody writes {', '.join(sorted(unknown))} here")
    return texts


def _fields(texts: dict[str, Any]) -> dict[str, Any]:
    """For the audit trail: which fields, and not a word of what they say."""
    return {"fields": sorted(texts)}


def _refusal(code: str, message: str, field: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
