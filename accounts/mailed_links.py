"""Links by which somebody sets a password without the one before: sent to who forgot it, and to who was appointed.

Both lead to one page of the portal at SITE_URL. A link works once: it is bound to the password that it replaces, to the
last sign-in and to the address, and it is worth nothing while the account is closed. Nothing is stored.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from accounts.models import User
from accounts.registration import normal_address

LIFETIME = timedelta(hours=3)
"""Of a link for a forgotten password; an invitation is good for INVITATION_DAYS."""


def awaits_its_owner(user: User) -> bool:
    """Whether somebody was appointed to the account and has never come: no password, no sign-in."""
    return user.is_active and user.last_login is None and not user.has_usable_password()


class LinkTokens(PasswordResetTokenGenerator):
    """What makes a link good; allauth's page asks it (ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR)."""

    def check_token(self, user: AbstractBaseUser | None, token: str | None) -> bool:
        """Whether ``token`` was made for ``user`` as he is now, not too long ago."""
        if not isinstance(user, User) or not token or not user.is_active or not super().check_token(user, token):
            return False
        # PASSWORD_RESET_TIMEOUT, which Django has looked at, is the longer of the two.
        lifetime = timedelta(days=settings.INVITATION_DAYS) if awaits_its_owner(user) else LIFETIME
        made = base36_to_int(token.partition("-")[0])
        return self._num_seconds(self._now()) - made <= lifetime.total_seconds()


def write_to(email: str) -> None:
    """Mail a link for a new password to the owner of ``email``; nothing if nobody has it, or his account is closed.

    The same work is done for an address that we do not know: how long it takes must not tell.
    """
    email = normal_address(email)
    holder = User.objects.filter(email=email, is_active=True).first()
    _write("password_reset_key", holder or _nobody(email), is_sent=holder is not None)


def invite(user: User) -> None:
    """Mail a link for the first password, if the transaction commits."""
    _write("invitation", user)


def _write(what: str, user: User, *, is_sent: bool = True) -> None:
    context: dict[str, Any] = {
        "uid": user_pk_to_url_str(user),
        "key": LinkTokens().make_token(user),
        "days": settings.INVITATION_DAYS,
    }
    adapter, prefix = get_adapter(), f"account/email/{what}"
    if is_sent:
        adapter.send_mail(prefix, user.email, context)
    else:
        adapter.pretend_to_send(prefix, user.email, context)


def _nobody(email: str) -> User:
    return User(pk=uuid4(), email=email, password=make_password(None))
