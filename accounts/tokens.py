"""Signing in through the API.

A sign-in begins a :class:`~accounts.models.TokenFamily`. Its tokens are JSON Web Tokens (RFC 7519), signed with HMAC
and SHA-256 and no other algorithm: an access token is presented with each request, a refresh token is spent once for a
new pair. All of them name their family and die with it. A token says who its bearer is, never what he may do: role and
standing are read from the database at each use.
"""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError

from accounts import audit, integrations
from accounts.models import TokenFamily, User
from accounts.signals import sign_ins_ended

ACCESS, REFRESH = "access", "refresh"
LONGEST = 2048
"""Characters: ours are far shorter, and nothing longer is looked at."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a sign-in gives; ``expires_in`` are the seconds that the access token lives."""

    user: User = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  the scheme's name, no secret


@dataclass(frozen=True, slots=True)
class _Claims:
    family: UUID
    user: UUID
    jti: str


def sign_in(user: User, *, now: datetime) -> Pair:
    """The first pair of a new family. Whether ``user`` is who he says, and may sign in, the caller has made sure.

    ValidationError (``invalid_token``) if that is so no more: his password or role changed since, or he was let go.
    """
    family = TokenFamily(user=user, expires_at=now + settings.REFRESH_TOKEN_LIFETIME)
    jti = uuid4().hex
    family.current_jti_hash = _hash(jti)
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not fresh.is_active or (fresh.password, fresh.role) != (user.password, user.role):
            raise _refusal()
        family.save(force_insert=True)
        User.objects.filter(pk=user.pk).update(last_login=now)
        audit.record("accounts.session.signed_in", by=user, on=user, changes={"tokens": [None, family.pk]})
    return _pair(user, family.pk, jti, now)


def refresh(token: str, *, now: datetime) -> Pair:
    """Spend a refresh token for a new pair.

    Of several at once one wins. A token that was spent before was stolen, or the thief's was: its family ends, and both
    have to sign in again. ValidationError (``invalid_token``) for that and for every other token that is not good.

    Not to be called within a transaction: the end of the family must last though the call is refused.
    """
    claims = _read(token, REFRESH, now)
    jti = uuid4().hex
    family = TokenFamily.objects.filter(pk=claims.family, user_id=claims.user, revoked_at=None)
    with transaction.atomic(durable=True):
        # One statement that looks and changes: of two at the same time the second finds another hash.
        turned = family.filter(current_jti_hash=_hash(claims.jti), expires_at__gt=now).update(
            current_jti_hash=_hash(jti), expires_at=now + settings.REFRESH_TOKEN_LIFETIME, updated_at=now
        )
        user = User.objects.filter(pk=claims.user).first() if turned else None
        good = user is not None and user.is_active
        ended = 0 if good else family.update(revoked_at=now, updated_at=now)
        if ended:
            because = "A deactivated person's token came." if turned else "A spent refresh token came back."
            spent = TokenFamily(pk=claims.family)
            audit.record("accounts.sign_in.ended", by=None, on=spent, outcome=audit.Outcome.DENIED, reason=because)
    if ended and not turned:
        logger.warning("A spent refresh token came back: API sign-in %s has ended.", claims.family)
    if user is None or not good:
        raise _refusal()
    return _pair(user, claims.family, jti, now)


def bearer(token: str, *, now: datetime) -> User:
    """Who bears the access ``token``, as the database knows him now; one query.

    ValidationError (``invalid_token``) if it is no good, also when he was deactivated or the family has ended.
    """
    claims = _read(token, ACCESS, now)
    alive = TokenFamily.objects.filter(
        pk=claims.family, user_id=claims.user, revoked_at=None, expires_at__gt=now, user__is_active=True
    )
    family = alive.select_related("user").first()
    if family is None:
        raise _refusal()
    return family.user


def revoke_all(user: User, *, now: datetime) -> None:
    """End every sign-in through the API that ``user`` has, what he granted to programs by OAuth2, and whatever else
    hears of it (:data:`accounts.signals.sign_ins_ended`)."""
    TokenFamily.objects.filter(user=user, revoked_at=None).update(revoked_at=now, updated_at=now)
    integrations.revoke_all(user)
    sign_ins_ended.send(User, person=user, now=now)


def end(token: str, *, by: User, now: datetime) -> None:
    """End the sign-in of a refresh token, if it is one of ``by``'s, spent or not.

    Any other text means nothing, and is not refused (RFC 7009, 2.2): whose it is, nobody learns.
    """
    try:
        claims = _read(token, REFRESH, now)
    except ValidationError:
        return
    family = TokenFamily.objects.filter(pk=claims.family, user=by, revoked_at=None)
    with transaction.atomic():
        if claims.user == by.pk and family.update(revoked_at=now, updated_at=now):
            audit.record("accounts.sign_in.ended", by=by, on=TokenFamily(pk=claims.family))


def _refusal() -> ValidationError:
    return ValidationError(_("This token is not valid, or not any more. Please sign in again."), code="invalid_token")


def _hash(jti: str) -> str:
    return hashlib.sha256(jti.encode()).hexdigest()


def _backend() -> TokenBackend:
    # A key of its own: what else is signed with SECRET_KEY can never pass for a token.
    key = salted_hmac("accounts.tokens", "signing key", algorithm="sha256").hexdigest()
    return TokenBackend("HS256", signing_key=key)


def _pair(user: User, family: UUID, jti: str, now: datetime) -> Pair:
    lifetime = settings.ACCESS_TOKEN_LIFETIME
    return Pair(
        user=user,
        access_token=_write(ACCESS, family, user, uuid4().hex, now + lifetime),
        refresh_token=_write(REFRESH, family, user, jti, now + settings.REFRESH_TOKEN_LIFETIME),
        expires_in=int(lifetime.total_seconds()),
    )


def _write(kind: str, family: UUID, user: User, jti: str, expires_at: datetime) -> str:
    claims = {"typ": kind, "family": str(family), "sub": str(user.pk), "jti": jti, "exp": int(expires_at.timestamp())}
    return _backend().encode(claims)


def _read(token: str, kind: str, now: datetime) -> _Claims:
    """The claims of a token of ours of this kind that has not expired."""
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST:
        raise _refusal()
    try:
        claims = _backend().decode(token)  # type: ignore[arg-type]  # annotated as a Token, means its text
        if claims["typ"] != kind or claims["exp"] <= now.timestamp():
            raise _refusal()
        return _Claims(UUID(claims["family"]), UUID(claims["sub"]), str(claims["jti"]))
    # A stranger writes the header, which is read before the signature: it may be no text, or nested without end.
    except (TokenBackendError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _refusal() from error
