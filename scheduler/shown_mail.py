"""While DEBUG is on and there is no mail server: mails are printed, and the last ones are kept to be looked at."""

import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import console

MOST = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail as its reader has it."""

    to: str
    subject: str
    text: str
    attachments: list[str]


class ConsoleBackend(console.EmailBackend):
    """Prints mails, and keeps the last MOST of them in SHOWN_MAIL: whoever sends is another process than who shows."""

    def write_message(self, message: EmailMessage) -> None:
        """Print and keep."""
        super().write_message(message)
        folder = Path(settings.SHOWN_MAIL)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{time.time_ns()}.eml").write_bytes(message.message().as_bytes())
        for old in _kept()[MOST:]:
            old.unlink(missing_ok=True)


def last() -> list[Shown]:
    """The last mails, the newest first."""
    return [_read(path.read_bytes()) for path in _kept()]


def _kept() -> list[Path]:
    return sorted(Path(settings.SHOWN_MAIL).glob("*.eml"), reverse=True)


def _read(raw: bytes) -> Shown:
    parsed: Any = message_from_bytes(raw, _class=Parsed, policy=policy.default)
    body = parsed.get_body(("plain",))
    return Shown(
        to=str(parsed["To"]),
        subject=str(parsed["Subject"]),
        text=body.get_content() if body else "",
        attachments=[part.get_filename() or "" for part in parsed.iter_attachments()],
    )
