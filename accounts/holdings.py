"""What the clinic holds about a person: each app tells its part, to the person himself and to nobody else.

An app registers its tellers when it is loaded (``ready()``); the page and the file to take away list what they tell.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit
from accounts.models import User


class Fact(NamedTuple):
    """One thing that is held: by what name programs know it, how it is called on the page, and what it is."""

    name: str
    label: str
    value: Any


@dataclass(frozen=True)
class Part:
    """What one app holds of one kind. A part with ``url`` has a page of its own; on ours only ``note`` is said."""

    name: str
    title: str
    entries: list[list[Fact]]
    note: str = ""
    url: str = ""
    link: str = field(default="", kw_only=True)


Teller = Callable[[User], Iterable[Part]]
_tellers: dict[str, Teller] = {}


def register(name: str, teller: Teller) -> None:
    """Have ``teller`` asked too; one of the same name gives way."""
    _tellers[name] = teller


def told_to(user: User, *, by: User) -> list[Part]:
    """Everything about ``user``; PermissionDenied unless it is ``by`` himself, and active."""
    if by.pk != user.pk or not by.is_active:
        raise PermissionDenied
    # Higher apps are loaded first; who somebody is comes before what he did.
    return [part for teller in reversed(_tellers.values()) for part in teller(user)]


@transaction.atomic
def hand_over(user: User, *, by: User) -> list[Part]:
    """The same to take away, which is written down."""
    parts = told_to(user, by=by)
    audit.record("accounts.user.data_handed_over", by=by, on=user)
    return parts


def for_programs(parts: Iterable[Part]) -> dict[str, Any]:
    """For each part's name its entries, each with its facts by their names."""
    return {part.name: [{fact.name: fact.value for fact in entry} for entry in part.entries] for part in parts}
