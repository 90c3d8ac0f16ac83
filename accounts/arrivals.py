"""Who comes for the first time is welcomed; whose account is opened from where it never was lately, is told."""

from datetime import datetime, timedelta
from uuid import uuid4

from accounts import addresses, outbox
from accounts.models import User
from accounts.models.audit import AuditEntry

SIGNED_IN = "accounts.session.signed_in"
FAMILIAR_FOR = timedelta(days=30)
"""How long a network is known as one from which a person has signed in."""


def welcome(user: User, *, now: datetime) -> None:
    """Welcome somebody whose address has just been proved: once, however often that happens."""
    outbox.enqueue("welcome", key=f"welcome:{user.pk.hex}", to=user, now=now)


def notice(user: User, *, address: str, browser: str, now: datetime) -> None:
    """Tell ``user`` that he signs in ``now`` from a network from which he has not done so for FAMILIAR_FOR.

    To be called before this sign-in is written down. Not at the very first one, nor when nobody knows whence it comes.
    ``browser`` is what it is in words (``accounts.devices``).
    """
    before = AuditEntry.objects.filter(actor=user.pk, verb=SIGNED_IN, at__lt=now)
    if not address or not before.exists():
        return
    lately = before.filter(at__gte=now - FAMILIAR_FOR).order_by().values_list("ip", flat=True).distinct()
    if addresses.network(address) not in {addresses.network(one) for one in lately if one}:
        outbox.enqueue("new_sign_in", key=f"new_sign_in:{uuid4().hex}", to=user, now=now, sealed=browser)
