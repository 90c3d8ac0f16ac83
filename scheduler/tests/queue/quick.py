"""``celery -A scheduler.tests.queue.quick beat``: the project's own, but quicker."""

from django.conf import settings

from scheduler.celery import app

__all__ = ["app"]

# Celery reads its settings when it needs them first, which is later.
settings.CELERY_BEAT_SCHEDULE = {name: entry | {"schedule": 1} for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}
