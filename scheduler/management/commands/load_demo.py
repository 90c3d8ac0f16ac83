"""``manage.py load_demo``: a made-up clinic, to try the product."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from scheduler import demo

PASSWORD = "clinic-demo-1"  # noqa: S105  printed for everybody to read
ACCOUNTS = """\
The demo clinic is loaded. Sign in at {address} with the password {password}
  patients     patient1@example.org to patient60@example.org
  doctors      doctor1@example.org to doctor12@example.org
  front desk   reception@example.org
  admin        admin@example.org
"""


def _not_negative(text: str) -> int:
    """A whole number from 0; argparse names the option that has another."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError("must be a whole number from 0")
    return int(text)


class Command(BaseCommand):
    """Load the demo, or add what is missing of a large set; refused outside DEBUG."""

    help = "Load a made-up clinic with accounts to sign in with. Safe to repeat. Only while DEBUG is on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The password, the seed of chance, and the sizes of a large set."""
        parser.add_argument("--password", help=f"of every account; {PASSWORD} when they are made")
        parser.add_argument("--seed", type=int, default=1, help="the same seed on the same day: the same clinic")
        parser.add_argument("--doctors", type=_not_negative, default=0, help="at least so many, the demo's 12 included")
        parser.add_argument("--appointments", type=_not_negative, default=0, help="at least so many past appointments")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, enlarge if asked to, and print who can sign in."""
        if not settings.DEBUG:
            raise CommandError("Demo data has a password that everybody knows: it is refused unless DEBUG is on.")
        password = options["password"]
        try:
            validate_password(password or PASSWORD)
        except ValidationError as error:
            raise CommandError(f"--password: {' '.join(error.messages)}") from None
        # While DEBUG is on Django keeps every statement that it sends: a million rows would be kept twice.
        with override_settings(DEBUG=False):
            self._load(password, options)
        shown = password or (PASSWORD if demo.password_is(PASSWORD) else "that you gave it")
        self.stdout.write(
            ACCOUNTS.format(address=settings.SITE_URL + reverse(settings.LOGIN_URL), password=self.style.SUCCESS(shown))
        )

    def _load(self, password: str | None, options: dict[str, Any]) -> None:
        now, seed = timezone.now(), options["seed"]
        try:
            made = demo.load(password=password or PASSWORD, seed=seed, now=now)
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Load the demo into an empty database.") from None
        if made:
            self.stdout.write(f"{made} appointments made.")
        elif password:
            demo.change_password(password)
        doctors, appointments = options["doctors"], options["appointments"]
        if doctors or appointments:
            self.stdout.write("Making the large set; a million appointments take two minutes or three ...")
            demo.enlarge(
                doctors=doctors,
                appointments=appointments,
                password_hash=make_password(password or PASSWORD),
                seed=seed,
                now=now,
            )
