"""``manage.py ensure_admin``: the first administrator."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import administrators


class Command(BaseCommand):
    """Make the administrator of ADMIN_EMAIL and ADMIN_PASSWORD, once; an account that is there is never changed."""

    help = "Make the administrator named by ADMIN_EMAIL and ADMIN_PASSWORD, unless there is one. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make him, or say that he is there."""
        email, password = settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD
        if not email or not password:
            raise CommandError("ADMIN_EMAIL and ADMIN_PASSWORD have to be set.")
        try:
            made = administrators.ensure(email=email, password=password)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write("The administrator was made." if made else "The administrator is there; nothing was changed.")
