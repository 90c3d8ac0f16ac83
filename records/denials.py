"""Somebody is refused charts, records or appointments again and again: those who look after privacy hear of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from accounts import audit, outbox
from accounts.models import AuditEntry, Message, Outcome, User
from accounts.outbox import Note
from records import emergency

KIND = "denials_alert"
WITHIN = timedelta(minutes=10)
"""So many refusals as DENIALS_ALERT in this time are a burst."""
QUIET = timedelta(hours=1)
"""Of one person they hear once in this time."""
SHOWN = timedelta(days=1)
"""So long the first page of the admin says so."""
ROUTES = Q(
    object_type__in=(
        *("booked", "calendar-file", "move", "cancel", "undo-cancel", "visit-step", "follow-up", "move-one"),
        *("who-saw", "answer-request", "api-access-log", "api-patient-detail"),
    )
)
for part in ("chart", "record", "attachment", "amendment", "appointment", "emergency"):
    ROUTES |= Q(object_type__contains=part)
"""Where refusals count, by the names of routes."""


def bursts(*, now: datetime) -> Sequence[UUID]:
    """The people who were refused DENIALS_ALERT times lately. Strangers' knocking is the limits' business."""
    refused = AuditEntry.objects.filter(ROUTES, verb="request.denied", outcome=Outcome.DENIED, actor__isnull=False)
    lately = refused.filter(at__gt=now - WITHIN, at__lte=now).order_by().values("actor").annotate(times=Count("pk"))
    often = lately.filter(times__gte=settings.DENIALS_ALERT).values_list("actor", flat=True)
    return [person for person in often if person is not None]


@transaction.atomic
def alert(*, now: datetime) -> int:
    """Write to the privacy officers about each burst of which they have not heard within the hour; about how many."""
    people = set(bursts(now=now))
    if people:
        people -= set(Message.objects.filter(kind=KIND, created_at__gt=now - QUIET).values_list("about", flat=True))
    officers = emergency.officers() if people else []
    for person in people:
        # The hour is for two that look at once.
        notes = [
            Note(key=f"{KIND}:{person}:{now:%Y%m%d%H}:{one.pk}", to=one, about=person)
            for one in officers
            if one.pk != person
        ]
        outbox.enqueue_all(KIND, notes, now=now)
        audit.record("records.denials.alerted", by="alert_denials", changes={"person": str(person)})
    return len(people)


def alerted(officer: User, *, now: datetime) -> Sequence[UUID]:
    """The people about whom ``officer`` was written to within a day."""
    if not officer.is_active or not officer.has_perm(emergency.OFFICERS):
        return []
    lately = Message.objects.filter(kind=KIND, user=officer, created_at__gt=now - SHOWN)
    return [person for person in lately.order_by().values_list("about", flat=True).distinct() if person is not None]
