"""The project as an app: its management commands and system checks."""

from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    """Wires the apps together."""

    name = "scheduler"
