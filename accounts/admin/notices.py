"""What waits for staff, said on the admin's first page, each with the way to its list."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, and the address of the list."""

    text: str
    address: str


_tellers: list[Callable[[User], Notice | None]] = []


def register(teller: Callable[[User], Notice | None]) -> None:
    """Have ``teller`` asked what waits for a person who looks; None is nothing."""
    _tellers.append(teller)


def for_user(user: User) -> list[Notice]:
    """What waits, in the order of registration."""
    return [notice for teller in _tellers if (notice := teller(user))]
