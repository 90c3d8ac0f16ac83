"""``manage.py setup``: from a fresh copy to a database that can be used."""

from typing import Any

from django.core.management import BaseCommand, call_command
from django.db import connection

NEXT_STEPS = """\
The database is ready: {database}.
Next:
  python manage.py load_demo    fills it with a made-up clinic (while DEBUG is on)
  python manage.py runserver    opens the site at http://127.0.0.1:8000/
"""


class Command(BaseCommand):
    """Migrate, and say what to do next. The first ``.env`` is manage.py's: the settings cannot load without one."""

    help = "Write a first .env if there is none, make or update the database, and say what to do next."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the database up to date; the cache's table comes with it."""
        call_command("migrate", interactive=False, verbosity=max(0, options["verbosity"] - 1))
        name = connection.settings_dict["NAME"]
        self.stdout.write(NEXT_STEPS.format(database=name))
