"""Requests that take effect once, however often they arrive.

A caller gives each thing that it wants done a key of its own making, and repeats the key when it repeats the request. A
key belongs to one caller and one operation for LIFETIME. What was asked is kept as a keyed hash, never as text.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from clinic.models import IdempotencyKey

LIFETIME = timedelta(hours=24)
POSSIBLE = re.compile(r"[\x21-\x7e]{1,200}")
SHORTEST_OF_STRANGERS = 32
"""Strangers behind one address are told apart by their keys alone, so none must guess another's."""
FIELD = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is: strangers are known by their address, of which only a keyed hash is stored."""

    name: str
    is_stranger: bool = False

    @classmethod
    def person(cls, user: User) -> "Caller":
        """Somebody signed in."""
        return cls(str(user.pk))

    @classmethod
    def address(cls, ip: str) -> "Caller":
        """Somebody who is not."""
        return cls(_digest("clinic.idempotency.address", ip), is_stranger=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The object that came of it, and whether an earlier request had made it already."""

    made: UUID
    is_repeated: bool


def once(
    caller: Caller, operation: str, key: str, body: Any, *, now: datetime, act: Callable[[], UUID], status: int = 201
) -> Outcome:
    """Run ``act`` and remember under ``key`` what it made; the same again does not run it and answers what was made.

    One transaction: the key's row is inserted first, so that of several at once one acts and the others wait for it; if
    ``act`` raises, nothing is remembered. ``body`` is what was asked, as JSON. ValidationError at ``Idempotency-Key``:
    ``bad_idempotency_key`` (not 1 to 200 visible ASCII characters, or of a stranger fewer than 32),
    ``idempotency_mismatch`` (the key came with another body before).
    """
    _check(key, caller)
    row = IdempotencyKey(
        caller=caller.name, operation=operation, key=key, body_hash=_hash(body), status=status, created_at=now
    )
    mine = IdempotencyKey.objects.filter(caller=caller.name, operation=operation, key=key)
    with transaction.atomic():
        mine.filter(created_at__lte=now - LIFETIME).delete()
        # Waits for a transaction that has inserted the same key; says nothing of whether the row went in.
        IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
        first = mine.get()
        if first.pk == row.pk:
            made = act()
            mine.update(object_id=made)
            return Outcome(made, is_repeated=False)
    if first.body_hash != row.body_hash or first.object_id is None:
        raise _refusal(_("This key came with another request before."), "idempotency_mismatch")
    return Outcome(first.object_id, is_repeated=True)


def _check(key: str, caller: Caller) -> None:
    if not POSSIBLE.fullmatch(key):
        raise _refusal(_("Give 1 to 200 visible ASCII characters."), "bad_idempotency_key")
    if caller.is_stranger and len(key) < SHORTEST_OF_STRANGERS:
        message = _("Who is not signed in gives a key of at least %(number)d characters.")
        raise _refusal(message % {"number": SHORTEST_OF_STRANGERS}, "bad_idempotency_key")


def _hash(body: Any) -> str:
    """Of equal JSON an equal hash, whatever the order of its names. Keyed, for a body may say why somebody is ill."""
    return _digest("clinic.idempotency.body", json.dumps(body, sort_keys=True, separators=(",", ":")))


def _digest(purpose: str, value: str) -> str:
    return salted_hmac(purpose, value, algorithm="sha256").hexdigest()


def _refusal(message: str, code: str) -> ValidationError:
    return ValidationError({FIELD: ValidationError(message, code=code)})
