"""A real OpenID Connect server on this machine, and a browser without scripts that goes there and back."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.conf import settings
from django.test import Client, override_settings
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread

CALLBACK = "/accounts/oidc/oidc/login/callback/"
LEAVE = "/accounts/oidc/oidc/login/"
SECONDS = 10


@contextmanager
def openid_server(*people: Mapping[str, Any]) -> Iterator[str]:
    """The address of a server that knows ``people`` (claims, each with a ``sub``), and settings that name it."""
    known = [Person(sub=told["sub"], claims={k: v for k, v in told.items() if k != "sub"}) for told in people]
    with run_server_in_thread(user_claims=known) as server:
        address = f"http://localhost:{server.server_port}"
        with override_settings(**settings_for(address)):
            yield address


def settings_for(address: str) -> dict[str, Any]:
    """What the settings are with OIDC_SERVER_URL at ``address``."""
    app = {
        "provider_id": "oidc",
        "name": "Willow ID",
        "client_id": "clinic",
        "secret": "parole",
        "settings": {"server_url": address, "oauth_pkce_enabled": True},
    }
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = {"DIRECTIVES": directives | {"form-action": [*directives["form-action"], address]}}
    return {"SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [app]}}, "CONTENT_SECURITY_POLICY": policy}


def leave(client: Client, **form: str) -> str:
    """Press the button on our page; the address at the server that it leads to."""
    response = client.post(LEAVE, {"process": "login"} | form)
    assert response.status_code == 302, response.status_code
    return str(response.headers["Location"])


def agree(address: str, sub: str) -> str:
    """Sign in at the server as ``sub``; the path with which it sends the browser back to us."""
    return _back(requests.post(address, data={"sub": sub}, allow_redirects=False, timeout=SECONDS))


def turn_back(address: str) -> str:
    """Press Deny at the server; the path with which it sends the browser back."""
    return _back(requests.post(address, data={"action": "deny"}, allow_redirects=False, timeout=SECONDS))


def _back(answer: requests.Response) -> str:
    parts = urlsplit(answer.headers["Location"])
    # Denied, the server forgets the state, which it owes us (RFC 6749, 4.1.2.1).
    return f"{parts.path}?{parts.query}"


def come_back(client: Client, path: str) -> Any:
    """Follow the server's redirect to us."""
    return client.get(path)


def sign_in(client: Client, sub: str, **form: str) -> Any:
    """There and back."""
    return come_back(client, agree(leave(client, **form), sub))


def parameter(address: str, name: str) -> str:
    """A parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


def changed(address: str, name: str, value: str) -> str:
    """The address with another value of a parameter."""
    return re.sub(rf"\b{name}=[^&]*", f"{name}={value}", address)
