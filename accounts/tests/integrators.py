"""Integrators for tests: programs that are registered, and what they and their people do."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client as Browser

from accounts import integrations
from accounts.integrations import Kind, Registered
from accounts.models import Role, User
from accounts.tests.factories import make_user

CALLBACK = "https://practice.example.com/callback"
APP_CALLBACK = "com.example.practice:/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"
FORM = "application/x-www-form-urlencoded"
AUTHORIZE, TOKEN, REVOKE = "/identity/o/authorize", "/identity/o/api/token", "/identity/o/api/revoke"
USERINFO = "/identity/o/api/userinfo"
ALL = [
    *("openid", "profile", "email", "directory.read", "appointments.read", "appointments.write", "calendars.write"),
    "patients.read",
]
SERVICE = [scope for scope in ALL if "." in scope]


def make_web(name: str = "Practice calendar", **told: Any) -> Registered:
    """A web application."""
    by = make_user(Role.ADMIN)
    asked: dict[str, Any] = {"name": name, "kind": Kind.WEB, "scopes": ALL, "redirect_uris": [CALLBACK]} | told
    return integrations.register(by=by, **asked)


def make_app(name: str = "Pocket", **told: Any) -> Registered:
    """An app, which has no secret."""
    return make_web(name, **{"kind": Kind.APP, "redirect_uris": [APP_CALLBACK]} | told)


def make_service(name: str = "Telephone robot", user: User | None = None, **told: Any) -> Registered:
    """A service, which acts for a receptionist."""
    user = user or make_user(Role.RECEPTIONIST)
    return make_web(name, **{"kind": Kind.SERVICE, "scopes": SERVICE, "redirect_uris": [], "service_user": user} | told)


def challenge(verifier: str = VERIFIER) -> str:
    """The hash that goes with the request for a code."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def question(made: Registered, **changes: str | None) -> dict[str, str]:
    """What an application asks for in the address of the consent page; None takes a parameter away."""
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": made.client.pk,
        "redirect_uri": made.client.get_redirect_uris()[0],
        "scope": " ".join(made.client.get_scopes()),
        "state": "a-state",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (asked | changes).items() if value is not None}


def told(answer: HttpResponse) -> dict[str, str]:
    """What the application is told in the address to which the browser is sent."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def agree(browser: Browser, made: Registered, *, scopes: list[str] | None = None, **changes: str | None) -> Any:
    """Open the consent page and let the application in; the answer."""
    page = browser.get(AUTHORIZE, question(made, **changes))
    form = page.context["form"]
    chosen = scopes if scopes is not None else form["scopes"].initial
    return browser.post(AUTHORIZE, {"request": form["request"].initial, "scopes": chosen, "action": "grant"})


def code_for(user: User, made: Registered, **changes: Any) -> str:
    """A code that ``user`` has an application given."""
    browser = Browser()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return told(agree(browser, made, **changes))["code"]


def basic(name: str, secret: str) -> dict[str, str]:
    """How a client authenticates."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def send(made: Registered, path: str = TOKEN, *, secret: str | None = None, **form: str) -> Any:
    """A form from the application's server; from an app, which has no secret, with its id alone."""
    secret = made.secret if secret is None else secret
    if not secret:
        form = {"client_id": made.client.pk} | form
    headers = basic(made.client.pk, secret) if secret else {}
    return Browser().post(path, urlencode(form), content_type=FORM, headers=headers)


def exchange(made: Registered, code: str, **changes: str) -> Any:
    """A code for tokens."""
    usual = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": made.client.get_redirect_uris()[0],
        "code_verifier": VERIFIER,
    }
    return send(made, **usual | changes)


def tokens_for(user: User, made: Registered, **changes: Any) -> dict[str, Any]:
    """What an application has after ``user`` let it in."""
    answer = exchange(made, code_for(user, made, **changes))
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def service_token(made: Registered, **form: str) -> str:
    """A service's access token."""
    answer = send(made, grant_type="client_credentials", **form)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def bearing(token: str) -> Any:
    """A program that calls the API with a token."""
    return Browser(headers={"Authorization": f"Bearer {token}"})
