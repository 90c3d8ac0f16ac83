"""What has not come to an end, for whoever runs the machine: no address and no word of a message is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models.message import Message
from accounts.outbox.delivery import deliver, due_ids, retry

MOST = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message that is not sent: ``due``, ``waiting`` for its time, ``claimed`` by a worker, or ``given up``."""

    id: UUID
    state: str
    kind: str
    age: timedelta
    attempts: int
    last_error: str


def backlog(now: datetime) -> list[Waiting]:
    """The MOST oldest messages that were neither sent nor dropped, the oldest first."""
    messages = Message.objects.filter(sent_at=None, dropped_at=None).order_by("created_at")[:MOST]
    return [
        Waiting(one.pk, _state(one, now), one.kind, now - one.created_at, one.attempts, one.last_error)
        for one in messages
    ]


@transaction.atomic
def try_again(message: UUID | None = None, *, by: str, now: datetime) -> int:
    """Have one message tried again at once, or all that were given up; how many. ``by`` is a program."""
    chosen = Message.objects.filter(pk=message) if message else Message.objects.exclude(failed_at=None)
    count = retry(chosen, now=now)
    audit.record("accounts.message.retried", by=by, changes={"messages": [0, count]})
    return count


def drain(clock: Callable[[], datetime]) -> tuple[int, int]:
    """Deliver everything that is due; how many were tried, and how many of them were not delivered."""
    tried: list[UUID] = []
    while batch := due_ids(clock()):
        tried += [message for message in batch if deliver(message, now=clock())]
    return len(tried), Message.objects.filter(pk__in=tried, sent_at=None, dropped_at=None).count()


def _state(message: Message, now: datetime) -> str:
    if message.failed_at is not None:
        return "given up"
    if message.claimed_at is not None:
        return "claimed"
    return "due" if message.not_before <= now else "waiting"
