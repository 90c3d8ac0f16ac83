"""Addresses that somebody named in a browser after somebody else had, and neither has proved.

Of the two accounts the later one is left, with the later one's password. The code in its browser's own session tells
whose it proves; one that is mailed for a program does not, and would let the stranger in if it is the first who enters
it. So no such code is mailed: the owner of the address proves it in that browser, or sets a password by mail.
"""

from datetime import timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac

REMEMBERED = timedelta(days=30)
"""Longer than anybody waits for a code."""


def note(email: str) -> None:
    """Remember that two people have named ``email``, in the form in which addresses are kept."""
    cache.set(_key(email), True, REMEMBERED.total_seconds())


def is_contested(email: str) -> bool:
    """Whether two people have named ``email`` lately."""
    return bool(cache.get(_key(email)))


def _key(email: str) -> str:
    return f"contested:{salted_hmac('accounts.contested', email, algorithm='sha256').hexdigest()}"
