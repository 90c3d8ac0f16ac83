"""Delivering messages: whoever claims one sends it; what fails for now is tried again, what fails for good is told."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import F, Q, QuerySet

from accounts.models.message import Message
from accounts.outbox.channels import GivenUp, TryLater, send
from accounts.outbox.kinds import named

LEASE = timedelta(minutes=5)
"""So long a claim holds: much longer than any mail server may take to answer."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""Before the next attempt; after the last one it is given up."""
BATCH = 100
TOO_LONG = timedelta(minutes=10)
"""Nothing that is due should wait so long."""

logger = logging.getLogger(__name__)


def waiting() -> QuerySet[Message]:
    """Messages that have not come to an end."""
    return Message.objects.filter(sent_at=None, failed_at=None, dropped_at=None)


def due(now: datetime) -> QuerySet[Message]:
    """Those that could be sent now, and that nobody is sending."""
    return waiting().filter(_free(now), not_before__lte=now)


def due_ids(now: datetime) -> list[UUID]:
    """Of what is due, the longest waiting first, BATCH at most."""
    return list(due(now).order_by("not_before", "created_at").values_list("pk", flat=True)[:BATCH])


def deliver_due(now: datetime) -> int:
    """Try what is due at one instant, BATCH at most; how many were tried. For tests: workers ``sweep``, by a clock."""
    return sum(deliver(message, now=now) for message in due_ids(now))


def sweep(*, clock: Callable[[], datetime], goes_on: Callable[[], bool]) -> int:
    """Try everything that is due, as long as ``goes_on()`` says so before each; how many were tried.

    ``clock`` tells the time, which passes meanwhile.
    """
    tried = 0
    while batch := due_ids(clock()):
        for message in batch:
            if not goes_on():
                return tried
            tried += deliver(message, now=clock())
    return tried


def waits_too_long(now: datetime) -> bool:
    """Whether something could have been sent TOO_LONG ago, and nobody has: no worker runs, or it cannot keep up."""
    return waiting().filter(not_before__lt=now - TOO_LONG).exists()


def retry(messages: QuerySet[Message], *, now: datetime) -> int:
    """Have those of ``messages`` that were given up, or wait for another attempt, tried anew; how many these are.

    What was given up and had something ``sealed`` says nothing any more: it will be dropped.
    """
    fresh = {"not_before": now, "failed_at": None, "attempts": 0}
    return (
        messages.filter(Q(failed_at__isnull=False) | Q(last_error__gt=""), sent_at=None, dropped_at=None)
        .filter(_free(now))
        .update(**fresh)
    )


def deliver(message: UUID, *, now: datetime) -> bool:
    """Try one message, if it is due and nobody else has it; whether it was tried.

    Sent at least once, and at most once more: a worker that dies between sending and writing that down leaves its claim
    behind, and another one sends the same message, with the same Message-ID, when the claim has run out.
    """
    claim = uuid4()
    # One statement that looks and claims: of two workers at once the second finds it claimed.
    claimed = due(now).filter(pk=message).update(claimed_at=now, claim=claim, attempts=F("attempts") + 1)
    if not claimed:
        return False
    mine = Message.objects.filter(pk=message, claim=claim)
    found = mine.select_related("user", "patient__user").first()
    if found is None:
        # It went with whoever it was for.
        return True
    if found.not_after is not None and found.not_after < now:
        _end(mine, dropped_at=now)
        return True
    if found.attempts > len(WAITS) + 1:
        # Each time whoever tried it died over it, or was killed; what he would have written is not there.
        _end(mine, failed_at=now, last_error="never_finished")
        return True
    try:
        letter = named(found.kind).draw(found, now)
        if letter is None:
            _end(mine, dropped_at=now)
            return True
        send(found, letter)
    except GivenUp as refusal:
        _end(mine, failed_at=now, last_error=str(refusal))
    except TryLater as refusal:
        _later(mine, found, str(refusal), now)
    except Exception as error:  # a kind that cannot be drawn must not stop the others
        logger.exception("A message of the kind %s could not be drawn.", found.kind)
        _later(mine, found, type(error).__name__, now)
    else:
        _end(mine, sent_at=now)
    return True


def _free(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)


def _end(mine: QuerySet[Message], **how: object) -> None:
    mine.update(claimed_at=None, claim=None, sealed="", **how)


def _later(mine: QuerySet[Message], message: Message, error: str, now: datetime) -> None:
    if message.attempts > len(WAITS):
        _end(mine, failed_at=now, last_error=error)
    else:
        wait = WAITS[message.attempts - 1]
        mine.update(claimed_at=None, claim=None, not_before=now + wait, last_error=error)
