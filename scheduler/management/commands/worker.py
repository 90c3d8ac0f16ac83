"""What the queue does, without Redis: one process that delivers messages and does the chores."""

import logging
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandParser
from django.db import DatabaseError, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import outbox

LOOK_SECONDS = 1
"""Between two looks at what is due."""
SWEEP = "accounts.tasks.sweep"
"""The chore that is done at each look."""
LONGEST_WAIT = 30
"""Seconds between two attempts while the database is away."""

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Delivers what is due, and does each of settings.CHORES when its time has come; until it is asked to end.

    Several may run at once, beside Celery too. Asked to end (SIGTERM, SIGINT) it finishes the message that it has.
    """

    help = "Deliver messages, plan reminders and seal the audit trail, where there is no Redis. Ctrl-C ends it."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--once``: do everything that is due now, and end."""
        parser.add_argument("--once", action="store_true", help="do everything that is due now, and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Work."""
        self.ends = threading.Event()
        self.done_at: dict[str, float] = {}
        if once:
            self.do_chores()
            self.deliver()
            return
        before = {number: signal.signal(number, self.end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.work()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def end(self, *_signal: object) -> None:
        """End when the message in hand is done."""
        self.ends.set()

    def work(self) -> None:
        """Until asked to end. A database that is away is asked again, less and less often."""
        wait = LOOK_SECONDS
        while not self.ends.is_set():
            try:
                self.do_chores()
                self.deliver()
                wait = LOOK_SECONDS
            except DatabaseError as error:
                # Its text quotes rows.
                logger.error("The database cannot be asked: %s", type(error).__name__)  # noqa: TRY400  see above
                connections.close_all()
                wait = min(wait * 2, LONGEST_WAIT)
            self.ends.wait(wait)

    def deliver(self) -> None:
        """Whatever is due."""
        outbox.sweep(clock=timezone.now, goes_on=lambda: not self.ends.is_set())

    def do_chores(self) -> None:
        """Each whose time has come; one that fails does not keep the others from being done."""
        for name, seconds in settings.CHORES.items():
            if (
                name == SWEEP
                or self.ends.is_set()
                or time.monotonic() - self.done_at.get(name, -float(seconds)) < seconds
            ):
                continue
            self.done_at[name] = time.monotonic()
            try:
                import_string(name)()
            except DatabaseError:
                del self.done_at[name]
                raise
            except Exception:
                logger.exception("%s failed.", name)
