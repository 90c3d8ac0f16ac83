"""What came of the messages, counted at both ends: in the database and at the mail server."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import Message
from accounts.outbox import LEASE
from accounts.outbox.channels import message_id
from scheduler.tests.queue.programs import PATIENCE, wait_until
from scheduler.tests.queue.sink import Sink


def often(messages: Iterable[Message], post_office: Sink) -> list[int]:
    """How often each message has come."""
    ids = post_office.ids()
    return [ids[message_id(message)] for message in messages]


def unsent() -> int:
    """How many have not been written down as sent."""
    return Message.objects.filter(sent_at=None).count()


def all_sent(seconds: float = PATIENCE) -> bool:
    """Whether every message was written down as sent in time."""
    return wait_until(lambda: not unsent(), seconds)


def let_claims_run_out() -> int:
    """As if the lease had passed since the dead worker claimed what it had; how many messages it had."""
    return Message.objects.exclude(claimed_at=None).update(claimed_at=F("claimed_at") - LEASE - timedelta(seconds=1))


def let_waits_run_out() -> int:
    """As if it were time for the next attempt; of how many."""
    waiting = Message.objects.filter(sent_at=None, failed_at=None, dropped_at=None, not_before__gt=timezone.now())
    return waiting.update(not_before=timezone.now())


def told(figures: Iterable[int]) -> str:
    """How many came how often."""
    return ", ".join(f"{number} came {times}x" for times, number in sorted(Counter(figures).items()))
