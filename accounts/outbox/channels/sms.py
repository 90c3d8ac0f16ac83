"""By text message: SMS_CHANNEL says through what. A provider's is one class more, of the same two methods."""

import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

from accounts.models.message import Message
from accounts.outbox.channels.outcome import TryLater
from accounts.outbox.kinds import Letter


class SmsChannel:
    """What all have: they go to a telephone, and say the text alone."""

    def address_of(self, message: Message) -> str:
        """The recipient's telephone number now, in the international form (E.164); empty if he has none."""
        person = message.patient or message.user
        phone = person.phone if person else ""
        return str(getattr(phone, "as_e164", phone) or "")

    def send(self, message: Message, letter: Letter, address: str) -> None:
        """Hand it over. TryLater or GivenUp if it was not taken."""
        raise NotImplementedError


class ConsoleSmsChannel(SmsChannel):
    """Prints it, to try things out."""

    def send(self, message: Message, letter: Letter, address: str) -> None:
        """Print it on standard output."""
        sys.stdout.write(f"--- Text message to {address} ({message.pk})\n{letter.text}\n")
        sys.stdout.flush()


class FileSmsChannel(SmsChannel):
    """Writes it into a folder, from which a program of the clinic's takes it."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def send(self, message: Message, letter: Letter, address: str) -> None:
        """One file for each message, named after it: the number on the first line, then an empty one and the text.

        Whole or not at all: no reader finds half a file. The same message sent again replaces its file.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self.folder, suffix=".part", delete=False, encoding="utf-8") as part:
                part.write(f"{address}\n\n{letter.text}")
            Path(part.name).replace(self.folder / f"{message.pk}.txt")
        except OSError as error:
            raise TryLater(type(error).__name__) from None


def channel(told: str) -> SmsChannel | None:
    """The channel that SMS_CHANNEL names: ``none``, ``console``, or ``file:`` and a folder."""
    name, _colon, rest = told.partition(":")
    if name == "file":
        return FileSmsChannel(rest)
    return ConsoleSmsChannel() if name == "console" else None
