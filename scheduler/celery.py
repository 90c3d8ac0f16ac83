"""The queue, where there is Redis: ``celery -A scheduler worker``, and ``celery -A scheduler beat``.

It only makes things quicker. What is to be done stands in the database, and the sweep finds it there: an empty queue
loses nothing, a task that comes twice or from two beats does nothing twice.
"""

import os

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings

from scheduler.reader import refuse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler.settings")

app = Celery("scheduler")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**_told: object) -> None:
    """Have Celery write to the log as everything does (``scheduler.logs``): without the values of what it was given."""


@worker_init.connect
@beat_init.connect
def need_redis(**_told: object) -> None:
    """End the process if there is nothing to take tasks from."""
    if not settings.REDIS_URL:
        refuse("REDIS_URL", "is missing: without Redis run `python manage.py worker` instead")
