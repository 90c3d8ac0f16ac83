"""How long messages are kept: long enough to answer for them, no longer."""

from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models.message import Message

KEPT = timedelta(days=90)
"""After a message was written; those that have not come to an end, or whose time has not, stay."""
BATCH = 1000


def forget_old(now: datetime) -> int:
    """Delete what came to an end and is older than KEPT; how many, BATCH at a time.

    A key that is gone could be used again: no message goes whose ``not_after`` is still to come, so that nothing is
    planned a second time.
    """
    ended = Q(sent_at__isnull=False) | Q(failed_at__isnull=False) | Q(dropped_at__isnull=False)
    is_past = Q(not_after=None) | Q(not_after__lt=now)
    old = Message.objects.filter(ended, is_past, created_at__lt=now - KEPT).order_by("created_at")
    deleted, _by_model = Message.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
    return deleted
