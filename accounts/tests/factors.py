"""Second factors for tests: what an authenticator app would show, without one."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone

from accounts.models import User

STEP = 30
"""Seconds."""


def set_up_app(user: User) -> str:
    """Give ``user`` an authenticator app; its key."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret: str, *, steps: int = 0, now: datetime | None = None) -> str:
    """What the app shows ``now``, or so many half minutes later."""
    counter = int((now or timezone.now()).timestamp()) // STEP + steps
    return str(format_hotp_value(hotp_value(secret, counter)))


def wrong_code(secret: str) -> str:
    """Six digits that the app has not shown for some minutes, and will not."""
    now = timezone.now()
    shown = {code_of(secret, steps=steps, now=now) for steps in range(-10, 11)}
    return next(code for number in range(10**6) if (code := f"{number:06}") not in shown)


def recovery_codes(user: User) -> list[str]:
    """Recovery codes of ``user``, made if need be; those that are good still."""
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def factors_of(user: User) -> list[str]:
    """The kinds of what ``user`` has, in the order of their names."""
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
