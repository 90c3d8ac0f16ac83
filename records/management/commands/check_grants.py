"""Compare who is granted charts with the appointments that are the reason."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from records.access import grants


class Command(BaseCommand):
    """Fails if grants and appointments differ, unless it is to repair that."""

    help = "Compare grants of charts with appointments. Without --repair a difference is an error."

    def add_arguments(self, parser: CommandParser) -> None:
        """--repair."""
        parser.add_argument("--repair", action="store_true", help="write what is missing and take what is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare; name ids alone."""
        found = grants.differences()
        for what, some in zip(found._fields, found, strict=True):
            for grant in sorted(some):
                self.stdout.write(f"{what}: chart {grant.patient}, user {grant.user}")
        if not any(found):
            self.stdout.write("Grants and appointments agree.")
        elif options["repair"]:
            grants.repair(found, by="check_grants")
            self.stdout.write(f"Repaired: {len(found.missing)} written, {len(found.stale)} taken.")
        else:
            raise CommandError("Grants and appointments differ. With --repair they are made to agree.")
