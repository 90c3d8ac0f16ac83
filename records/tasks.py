"""What the queue calls."""

from celery import shared_task
from django.utils import timezone

from records import denials


@shared_task(ignore_result=True)
def alert_denials() -> int:
    """Tell of people who were refused again and again; see :func:`records.denials.alert`."""
    return denials.alert(now=timezone.now())
