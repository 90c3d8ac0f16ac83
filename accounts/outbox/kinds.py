"""Kinds of messages: each app registers its own, and how one is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts.models.message import Message


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    name: str
    content: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said. ``subject`` is one line and tells nothing about health; ``text`` alone goes into a text message."""

    subject: str
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """``draw(message, now)`` answers what is said, as things stand now; None if it is not true any more."""

    name: str
    draw: Callable[[Message, datetime], Letter | None]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; once for each, in an app's ``ready()``."""
    _kinds[kind.name] = kind


def named(name: str) -> Kind:
    """The kind of that name. KeyError if no app has registered it (any more)."""
    return _kinds[name]


def names() -> list[str]:
    """Of all kinds."""
    return sorted(_kinds)
