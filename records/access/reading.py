"""Who may read a chart now, and that each reading is written down before anything is shown.

Whoever reads gets his rows here: :func:`charts` and :func:`records` tell of which there may be more to read, without a
word of what they say; ``open_…`` writes the reading into the audit trail and returns the words. If it cannot be
written, nothing is returned; and it is committed before anything is: within somebody else's transaction, which might
yet be undone, nothing can be opened (RuntimeError). What somebody may not read is missing for him
(``ObjectDoesNotExist``).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from guardian.shortcuts import get_objects_for_user

from accounts import audit, staffing
from accounts.models import Role, User
from clinic.models import Appointment, Approval
from records.access.grants import COUNTS
from records.models import (
    AmendmentRequest,
    Attachment,
    Chart,
    ChartRevision,
    EmergencyAccess,
    MedicalRecord,
    RecordRevision,
)
from records.models.chart import CHART_TEXTS
from records.models.record import RECORD_TEXTS


class Basis(StrEnum):
    """Why somebody may read."""

    OWN = "own"
    TREATING = "treating"
    EMERGENCY = "emergency"


def may_break_the_glass(user: User | AnonymousUser) -> bool:
    """Whether ``user`` may ask for emergency access at all: administrators, and doctors who are let in."""
    if staffing.is_administrator(user):
        return True
    if not user.is_authenticated or not user.is_active or user.role != Role.DOCTOR:
        return False
    return hasattr(user, "doctor") and user.doctor.approval == Approval.APPROVED


def charts(user: User | AnonymousUser, *, now: datetime) -> QuerySet[Chart]:
    """The charts that ``user`` may read at ``now``, without what they say.

    His own; those granted to him of patients whom he treats, if he is still a doctor and let in; those that he has
    opened in an emergency.
    """
    if not user.is_authenticated or not user.is_active:
        return Chart.objects.none()
    may = Q(pk__in=_by_grant(user).values("pk"))
    if may_break_the_glass(user):
        may |= Q(pk__in=emergencies(user, now=now).values("chart"))
    return Chart.objects.filter(may).defer(*CHART_TEXTS)


def emergencies(user: User, *, now: datetime) -> QuerySet[EmergencyAccess]:
    """What ``user`` has opened in an emergency and may still read."""
    return EmergencyAccess.objects.filter(user=user, created_at__lte=now, expires_at__gt=now)


def basis(user: User, chart: Chart, *, now: datetime) -> Basis | None:
    """Why ``user`` may read ``chart`` at ``now``; None if he may not."""
    if _by_grant(user).filter(pk=chart.pk).exists():
        return Basis.OWN if chart.patient.user_id == user.pk else Basis.TREATING
    in_emergency = may_break_the_glass(user) and emergencies(user, now=now).filter(chart=chart).exists()
    return Basis.EMERGENCY if in_emergency else None


def records(user: User | AnonymousUser, *, now: datetime) -> QuerySet[MedicalRecord]:
    """The medical records that ``user`` may read at ``now``, the latest first, without what they say."""
    readable = MedicalRecord.objects.filter(chart__in=charts(user, now=now).values("pk")).defer(*RECORD_TEXTS)
    return readable.select_related(
        "appointment__site", "appointment__visit_type", "doctor__user", "chart__patient"
    ).defer("appointment__reason", "appointment__notes", *(f"chart__{name}" for name in CHART_TEXTS))


@transaction.atomic(durable=True)
def open_chart(patient: UUID, *, by: User, now: datetime, what: str = "read") -> Chart:
    """The chart of ``patient`` with all it says; ``what`` is how it was read (``read``, ``printed``, ``exported``)."""
    chart = charts(by, now=now).select_related("patient").get(pk=patient)
    audit.record(f"records.chart.{what}", by=by, on=chart, patient=patient, changes=_why(by, chart, now))
    chart.refresh_from_db(fields=CHART_TEXTS)
    return chart


@transaction.atomic(durable=True)
def open_chart_revisions(patient: UUID, *, by: User, now: datetime) -> Sequence[ChartRevision]:
    """What the chart of ``patient`` said before, the latest first. ``Chart.DoesNotExist`` if ``by`` may not read it."""
    chart = charts(by, now=now).select_related("patient").get(pk=patient)
    changes = _why(by, chart, now)
    audit.record("records.chart.revisions_read", by=by, on=chart, patient=patient, changes=changes)
    return list(chart.revisions.select_related("written_by"))


def open_record(pk: UUID, *, by: User, now: datetime, what: str = "read") -> MedicalRecord:
    """One record with all it says."""
    opened = open_records(records(by, now=now).get(pk=pk), by=by, now=now, what=what)
    if not opened:
        # It was taken from him just now.
        raise MedicalRecord.DoesNotExist
    return opened[0]


@transaction.atomic(durable=True)
def open_records(*chosen: MedicalRecord, by: User, now: datetime, what: str = "read") -> Sequence[MedicalRecord]:
    """Those of ``chosen`` that ``by`` may read, in their order, with all that they say: constant statements."""
    rows = {row.pk: row for row in records(by, now=now).filter(pk__in=[one.pk for one in chosen])}
    found = [rows[one.pk] for one in chosen if one.pk in rows]
    _note("record", found, by, what, {row.chart_id: row.chart for row in found}, now)
    texts = MedicalRecord.objects.in_bulk([row.pk for row in found])
    for row in found:
        for name in RECORD_TEXTS:
            setattr(row, name, getattr(texts[row.pk], name))
    return found


@transaction.atomic(durable=True)
def open_revisions(record: MedicalRecord, *, by: User, now: datetime) -> Sequence[RecordRevision]:
    """What a record said before, the latest first. ``MedicalRecord.DoesNotExist`` if ``by`` may not read it."""
    fresh = records(by, now=now).get(pk=record.pk)
    changes = _why(by, fresh.chart, now)
    audit.record("records.record.revisions_read", by=by, on=fresh, patient=fresh.chart_id, changes=changes)
    return list(fresh.revisions.all())


@transaction.atomic(durable=True)
def open_requests(record: MedicalRecord, *, by: User, now: datetime) -> Sequence[AmendmentRequest]:
    """What the patient asked to be put right. ``MedicalRecord.DoesNotExist`` if ``by`` may not read the record."""
    fresh = records(by, now=now).get(pk=record.pk)
    changes = _why(by, fresh.chart, now)
    audit.record("records.record.requests_read", by=by, on=fresh, patient=fresh.chart_id, changes=changes)
    return list(fresh.amendment_requests.all())


@transaction.atomic(durable=True)
def open_attachments(record: MedicalRecord, *, by: User, now: datetime) -> Sequence[Attachment]:
    """The files beside a record, with their names. ``MedicalRecord.DoesNotExist`` if ``by`` may not read it."""
    fresh = records(by, now=now).get(pk=record.pk)
    changes = _why(by, fresh.chart, now)
    audit.record("records.record.files_listed", by=by, on=fresh, patient=fresh.chart_id, changes=changes)
    return list(fresh.attachments.all())


@transaction.atomic(durable=True)
def open_files(*chosen: MedicalRecord, by: User, now: datetime) -> Mapping[UUID, Sequence[Attachment]]:
    """The files beside those of ``chosen`` that ``by`` may read, with their names, by the records' ids. Constant
    statements; a record without files is not written down as looked at."""
    rows = records(by, now=now).filter(pk__in=[one.pk for one in chosen], attachments__isnull=False).distinct()
    with_files = list(rows.order_by())
    _note("record", with_files, by, "files_listed", {row.chart_id: row.chart for row in with_files}, now)
    found: dict[UUID, list[Attachment]] = {row.pk: [] for row in with_files}
    for file in Attachment.objects.filter(record__in=found):
        found[file.record_id].append(file)
    return found


@transaction.atomic(durable=True)
def open_attachment(pk: UUID, *, by: User, now: datetime, record: UUID | None = None, what: str = "read") -> Attachment:
    """One file's row, with its name, of this ``record`` if one is named; its content is for whoever got this
    (:mod:`records.attachments`)."""
    readable = Attachment.objects.filter(record__in=records(by, now=now).values("pk"))
    if record is not None:
        readable = readable.filter(record=record)
    file = readable.select_related("record__chart__patient").get(pk=pk)
    chart = file.record.chart
    audit.record(f"records.attachment.{what}", by=by, on=file, patient=chart.pk, changes=_why(by, chart, now))
    return file


def treats(user: User, chart: Chart | UUID) -> bool:
    """Whether ``user`` reads the chart as a doctor of its patient, and not because it is his own or was urgent."""
    return (
        user.is_active
        and _by_grant(user, as_doctor_only=True).filter(pk=chart.pk if isinstance(chart, Chart) else chart).exists()
    )


def _by_grant(user: User, *, as_doctor_only: bool = False) -> QuerySet[Chart]:
    """Charts granted to ``user`` for a reason that still holds: a grant that was left behind opens nothing."""
    granted = get_objects_for_user(
        user,
        "records.view_chart",
        Chart.objects.all(),
        use_groups=False,
        # Else superusers, and whoever may see the model in the admin, would read everything.
        with_superuser=False,
        accept_global_perms=False,
    )
    if as_doctor_only:
        # Nobody is his own doctor.
        granted = granted.exclude(patient__user=user)
    reasons = Q(patient__user=user)
    if user.role == Role.DOCTOR:
        treated = Appointment.objects.filter(
            patient=OuterRef("pk"), doctor__user=user, doctor__approval=Approval.APPROVED, status__in=COUNTS
        )
        reasons |= Q(Exists(treated))
    return granted.filter(reasons)


def _why(user: User, chart: Chart, now: datetime) -> dict[str, str]:
    return {"basis": str(basis(user, chart, now=now) or "")}


def _note(kind: str, rows: Iterable[Model], by: User, what: str, charts_of: dict[UUID, Chart], now: datetime) -> None:
    """One entry for each row, written together."""
    treated = set(_by_grant(by).filter(pk__in=list(charts_of)).values_list("pk", flat=True))
    entries = []
    for row in rows:
        chart: Chart = row.chart  # type: ignore[attr-defined]
        why = Basis.EMERGENCY
        if chart.pk in treated:
            why = Basis.OWN if chart.patient.user_id == by.pk else Basis.TREATING
        entries.append((row, chart.pk, {"basis": str(why)}))
    audit.record_each(f"records.{kind}.{what}", entries, by=by)
