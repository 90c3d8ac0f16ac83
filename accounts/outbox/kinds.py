"""Kinds of messages: each app registers its own, and how one is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.models.message import Message

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
    """``draw(message, now)`` answers what is said, as things stand now; None if it is not true any more.

    ``label`` says to staff of what it tells. ``sample()`` answers one about nobody, for staff who want to see what
    people are told.
    """

    name: str
    draw: Callable[[Message, datetime], Letter | None]
    sample: Callable[[], Letter] | None = None
    label: "StrOrPromise" = ""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; once for each, in an app's ``ready()``."""
    _kinds[kind.name] = kind


def named(name: str) -> Kind:
    """The kind of that name. KeyError if no app has registered it (any more)."""
    return _kinds[name]


def samples() -> dict[str, Letter]:
    """One of each kind that has a sample, by name."""
    return {name: kind.sample() for name, kind in sorted(_kinds.items()) if kind.sample}


def label(name: str) -> str:
    """What staff call a kind, also one that is not registered (any more)."""
    kind = _kinds.get(name)
    return str(kind.label) if kind and kind.label else name.replace("_", " ").capitalize()


def names() -> list[str]:
    """Of all kinds."""
    return sorted(_kinds)
