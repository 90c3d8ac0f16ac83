"""The project as an app: its management commands and system checks."""

from django.apps import AppConfig

from scheduler.checks import register_checks


class SchedulerConfig(AppConfig):
    """Wires the apps together."""

    name = "scheduler"

    def ready(self) -> None:
        """Register the system checks."""
        register_checks()
