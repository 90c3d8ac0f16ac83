"""How a password comes to be: changed by whoever knows the one before, or chosen through a link that was mailed.

Whatever the door, it ends in :func:`replace`: a new password ends all that was signed in with the old one.
"""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit, tokens, verification
from accounts.models import User


@transaction.atomic
def replace(user: User, password: str, *, now: datetime) -> None:
    """Let ``user`` sign in with ``password`` from now on; whether it may be his and is good, the caller has made sure.

    Sign-ins through the API and what programs were granted end here; browsers are signed out by the new hash itself.
    Whoever had a password before is told by mail.
    """
    fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if fresh.has_usable_password():
        _tell(fresh)
    fresh.set_password(password)
    # Nothing else: ``user`` may have been read before an administrator let him go.
    fresh.save(update_fields=["password", "updated_at"])
    user.password = fresh.password
    tokens.revoke_all(fresh, now=now)
    audit.record("accounts.user.password_changed", by=fresh, on=fresh)


@transaction.atomic
def change(user: User, password: str, *, now: datetime) -> None:
    """As :func:`replace`, for somebody who is signed in and has just given the password before.

    ValidationError at ``new_password`` unless it is good.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"new_password": error.error_list}) from error
    replace(user, password, now=now)


@transaction.atomic
def choose(user: User, password: str, *, now: datetime) -> None:
    """As :func:`replace`, for whoever came by the link that was mailed: thereby the address is proved to be his."""
    replace(user, password, now=now)
    verification.prove(str(user.pk), user.email)


def _tell(user: User, **context: Any) -> None:
    get_adapter().send_mail("account/email/password_changed", user.email, context)
