"""What people have let in: to be looked at, and ended. All tokens of a grant die together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.integrations.clients import Kind, client
from accounts.integrations.scopes import Scope
from accounts.models import User

GRANT, SINCE = "grant", "since"
"""What a token's ``data`` says beside what allauth keeps there: which grant it descends from, and when that began."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A client that somebody has let in; ``scopes`` are all that any of its tokens may do, ``since`` is in UTC."""

    client: Client
    scopes: list[Scope]
    since: datetime


def granted_by(user: User, *, now: datetime) -> list[Granted]:
    """The clients that may act for ``user``, by name."""
    alive = Token.objects.filter(user=user, client__isnull=False, expires_at__gt=now, data__has_key=GRANT)
    by_client: dict[str, list[Any]] = {}
    for token in alive.select_related("client").order_by("client__name", "pk"):
        by_client.setdefault(token.client_id, []).append(token)
    return [
        Granted(
            tokens[0].client,
            _known({scope for token in tokens for scope in token.get_scopes()} & set(tokens[0].client.get_scopes())),
            min(datetime.fromisoformat(token.data[SINCE]) for token in tokens),
        )
        for tokens in by_client.values()
    ]


@transaction.atomic
def revoke(client_id: str, *, by: User) -> None:
    """``by`` lets the client in no more: its tokens for him end at once. ``not_granted`` if it is not."""
    locked(by.pk)
    known = client(client_id)
    tokens = Token.objects.filter(user=by, client=known, data__has_key=GRANT)
    if known is None or not tokens.exists():
        raise ValidationError(_("This application is not let in, or not any more."), code="not_granted")
    audit.record("accounts.grant.revoked", by=by, on=known)
    tokens.delete()


@transaction.atomic
def revoke_all(user: User) -> None:
    """End everything that acts for ``user``: what he has let in, and a service that he was appointed for."""
    locked(user.pk)
    Token.objects.filter(user=user).delete()


@transaction.atomic
def end(token: Token, *, because: str) -> int:
    """End the grant that ``token`` descends from (a service's token: itself); how many live tokens there were."""
    key = (token.data or {}).get(GRANT)
    family = Token.objects.filter(client_id=token.client_id, user_id=token.user_id)
    # The spent ones stay: they are how one that comes back is known.
    ended, _each = (family.filter(data__grant=key) if key else family.filter(pk=token.pk)).valid().delete()
    if ended:
        audit.record("accounts.grant.ended", by="identity", on=token.client, reason=because)
    return int(ended)


def is_service(client: Client) -> bool:
    """Whether nobody signs in to it."""
    return Kind.of(client) == Kind.SERVICE


def locked(user_id: Any) -> User | None:
    """The user as he is now. Whoever makes tokens for him and whoever ends them wait for each other here."""
    return User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def _known(words: Iterable[str]) -> list[Scope]:
    return [scope for scope in Scope if scope.value in words]
