"""Messages that wait, or were given up: look at them, have them tried again, deliver what is due."""

from typing import Any
from uuid import UUID

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.outbox import backlog


class Command(BaseCommand):
    """``list``, ``retry`` and ``drain``. No address and no word of a message is shown."""

    help = "Show messages that wait or were given up (list), try them again (retry), deliver what is due (drain)."

    def add_arguments(self, parser: CommandParser) -> None:
        """One of three words, and which messages to try again."""
        parts = parser.add_subparsers(dest="what", required=True)
        parts.add_parser("list", help="messages that wait or were given up, the oldest first")
        retry = parts.add_parser("retry", help="try again at once")
        which = retry.add_mutually_exclusive_group(required=True)
        which.add_argument("message", nargs="?", type=UUID, help="its id, as the list shows it")
        which.add_argument("--failed", action="store_true", help="all that were given up")
        parts.add_parser("drain", help="deliver everything that is due now; exit status 1 if something failed")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        """Do one of the three."""
        if what == "list":
            self.list()
        elif what == "retry":
            self.retry(options["message"])
        else:
            self.drain()

    def list(self) -> None:
        """A line for each: id, state, age, attempts, kind, last error."""
        messages = backlog.backlog(timezone.now())
        for one in messages:
            minutes = int(one.age.total_seconds() // 60)
            told = f"{one.attempts} attempts  {one.kind}  {one.last_error or '-'}"
            self.stdout.write(f"{one.id}  {one.state:8}  {minutes:6} min  {told}")
        self.stdout.write(f"{len(messages)} messages.")

    def retry(self, message: UUID | None) -> None:
        """One message, or all that were given up. CommandError if that one cannot be tried again."""
        count = backlog.try_again(message, by="outbox", now=timezone.now())
        if message and not count:
            raise CommandError("There is no such message that was given up or waits for another attempt.")
        self.stdout.write(f"{count} messages will be tried again.")

    def drain(self) -> None:
        """Deliver. CommandError, and so exit status 1, if some were not delivered."""
        tried, failed = backlog.drain(timezone.now)
        if failed:
            raise CommandError(f"{failed} of {tried} messages were not delivered: see `manage.py outbox list`.")
        self.stdout.write(f"{tried} messages delivered.")
