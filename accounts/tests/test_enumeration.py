"""Whether an address has an account is told by no door: not by the answer, and not by the work that it takes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
BRACKETS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
NAMES = {"first_name": "Alice", "last_name": "Archer"}
ALICE, NOBODY = "alice@example.org", "nemo1@example.org"


def _page(path: str, **form: str) -> Callable[[Client, str], Any]:
    def ask(client: Client, email: str) -> Any:
        return client.post(path, {name: value.format(email=email) for name, value in form.items()}, follow=True)

    return ask


def _api(path: str, content_type: str = "application/json", **body: str) -> Callable[[Client, str], Any]:
    def ask(client: Client, email: str) -> Any:
        said: Any = {name: value.format(email=email) for name, value in body.items()}
        if content_type != "application/json":
            said = "&".join(f"{name}={value}" for name, value in said.items())
        return client.post(f"/api/v1/auth/{path}", said, content_type=content_type)

    return ask


DOORS = {
    "sign-in": _page("/accounts/login/", login="{email}", password="a guess"),
    "sign-up": _page("/accounts/signup/", email="{email}", password1="blue-horse-42", **NAMES),
    "reset": _page("/accounts/password/reset/", email="{email}"),
    "api: login": _api("login/", email="{email}", password="a guess"),
    "api: login with a code": _api("login/", email="{email}", password="a guess", code="123456"),
    "api: login with a role": _api("login/", email="{email}", password="a guess", role="admin"),
    "api: token": _api("token/", "application/x-www-form-urlencoded", username="{email}", password="a guess"),
    "api: register": _api("register/", email="{email}", password="blue-horse-42", **NAMES),
    "api: reset": _api("password/reset/", email="{email}"),
    "api: verify": _api("verify-email/", email="{email}", code="123456"),
}


A_FEW = 6
"""Statements that read one row by an index: allauth looks an address up where it did not find it at first."""
STARTS_OVER = {("sign-up", "unproved"), ("api: register", "unproved")}
"""What was begun and never proved gives way to the newcomer, which takes its statements. It is nobody's account."""


@dataclass(frozen=True)
class Seen:
    """What the asker can see of an answer; ``hashings`` and ``queries`` are what he could learn with a watch."""

    status: int
    body: str
    headers: dict[str, str]
    cookies: list[str]
    hashings: int
    queries: int


def _seen(ask: Callable[[Client, str], Any], client: Client, email: str, hashings: list[str]) -> Seen:
    hashings.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = ask(client, email)
    work = [one["sql"] for one in queries.captured_queries if not one["sql"].startswith(BRACKETS)]
    body = answer.content.decode().replace(email, "THE-ADDRESS")
    body = re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", body)
    # Different of any two requests.
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Expires")}
    return Seen(answer.status_code, body, headers, sorted(client.cookies), len(hashings), len(work))


def _unproved() -> User:
    return make_user(email=ALICE, verified=False)


def _deactivated() -> User:
    user = make_user(email=ALICE)
    User.objects.filter(pk=user.pk).update(is_active=False)
    return user


def _appointed() -> User:
    user = make_user(email=ALICE)
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    EmailAddress.objects.filter(user=user).delete()
    return user


KNOWN = {
    "proved": lambda: make_user(email=ALICE),
    "unproved": _unproved,
    "deactivated": _deactivated,
    "appointed": _appointed,
}


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.usefixtures("fresh_counters")
def test_answer_about_a_known_address(door: str, kind: str, hashings: list[str]) -> None:
    # case 068, case 086
    KNOWN[kind]()
    ask = DOORS[door]
    # Warms what is read once in a process.
    ask(Client(), "somebody@example.org")

    known = _seen(ask, Client(), ALICE, hashings)
    unknown = _seen(ask, Client(), NOBODY, hashings)

    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert (known.headers, known.cookies) == (unknown.headers, unknown.cookies)
    assert known.hashings == unknown.hashings
    if (door, kind) not in STARTS_OVER:
        assert abs(known.queries - unknown.queries) <= A_FEW


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.usefixtures("fresh_counters")
def test_answer_to_who_wants_another_address(kind: str, hashings: list[str]) -> None:
    # case 086
    KNOWN[kind]()
    ask = _page("/accounts/email/", action_add="", email="{email}")

    def mallory() -> Client:
        browser = Client()
        browser.post("/accounts/login/", {"login": make_user().email, "password": PASSWORD})
        browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
        return browser

    assert ask(mallory(), "somebody@example.org").redirect_chain == [("/accounts/confirm-email/", 302)]

    known = _seen(ask, mallory(), ALICE, hashings)
    unknown = _seen(ask, mallory(), NOBODY, hashings)

    assert (known.status, known.body) == (unknown.status, unknown.body)
    assert (known.headers, known.cookies) == (unknown.headers, unknown.cookies)
    assert known.hashings == unknown.hashings
    assert abs(known.queries - unknown.queries) <= A_FEW
