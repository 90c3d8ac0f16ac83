"""Where people may be sent after they agreed: addresses that are registered, compared to the letter (RFC 9700, 2.1)."""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST, MOST = 1000, 10
PRINTABLE = re.compile(r"[!-~]+")
NEVER = frozenset("#*\\\"<>'")
PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
"""A domain name of the app's maker, turned around (RFC 8252, section 7.1)."""


def checked(told: Sequence[str], *, is_app: bool) -> list[str]:
    """The addresses, each once. ValidationErrors at ``redirect_uris``: ``redirect_uri_missing``, ``bad_redirect_uri``.

    They begin with https; an app may have a scheme of its own or ask its own computer, in the clear. So may others
    while the site itself is spoken to in the clear, which is on a developer's computer.
    """
    addresses = list(dict.fromkeys(one.strip() for one in told if one.strip()))
    if not addresses:
        raise _refusal("redirect_uri_missing", _("Enter where people are sent after they agreed."))
    if len(addresses) > MOST or not all(_is_good(one, is_app=is_app) for one in addresses):
        sentence = _(
            "Enter whole addresses, one to a line, which begin with https:// (an app may have one of its own,"
            " com.example.app:/…, or http://127.0.0.1/…), without #, * and passwords."
        )
        raise _refusal("bad_redirect_uri", sentence)
    return addresses


def may_lead_to(client: Client, uri: str) -> bool:
    """Whether a person may be sent to ``uri``: to the letter one that is registered.

    Of an app's own computer alone any port will do, for the app takes whichever is free (RFC 8252, section 7.3).
    """
    registered = client.get_redirect_uris()
    if uri in registered:
        return True
    return _is_loopback(uri) and _without_port(uri) in [_without_port(one) for one in registered if _is_loopback(one)]


def origin(uri: str) -> str:
    """How a Content-Security-Policy names where ``uri`` is: scheme and host, of an app's own scheme the scheme."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def _is_good(uri: str, *, is_app: bool) -> bool:
    if len(uri) > LONGEST or not PRINTABLE.fullmatch(uri) or set(uri) & NEVER:
        return False
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    # A semicolon or comma would end the entry in the Content-Security-Policy.
    if set(parts.netloc) & set("@;,") or port == 0:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return _is_loopback(uri) and (is_app or not settings.HTTPS)
    return is_app and bool(PRIVATE_SCHEME.fullmatch(parts.scheme)) and not parts.netloc and parts.path.startswith("/")


def _is_loopback(uri: str) -> bool:
    if not PRINTABLE.fullmatch(uri) or set(uri) & NEVER:
        return False
    try:
        parts = urlsplit(uri)
        _port = parts.port
        is_here = ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
    return parts.scheme == "http" and is_here and not set(parts.netloc) & set("@;,")


def _without_port(uri: str) -> tuple[Any, ...]:
    parts = urlsplit(uri)
    return (parts.hostname, parts.path, parts.query)


def _refusal(code: str, message: str) -> ValidationError:
    return ValidationError({"redirect_uris": ValidationError(message, code=code)})
