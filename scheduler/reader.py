"""Reading one variable at a time: what is not given has its default, and nonsense is refused in one line."""

import re
import sys
from email.utils import parseaddr
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

import environ
from phonenumbers import SUPPORTED_REGIONS

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
ROLES = ("patient", "doctor", "receptionist", "admin")


def refuse(name: str, problem: str) -> NoReturn:
    """End the process with one line that names the variable ``name``; its value is never shown."""
    sys.stderr.write(f"Configuration error: {name} {problem}.\n")
    raise SystemExit(3)


class Reader:
    """The process's environment (and ``.env``), read into typed values; a bad value ends the process."""

    def __init__(self, env_file: Path) -> None:
        try:
            if env_file.exists():
                environ.Env.read_env(str(env_file))
        except ValueError:
            refuse(str(env_file), "is not UTF-8 text")

    def text(self, name: str, default: str = "", *, pattern: str = "", like: str = "") -> str:
        """The value, stripped; an empty one counts as not given. ``like`` shows what ``pattern`` wants."""
        # Not env.str(): it takes a value that begins with $ for the name of another variable.
        value = str(environ.Env.ENVIRON.get(name, "")).strip()
        if value and pattern and not re.fullmatch(pattern, value):
            refuse(name, f"must look like {like}")
        return value or default

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no; anything else is refused rather than taken for a yes."""
        raw = self.text(name).lower()
        if not raw:
            return default
        if raw not in TRUE + FALSE:
            refuse(name, "must be one of 1, true, yes, on, 0, false, no, off")
        return raw in TRUE

    def whole(self, name: str, default: int, *, at_least: int = 0, at_most: int = 10**6) -> int:
        """A whole number between two bounds, both included."""
        raw = self.text(name)
        if not raw:
            return default
        value = int(raw) if re.fullmatch("[0-9]{1,12}", raw) else -1
        if not at_least <= value <= at_most:
            refuse(name, f"must be a whole number from {at_least} to {at_most}")
        return value

    def wholes(self, name: str, default: tuple[int, ...], *, at_most: int) -> tuple[int, ...]:
        """Whole numbers from 1 with commas between them, the greatest first, each once; ``none`` for no number."""
        words = self.names(name)
        if [word.lower() for word in words] == ["none"]:
            return ()
        if not all(re.fullmatch("[0-9]{1,6}", word) and 1 <= int(word) <= at_most for word in words):
            refuse(name, f"must be whole numbers from 1 to {at_most} with commas between them, or none")
        return tuple(sorted({int(word) for word in words} or default, reverse=True))

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of ``choices``, in any letter case."""
        value = self.text(name, default).upper()
        if value not in choices:
            refuse(name, f"must be one of {', '.join(choices)}")
        return value

    def region(self, name: str, default: str) -> str:
        """A country's two letters, whose telephone numbers are meant when none is named."""
        value = self.text(name, default).upper()
        if value not in SUPPORTED_REGIONS:
            refuse(name, "must be a country's two letters, such as DE or US")
        return value

    def names(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list separated by commas."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or list(default)

    def roles(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Roles with commas between them; the word ``none`` alone means nobody."""
        words = tuple(word.lower() for word in self.names(name, default))
        if words == ("none",):
            return ()
        if not set(words) <= set(ROLES):
            refuse(name, f"must be roles with commas between them, of {', '.join(ROLES)}, or none")
        return words

    def mailbox(self, name: str, default: str) -> str:
        """An address to send from, with or without a name: ``Clinic <clinic@example.org>``."""
        value = self.text(name, default)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
            refuse(name, "must be an e-mail address")
        return value

    def url(self, name: str, default: str = "", *, schemes: tuple[str, ...], example: str) -> SplitResult | None:
        """An address with one of ``schemes``, a host and, if any, a possible port; None if it is not given."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if value and not is_good:
            refuse(name, f"must be an address such as {example}")
        return parts if value else None
