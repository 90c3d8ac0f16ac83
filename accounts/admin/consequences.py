"""What goes with a verb: listed on its page before anybody confirms, so that nothing is lost unseen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User

FIRST = 20
"""So many things are listed; of the others the number is said."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One line of the list, and where to look at it."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """A sentence that says how many things, the first of them, and the number of the others."""

    sentence: str
    things: list[Thing] = field(default_factory=list)
    others: int = 0


_tellers: list[Callable[[User, User, datetime], Consequence | None]] = []


def register(teller: Callable[[User, User, datetime], Consequence | None]) -> None:
    """Have ``teller(by, person, now)`` asked what goes with a person who is let go; None is nothing."""
    _tellers.append(teller)


def of_letting_go(by: User, person: User, now: datetime) -> list[Consequence]:
    """What goes with ``person``, as far as ``by`` may see it, in the order of registration."""
    return [told for teller in _tellers if (told := teller(by, person, now))]
