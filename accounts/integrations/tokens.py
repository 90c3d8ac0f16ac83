"""Tokens of integrators, from a person's consent to each request.

allauth makes and checks them: they are random text, of which the database has hashes. What it leaves open is closed
here. A code or refresh token is *claimed* before it is exchanged and is known again when it comes back: it was stolen,
or the thief's was, and the whole grant ends. Several exchanges at once wait for each other at the user's row, and so
does whoever ends his grants: nothing that is made meanwhile outlives it.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.idp.oidc.models import Client, Token
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.integrations.grants import GRANT, SINCE, end, is_service, locked
from accounts.integrations.service_users import may_serve
from accounts.models import User

CODE, REFRESH, ACCESS = Token.Type.AUTHORIZATION_CODE, Token.Type.REFRESH_TOKEN, Token.Type.ACCESS_TOKEN
CODE_LIVES = timedelta(minutes=1)
LONGEST = 512
"""Characters: ours are far shorter, and nothing longer is looked at."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A client that asks, the user for whom, and what it may do of that which he may."""

    user: User
    client: Client = field(repr=False)
    scopes: frozenset[str]

    @property
    def is_service(self) -> bool:
        """Whether it acts for a user appointed for it, and not for a person who agreed."""
        return is_service(self.client)


@dataclass(frozen=True, slots=True)
class Claim:
    """A code or refresh token that is being exchanged, and what all tokens of its grant carry."""

    token: Token = field(repr=False)
    told: dict[str, Any]


def bearer(token: str, *, now: datetime) -> Bearer:
    """Who bears the access ``token``, with the user as the database knows him now; one query.

    ValidationError (``invalid_token``) if it is no good, also when the user was deactivated or ended the grant.
    """
    found = None
    if 0 < len(token) <= LONGEST:
        alive = Token.objects.by_value(token).filter(type=ACCESS, expires_at__gt=now, user__is_active=True)
        found = alive.select_related("user", "client").exclude(client=None).first()
    if found is None or (is_service(found.client) and not may_serve(found.user)):
        raise ValidationError(_("This token is not valid, or not any more."), code="invalid_token")
    # What was taken from the client is taken from its tokens.
    return Bearer(found.user, found.client, frozenset(found.get_scopes()) & frozenset(found.client.get_scopes()))


@transaction.atomic
def agree(user: User, client: Client, *, code: str, scopes: list[str], now: datetime) -> None:
    """Write down that ``user`` lets ``client`` in: ``code`` is good for one exchange, for a minute."""
    made = Token(type=CODE, client=client, user=user, expires_at=now + CODE_LIVES)
    made.data = {GRANT: uuid4().hex, SINCE: now.isoformat()}
    made.set_value(code)
    made.set_scopes(scopes)
    made.save(force_insert=True)
    audit.record("accounts.grant.given", by=user, on=client, changes={"scopes": [[], sorted(scopes)]})


def claim(secret: str, *, client_id: str, now: datetime) -> Claim | None:
    """Take a code or refresh token for an exchange, in the caller's transaction; None if it is not good any more.

    A code is spent by it. A refresh token is spent by ``keep``: until then allauth wants to find it as it is.
    """
    alive = Token.objects.by_value(secret).filter(type__in=(CODE, REFRESH), client_id=client_id, expires_at__gt=now)
    found = alive.first()
    if found is None or locked(found.user_id) is None:
        return None
    # Read again: who was here before us may have spent it, or ended the grant.
    again = alive.filter(pk=found.pk)
    is_ours = again.update(expires_at=now) == 1 if found.type == CODE else again.exists()
    data = found.data or {}
    return Claim(found, {GRANT: data.get(GRANT, ""), SINCE: data.get(SINCE, now.isoformat())}) if is_ours else None


def keep(claimed: Claim, *, made: list[str], now: datetime) -> None:
    """Tie the tokens that were ``made`` of the claimed one to its grant, and remember that it is spent."""
    old = claimed.token
    for value in made:
        for row in Token.objects.by_value(value).filter(client_id=old.client_id):
            row.data = (row.data or {}) | claimed.told
            row.save(update_fields=["data"])
    if old.type == REFRESH:
        # allauth has deleted it. Two of one hash cannot be: if another process was quicker, all of this is undone.
        Token(
            type=REFRESH, hash=old.hash, client_id=old.client_id, user_id=old.user_id, data=claimed.told, expires_at=now
        ).save(force_insert=True)
    _sweep(old.client_id, old.user_id, now)


def keep_service(client: Client, *, made: str, now: datetime) -> None:
    """Tie a service's token to its user. ValidationError ``no_service_user`` if there is none, or not any more."""
    user = locked(client.owner_id) if client.owner_id else None
    if user is None or not may_serve(user):
        raise ValidationError(_("The user that this service acts for is closed."), code="no_service_user")
    Token.objects.by_value(made).filter(client=client).update(user=user)
    audit.record("accounts.client.signed_in", by=user, on=client)
    _sweep(client.pk, user.pk, now)


def came_back(secret: str, *, client_id: str, now: datetime) -> None:
    """A code or refresh token was refused to its own client: if it was spent before, its grant ends."""
    spent = Token.objects.by_value(secret).filter(type__in=(CODE, REFRESH), client_id=client_id, expires_at__lte=now)
    found = spent.select_related("client").first()
    if found is not None and end(found, because="A spent code or refresh token came back."):
        logger.warning("A spent code or refresh token came back: a grant to client %s has ended.", client_id)


def issued(secret: str) -> Token | None:
    """The token with this value, whether it is still good or not."""
    found = Token.objects.by_value(secret).filter(type__in=(REFRESH, ACCESS)).select_related("client", "user")
    return found.first() if 0 < len(secret) <= LONGEST else None


def _sweep(client_id: str, user_id: Any, now: datetime) -> None:
    """Remove what has long been of no use: nobody has to remember to."""
    theirs = Token.objects.filter(client_id=client_id, user_id=user_id)
    theirs.filter(type=ACCESS, expires_at__lte=now).delete()
    theirs.filter(expires_at__lte=now - settings.REFRESH_TOKEN_LIFETIME).delete()
