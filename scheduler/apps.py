"""The project as an app: its management commands, its system checks, and the cache's table."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string

from scheduler.checks import register_checks


def make_cache_table(using: str, **_news: Any) -> None:
    """After a migration: the table of the cache, where the cache is kept in the database. Safe to repeat."""
    backends = (import_string(cache["BACKEND"]) for cache in settings.CACHES.values())
    if any(issubclass(backend, DatabaseCache) for backend in backends):
        call_command("createcachetable", database=using, verbosity=0)


class SchedulerConfig(AppConfig):
    """Wires the apps together."""

    name = "scheduler"

    def ready(self) -> None:
        """Register the system checks and the cache's table; where there is Redis, know the queue."""
        register_checks()
        if settings.REDIS_URL:
            import_module("scheduler.celery")
        # The signal comes once for each app that has models, and this one has none.
        post_migrate.connect(make_cache_table, sender=apps.get_app_config("accounts"), dispatch_uid=__name__)
