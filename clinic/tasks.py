"""What the queue calls, and the beat of the queue."""

from celery import shared_task
from django.utils import timezone

from clinic import reminders


@shared_task(ignore_result=True)
def plan_reminders() -> int:
    """Write the reminders and agendas that are due to the outbox; see :func:`clinic.reminders.plan`."""
    return reminders.plan(now=timezone.now())
