"""Encrypt everything anew."""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management import BaseCommand, CommandError

from accounts import key_rotation


class Command(BaseCommand):
    """After a new key was put before the others in FIELD_ENCRYPTION_KEYS; then the others can be taken out."""

    help = "Encrypt everything anew, under the first of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate."""
        try:
            rows = key_rotation.reseal()
        except InvalidToken:
            raise CommandError(
                "There is something that none of FIELD_ENCRYPTION_KEYS opens: put the key back that wrote it."
            ) from None
        self.stdout.write(f"{rows} rows are encrypted under the first key.")
