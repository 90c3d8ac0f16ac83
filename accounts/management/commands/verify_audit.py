"""Verify the audit trail."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from accounts import audit
from accounts.audit import anchor
from accounts.audit.seals import Flaw, Head

SENTENCES = {
    "edited": "was edited after it was written",
    "missing": "is missing",
    "reordered": "is not in its place",
    "cut_off": "and all that followed were cut off",
}


class Command(BaseCommand):
    """Reads the whole trail, and names the first entry that is not as it was written; exit status 1 then."""

    help = "Verify that no entry of the audit trail was edited, removed, reordered or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A head that was kept elsewhere."""
        parser.add_argument(
            "--anchor",
            metavar="'POSITION DIGEST'",
            help="an end of the trail that was kept apart; default: AUDIT_ANCHOR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify."""
        report = audit.verify(*self._anchors(options["anchor"]))
        self.stdout.write(f"{report.sealed} entries sealed, {report.unsealed} not yet.")
        if report.flaw is not None:
            raise CommandError(_sentence(report.flaw))
        self.stdout.write(f"Nothing was touched. The trail ends at: {report.head.position} {report.head.digest}")

    def _anchors(self, told: str | None) -> list[Head]:
        try:
            return [anchor.parse(told)] if told else anchor.kept()
        except ValueError:
            raise CommandError("The anchor cannot be read: it must be a position and a digest.") from None
        except OSError as error:
            raise CommandError(f"AUDIT_ANCHOR cannot be read: {type(error).__name__}.") from None


def _sentence(flaw: Flaw) -> str:
    where = " ".join(
        [
            *(["Entry", str(flaw.entry)] if flaw.entry is not None else ["The entry"]),
            *([f"at position {flaw.position}"] if flaw.position is not None else []),
        ]
    )
    return f"{where} {SENTENCES[flaw.kind]}."
