"""Which programs are known: registered, changed and removed by administrators, each in one transaction."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.integrations import redirects
from accounts.integrations.scopes import ABOUT_PEOPLE, Scope
from accounts.integrations.service_users import may_serve
from accounts.models import Role, User

LONGEST_NAME = 100
CLIENT_ID = re.compile(r"[!-~]{1,100}")


class Kind(models.TextChoices):
    """What a program is, which decides how it gets its tokens."""

    WEB = "web", gettext_lazy("Web application: people sign in, its server keeps a secret")
    APP = "app", gettext_lazy("App on a telephone or in a browser: people sign in, it cannot keep a secret")
    SERVICE = "service", gettext_lazy("Service: nobody signs in, it acts for the user chosen below")

    @classmethod
    def of(cls, client: Client) -> "Kind":
        """The kind of a client that is registered."""
        if Client.GrantType.CLIENT_CREDENTIALS in client.get_grant_types():
            return cls.SERVICE
        return cls.APP if client.type == Client.Type.PUBLIC else cls.WEB


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, and its secret in plain text: the one moment to tell it. An app has none."""

    client: Client
    secret: str = field(repr=False)


def client(client_id: str) -> Client | None:
    """The client with this id."""
    return Client.objects.filter(pk=client_id).first() if CLIENT_ID.fullmatch(client_id) else None


@transaction.atomic
def register(
    *,
    by: User,
    name: str,
    kind: Kind,
    scopes: Iterable[str],
    redirect_uris: Sequence[str] = (),
    service_user: User | None = None,
) -> Registered:
    """A new client.

    ValidationErrors at their fields: ``name_taken``, ``bad_name``, ``no_scope``, ``scope_about_people`` (nobody signs
    in to a service), ``redirect_uri_missing``, ``bad_redirect_uri``, ``not_a_service_user``, ``service_user_taken``.
    """
    _administrator(by)
    types = Client.GrantType
    grants = [types.CLIENT_CREDENTIALS] if kind == Kind.SERVICE else [types.AUTHORIZATION_CODE, types.REFRESH_TOKEN]
    made = Client(
        type=Client.Type.PUBLIC if kind == Kind.APP else Client.Type.CONFIDENTIAL,
        # The authorization endpoint serves those with a code alone; a service has no business there.
        response_types="" if kind == Kind.SERVICE else Client.ResponseType.CODE,
    )
    made.set_grant_types(grants)
    secret = get_adapter().generate_client_secret()
    made.set_secret(secret)
    _fill(made, name, scopes, redirect_uris, service_user)
    made.save(force_insert=True)
    audit.record("accounts.client.registered", by=by, on=made, changes={k: [None, v] for k, v in _facts(made).items()})
    return Registered(made, "" if kind == Kind.APP else secret)


@transaction.atomic
def change(
    known: Client,
    *,
    by: User,
    name: str,
    scopes: Iterable[str],
    redirect_uris: Sequence[str] = (),
    service_user: User | None = None,
) -> Client:
    """Set what can be changed of a client; refusals as of ``register``.

    A scope that is taken away is gone at once, from the tokens that are out too; with another user all tokens end.
    """
    fresh = _locked(known, by)
    before = _facts(fresh)
    _fill(fresh, name, scopes, redirect_uris, service_user)
    after = _facts(fresh)
    if changes := {key: [before[key], after[key]] for key in after if before[key] != after[key]}:
        fresh.save()
        if "service_user" in changes:
            Token.objects.filter(client=fresh).delete()
        audit.record("accounts.client.changed", by=by, on=fresh, changes=changes)
    return fresh


@transaction.atomic
def new_secret(known: Client, *, by: User) -> Registered:
    """Exchange the secret; the old one is good for nothing from now on. ValidationError ``no_secret`` for an app."""
    fresh = _locked(known, by)
    if Kind.of(fresh) == Kind.APP:
        raise ValidationError(_("An app has no secret."), code="no_secret")
    secret = get_adapter().generate_client_secret()
    fresh.set_secret(secret)
    fresh.save(update_fields=["secret"])
    audit.record("accounts.client.secret_renewed", by=by, on=fresh)
    return Registered(fresh, secret)


@transaction.atomic
def remove(known: Client, *, by: User) -> None:
    """Forget a client; its tokens and what people granted to it end at once."""
    fresh = _locked(known, by)
    audit.record("accounts.client.removed", by=by, on=fresh, changes={k: [v, None] for k, v in _facts(fresh).items()})
    fresh.delete()


def _fill(
    made: Client, name: str, scopes: Iterable[str], redirect_uris: Sequence[str], service_user: User | None
) -> None:
    kind = Kind.of(made)
    made.name = _name(name, but_for=made)
    allowed = [scope.value for scope in Scope if scope in set(scopes)]
    if not allowed:
        raise _refusal("scopes", "no_scope", _("Choose at least one."))
    if kind == Kind.SERVICE and set(allowed) & set(ABOUT_PEOPLE):
        raise _refusal("scopes", "scope_about_people", _("Nobody signs in to a service: it learns about nobody."))
    made.set_scopes(allowed)
    made.set_default_scopes(allowed)
    made.set_redirect_uris([] if kind == Kind.SERVICE else redirects.checked(redirect_uris, is_app=kind == Kind.APP))
    made.owner = _service_user(service_user, but_for=made) if kind == Kind.SERVICE else None


def _name(name: str, *, but_for: Client) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise _refusal("name", "bad_name", _("Enter a name of at most 100 characters."))
    # People decide by the name whom they trust.
    if Client.objects.filter(name__iexact=name).exclude(pk=but_for.pk).exists():
        raise _refusal("name", "name_taken", _("There is one of this name already."))
    return name


def _service_user(user: User | None, *, but_for: Client) -> User:
    if user is None or not may_serve(user):
        raise _refusal("service_user", "not_a_service_user", _("Choose an active receptionist's account."))
    if Client.objects.filter(owner=user).exclude(pk=but_for.pk).exists():
        raise _refusal("service_user", "service_user_taken", _("Another service acts for this user already."))
    return user


def _facts(known: Client) -> dict[str, Any]:
    """What the audit trail tells of a client."""
    return {
        "name": known.name,
        "kind": Kind.of(known).value,
        "scopes": known.get_scopes(),
        "redirect_uris": known.get_redirect_uris(),
        "service_user": str(known.owner_id) if known.owner_id else None,
    }


def _locked(known: Client, by: User) -> Client:
    _administrator(by)
    return Client.objects.select_for_update(of=("self",)).get(pk=known.pk)


def _administrator(by: User) -> None:
    if not by.is_active or by.role != Role.ADMIN:
        raise PermissionDenied


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
