"""Who saw a patient's record, in plain words: what the audit trail says of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, staffing
from accounts.models import AuditEntry, Outcome, Patient, User
from records.access import Basis
from records.emergency import OFFICERS
from records.models import EmergencyAccess

ACTIONS = {
    "records.chart.read": gettext_lazy("Read the chart"),
    "records.chart.printed": gettext_lazy("Printed the chart"),
    "records.chart.exported": gettext_lazy("Took a copy of the chart"),
    "records.chart.changed": gettext_lazy("Changed the chart"),
    "records.chart.revisions_read": gettext_lazy("Read what the chart said before"),
    "records.record.read": gettext_lazy("Read the record of a visit"),
    "records.record.listed": gettext_lazy("Read the record of a visit in a list"),
    "records.record.printed": gettext_lazy("Printed the record of a visit"),
    "records.record.exported": gettext_lazy("Took a copy of the record of a visit"),
    "records.record.written": gettext_lazy("Wrote the record of a visit"),
    "records.record.changed": gettext_lazy("Changed the record of a visit"),
    "records.record.signed": gettext_lazy("Signed the record of a visit"),
    "records.record.amended": gettext_lazy("Amended the record of a visit"),
    "records.record.revisions_read": gettext_lazy("Read what the record of a visit said before"),
    "records.record.requests_read": gettext_lazy("Read what was asked to be put right"),
    "records.record.files_listed": gettext_lazy("Looked which files are beside a record"),
    "records.record.amendment_asked": gettext_lazy("Asked to amend the record of a visit"),
    "records.record.amendment_amended": gettext_lazy("Amended the record as it was asked"),
    "records.record.amendment_declined": gettext_lazy("Declined to amend the record"),
    "records.attachment.read": gettext_lazy("Opened a file"),
    "records.attachment.added": gettext_lazy("Added a file"),
    "records.attachment.exported": gettext_lazy("Took a copy of a file"),
    "records.emergency_access.opened": gettext_lazy("Opened the record in an emergency"),
    "records.access_log.read": gettext_lazy("Looked who saw the record"),
    "records.chart.looked_up": gettext_lazy("Looked whether there is a chart, and not into it"),
    "records.record.looked_up": gettext_lazy("Looked when there was a record, and not into it"),
    "records.attachment.looked_up": gettext_lazy("Looked whether there is a file, and not into it"),
    "records.amendment_request.looked_up": gettext_lazy("Looked whether something was to be put right"),
}
"""What is told, by the verbs of the audit trail."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that somebody did with the record, in what :class:`accounts.models.Role` he had then. ``reason`` is why
    he could."""

    at: datetime
    actor_name: str
    role: str
    action: str
    reason: str
    is_emergency: bool


def may_see(user: User | AnonymousUser, patient: UUID) -> bool:
    """Whether ``user`` may see who saw ``patient``'s record: she herself, and administrators."""
    if not user.is_authenticated or not user.is_active:
        return False
    known = Patient.objects.filter(pk=patient)
    return (known if staffing.is_administrator(user) else known.filter(user=user)).exists()


def looked_up(kind: str, row: Model, *, patient: UUID, by: User) -> None:
    """Write down that staff looked whether there is a ``kind`` (see ``ACTIONS``) of ``patient``'s; not what it says."""
    verb = f"records.{kind}.looked_up"
    assert verb in ACTIONS
    audit.record(verb, by=by, on=row, patient=patient)


def visible_to(user: User | AnonymousUser, patient: UUID) -> QuerySet[AuditEntry]:
    """The entries about ``patient``'s record that ``user`` may see, the latest first."""
    entries = AuditEntry.objects.filter(patient=patient, verb__in=ACTIONS, outcome=Outcome.ALLOWED)
    return (entries if may_see(user, patient) else entries.none()).order_by("-at", "-id")


def open_log(patient: UUID, *, by: User) -> QuerySet[AuditEntry]:
    """Likewise; that somebody else than the patient looked is written down first."""
    is_hers = Patient.objects.filter(pk=patient, user=by).exists()
    if may_see(by, patient) and not is_hers:
        audit.record("records.access_log.read", by=by, patient=patient)
    return visible_to(by, patient)


def told(entries: Iterable[AuditEntry], *, to: User) -> Sequence[Seen]:
    """``entries`` in words: a few statements, however many there are. Emergencies' reasons are for the patient and
    for those who review them alone; of these it is written down that they were told."""
    rows = list(entries)
    people = User.objects.in_bulk({row.actor for row in rows if row.actor})
    opened = _emergencies(rows, to)
    return [_told(row, people, opened, to) for row in rows]


def _told(row: AuditEntry, people: dict[UUID, User], opened: dict[str, str], to: User) -> Seen:
    actor = people.get(row.actor) if row.actor else None
    basis = row.changes.get("basis", "")
    is_emergency = basis == Basis.EMERGENCY or row.verb == "records.emergency_access.opened"
    reasons = {
        Basis.OWN: _("It is about you") if actor == to else _("It is about this person"),
        Basis.TREATING: _("Has appointments with the patient"),
        Basis.EMERGENCY: _("Emergency access"),
    }
    reason = str(reasons.get(basis, ""))
    if row.object_id in opened:
        reason = opened[row.object_id]
    name = str(actor) if actor else row.program or _("Somebody who is not there any more")
    return Seen(row.at, name, row.role, str(ACTIONS[row.verb]), reason, is_emergency)


def _emergencies(rows: list[AuditEntry], to: User) -> dict[str, str]:
    """Those of which ``to`` may know why; that a reviewer is told is written down first."""
    ids = [row.object_id for row in rows if row.verb == "records.emergency_access.opened"]
    may_know = Q(chart__patient__user=to)
    if to.has_perm(OFFICERS):
        may_know = Q()
    known = EmergencyAccess.objects.filter(may_know, pk__in=ids).annotate(owner=F("chart__patient__user"))
    told = list(known.defer("reason", "review")) if ids else []
    others: list[tuple[Model, UUID, dict[str, Any]]] = [(one, one.chart_id, {}) for one in told if one.owner != to.pk]
    audit.record_each("records.emergency_access.reason_read", others, by=to)
    reasons = dict(EmergencyAccess.objects.filter(pk__in=[one.pk for one in told]).values_list("pk", "reason"))
    return {str(one.pk): reasons[one.pk] for one in told}
