"""Proving an address by a six-digit code that was mailed to it, for programs, which keep no session.

(The pages leave this to allauth, which keeps its code in the browser's session.) What we remember of a code is in the
cache: its keyed hash, whose it is and how long it lives, under the keyed hash of the address. The newest code counts.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts import arrivals, audit, contested
from accounts.models import User
from accounts.registration import normal_address

LIFETIME = timedelta(minutes=15)
ATTEMPTS = 5
"""Guesses at one code; after them only a new one helps."""


def write_to(email: str, *, now: datetime) -> None:
    """Mail what helps the owner of ``email`` on after somebody gave it to us.

    A new code, if the address is still to be proved; that there is an account already, if it was proved, an
    administrator made it, or two people named it; nothing to a stranger, and nothing to anybody who was written to too
    often lately: then the code that he has stays good.
    """
    email = normal_address(email)
    holder = User.objects.filter(email=email).first()
    proved = EmailAddress.objects.filter(email=email, verified=True).exists()
    if (holder is None and not proved) or not get_adapter().may_write_to(email):
        return
    if proved or holder is None or not holder.has_usable_password() or contested.is_contested(email):
        # Nobody is told this one.
        _new_code(email, None, now=now)
        get_adapter().send_account_already_exists_mail(email)
    else:
        get_adapter().send_mail("account/email/email_confirmation", email, {"code": new_code(holder, now=now)})


def is_proved(email: str, user: User) -> bool:
    """Whether ``user`` has shown that this address is his."""
    return bool(EmailAddress.objects.filter(user=user, email=email, verified=True).exists())


def new_code(user: User, *, now: datetime) -> str:
    """The code that proves the address of ``user`` from now on, for LIFETIME; an earlier one is void."""
    return _new_code(user.email, str(user.pk), now=now)


def _new_code(email: str, user_id: str | None, *, now: datetime) -> str:
    code = f"{secrets.randbelow(10**6):06}"
    entry = {
        "user": user_id,
        "digest": _keyed("code", email, code),
        "expires_at": now + LIFETIME,
        "round": secrets.token_hex(8),
    }
    cache.set(_key(email), entry, LIFETIME.total_seconds())
    return code


def verify(email: str, code: str, *, now: datetime) -> None:
    """Take the address as proved: its owner can sign in. ValidationError (``invalid_code``) unless ``code`` is good.

    The refusal is the same for a wrong code, an old one, too many guesses and an address that we do not know.
    """
    email = normal_address(email)
    # A stranger's address gets the same treatment, to take the same time.
    nothing = {"user": None, "digest": "", "expires_at": now, "round": "none"}
    entry: dict[str, Any] = cache.get(_key(email)) or nothing
    claimed = _claim_attempt(f"{_key(email)}:{entry['round']}")
    right = constant_time_compare(entry["digest"], _keyed("code", email, code.strip()))
    if not (claimed and right and now < entry["expires_at"] and prove(entry["user"], email)):
        raise ValidationError(_("This code is not right, or not any more. Please ask for a new one."), "invalid_code")
    cache.delete(_key(email))


def _claim_attempt(key: str) -> bool:
    """Whether one of the ATTEMPTS was left. ``add`` is atomic on every cache; ``incr`` is not in the database's."""
    return any(cache.add(f"{key}:{attempt}", True, LIFETIME.total_seconds()) for attempt in range(ATTEMPTS))


def prove(user_id: str, email: str) -> bool:
    """Mark the address of a user as his, as allauth would; False if that cannot be (any more), or is so already."""
    try:
        with transaction.atomic():
            # Signing up anew may be throwing this very account away.
            user = User.objects.select_for_update(no_key=True).filter(pk=user_id, email=email).first()
            if user is None:
                return False
            address, _made = EmailAddress.objects.get_or_create(user=user, email=email)
            if address.verified or not address.set_verified():
                return False
            address.set_as_primary(conditional=True)
            audit.record("accounts.user.address_proved", by=user, on=user)
            arrivals.welcome(user, now=timezone.now())
            return True
    except IntegrityError:
        # Somebody else has proved it in this moment.
        return False


def _key(email: str) -> str:
    return f"verification:{_keyed('address', email)}"


def _keyed(purpose: str, *parts: str) -> str:
    return salted_hmac(f"accounts.verification.{purpose}", "\n".join(parts), algorithm="sha256").hexdigest()
