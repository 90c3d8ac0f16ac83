"""``celery -A scheduler.tests.queue.quick beat``: the project's own, but quicker."""

from scheduler.celery import app

__all__ = ["app"]

app.conf.beat_schedule = {name: entry | {"schedule": 1} for name, entry in app.conf.beat_schedule.items()}
