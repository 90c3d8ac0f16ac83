"""What the queue calls. Tasks carry ids, and whoever gets one looks up in the database what there is to do."""

import time
from uuid import UUID

from celery import current_app, shared_task
from django.core.management import call_command
from django.utils import timezone
from kombu.pools import producers

from accounts import outbox

QUICK = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}
"""Seconds. Somebody waits for his page while we tell the queue."""
NUDGE_EXPIRES = 120
"""Seconds. By then the sweep has come."""
SWEEP_SECONDS = 100
"""So long one sweep delivers; the next one goes on."""
QUIET_SECONDS = 5
"""After a failure the queue is left alone for so long: not everybody has to wait for it."""

_failed_at = -float(QUIET_SECONDS)


@shared_task(ignore_result=True)
def deliver(message_id: str) -> None:
    """Deliver one message, if that is still to be done; see :func:`accounts.outbox.deliver`."""
    outbox.deliver(UUID(message_id), now=timezone.now())


@shared_task(ignore_result=True)
def sweep() -> int:
    """Deliver whatever is due, whether or not anybody has told of it; how many were tried."""
    until = time.monotonic() + SWEEP_SECONDS
    return outbox.sweep(clock=timezone.now, goes_on=lambda: time.monotonic() < until)


@shared_task(ignore_result=True)
def seal_audit() -> None:
    """As ``manage.py seal_audit``."""
    call_command("seal_audit", verbosity=0)


@shared_task(ignore_result=True)
def clear_sessions() -> None:
    """Remove sessions that have ended."""
    call_command("clearsessions")


@shared_task(ignore_result=True)
def forget_messages() -> int:
    """Delete messages that were kept long enough; how many."""
    return outbox.forget_old(timezone.now())


def nudge(message: UUID) -> None:
    """Tell the queue of a message that can go. What is raised by a queue that is away comes within about a second."""
    global _failed_at  # noqa: PLW0603  what this process knows of the queue
    if time.monotonic() - _failed_at < QUIET_SECONDS:
        return
    try:
        # Not the connection of workers: theirs waits, and tries again.
        with producers[current_app.connection_for_write(transport_options=QUICK)].acquire(
            block=True, timeout=1
        ) as producer:
            deliver.apply_async((str(message),), producer=producer, retry=False, expires=NUDGE_EXPIRES)
    except Exception:
        _failed_at = time.monotonic()
        raise
