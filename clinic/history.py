"""What became of an appointment: who changed what, and when, as the audit trail tells it to those who may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry, Outcome, Role, User
from clinic import when
from clinic.booking.actors import BY_LINK
from clinic.models import Appointment, Doctor, Site

PREFIX = "clinic.appointment."
ACTIONS = {
    "booked": gettext_lazy("Booked"),
    "confirmed": gettext_lazy("Confirmed by the patient"),
    "moved": gettext_lazy("Moved"),
    "cancelled": gettext_lazy("Cancelled"),
    "restored": gettext_lazy("Cancellation taken back"),
    "arrived": gettext_lazy("Arrived"),
    "started": gettext_lazy("Visit begun"),
    "completed": gettext_lazy("Visit completed"),
    "no_show": gettext_lazy("Did not come"),
    "undone": gettext_lazy("Last step taken back"),
}
"""What is told of the trail, by the last part of its verb. Who has looked is another question."""
TOLD = ("status", "doctor", "starts_at")
TOLD_TO_THE_CLINIC = (*TOLD, "is_overbooked")
"""Of which columns the changes are told; never why somebody comes, or does not."""
AT_THE_DESK = {Role.RECEPTIONIST: gettext_lazy("Reception"), Role.ADMIN: gettext_lazy("Administration")}


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. ``role`` is the actor's at the time, None for a program or a mailed link; ``changes`` gives columns
    as ``[before, after]``: a status, a doctor's id, an instant in UTC. ``site`` is where the visit is, by its clock."""

    at: datetime
    site: Site
    actor_name: str
    role: str | None
    action: str
    changes: dict[str, list[Any]]

    @property
    def label(self) -> str:
        """The action in words."""
        return str(ACTIONS[self.action])

    @property
    def time(self) -> str:
        """When, in words."""
        return when.full(self.at, self.site.zone)

    @property
    def new_time(self) -> str:
        """Whither it was moved, or where it began; empty for other changes."""
        after = self.changes.get("starts_at", [None])[-1]
        return when.full(after, self.site.zone) if after else ""


def entries(appointment: Appointment) -> QuerySet[AuditEntry]:
    """The trail's entries of its changes, the first first. ``appointment`` is one that the viewer may see."""
    return AuditEntry.objects.filter(
        object_type=Appointment._meta.label,
        object_id=str(appointment.pk),
        outcome=Outcome.ALLOWED,
        verb__in=[PREFIX + action for action in ACTIONS],
    ).order_by("at", "id")


def told(appointment: Appointment, found: Iterable[AuditEntry], *, to: User | None) -> list[Deed]:
    """What ``found`` of its entries tell ``to`` (None on a page for staff alone): two queries.

    Staff and the appointment's doctor are told who it was by name. The patient is told doctors' names, and of the desk
    that it was the desk.
    """
    found = list(found)
    actors = {entry.actor for entry in found if entry.actor}
    people = User.objects.in_bulk(actors)
    doctors = {doctor.user_id: doctor for doctor in Doctor.objects.filter(user__in=actors).select_related("user")}
    is_clinic = to is None or appointment.is_run_by(to)
    columns = TOLD_TO_THE_CLINIC if is_clinic else TOLD

    def name(actor: UUID | None, role: str, program: str) -> str:
        if actor is None:
            return _("A link in a message") if program == BY_LINK else _("The clinic's system")
        if actor in doctors and role == Role.DOCTOR:
            return str(doctors[actor])
        if actor in people and (to is None or is_clinic or actor == to.pk):
            return str(people[actor])
        return str(AT_THE_DESK.get(Role(role), Role(role).label)) if role in Role.values else _("Somebody")

    return [
        Deed(
            at=entry.at,
            site=appointment.site,
            actor_name=name(entry.actor, entry.role, entry.program),
            role=entry.role or None,
            action=entry.verb.removeprefix(PREFIX),
            changes={
                column: [_value(column, value) for value in entry.changes[column]]
                for column in columns
                if column in entry.changes
            },
        )
        for entry in found
    ]


def _value(column: str, value: Any) -> Any:
    """As the column has it; the trail keeps instants as text."""
    return parse_datetime(value) if column == "starts_at" and value else value
