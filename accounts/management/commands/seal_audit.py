"""Seal the audit trail: to be run every minute."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from accounts import audit
from accounts.audit import anchor


class Command(BaseCommand):
    """Gives the entries of the last minute their places in the chain, and keeps the new end apart (AUDIT_ANCHOR)."""

    help = "Seal the newest entries of the audit trail, so that nobody can change or remove them unseen."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal."""
        sealed = audit.seal()
        if sealed:
            anchor.keep(audit.head(), now=timezone.now())
        self.stdout.write(f"{sealed} entries sealed.")
