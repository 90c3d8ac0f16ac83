"""What the queue calls, and the beat of the queue."""

from celery import shared_task
from django.utils import timezone

from clinic import reminders
from clinic.slots import hints


@shared_task(ignore_result=True)
def plan_reminders() -> int:
    """Write the reminders and agendas that are due to the outbox; see :func:`clinic.reminders.plan`."""
    return reminders.plan(now=timezone.now())


@shared_task(ignore_result=True)
def refresh_hints() -> int:
    """Find out from when on it is worth looking for free times; see :func:`clinic.slots.hints.refresh`."""
    return hints.refresh(now=timezone.now())
