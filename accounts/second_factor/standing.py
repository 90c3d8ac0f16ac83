"""Who has a second factor, and who must have one."""

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as one. Recovery codes are none: they stand in for one that is there."""


def is_set(user: User) -> bool:
    """Whether signing in asks ``user`` for more than a password."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def is_required(user: User) -> bool:
    """Whether the role of ``user`` demands one (MFA_REQUIRED_ROLES)."""
    return user.role in settings.MFA_REQUIRED_ROLES


def is_missing(user: "User | AnonymousUser") -> bool:
    """Whether ``user`` must set one up before anything else is shown to him; no query for those who need none."""
    return user.is_authenticated and is_required(user) and not is_set(user)


def is_last(authenticator: Authenticator) -> bool:
    """Whether no factor would be left to its owner without this one."""
    if authenticator.type not in FACTORS:
        return False
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
    return not others.exclude(pk=authenticator.pk).exists()


def with_factor(users: QuerySet[User]) -> QuerySet[User]:
    """``users``, each with ``has_factor``: what :func:`is_set` tells."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    return users.annotate(has_factor=Exists(factors))


def answers_codes(user: User) -> Authenticator | None:
    """What of ``user`` a code is asked of first: the app, else the recovery codes; None if he has neither."""
    kept = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    # "totp" comes after "recovery_codes".
    return kept.order_by("-type").first()
