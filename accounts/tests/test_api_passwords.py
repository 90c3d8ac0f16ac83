"""auth/password/change/ and auth/password/reset/."""

from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from rest_framework.throttling import ScopedRateThrottle

from accounts import sessions, tokens
from accounts.models import Role, TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import follow, link_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_counters")]
NEW = "a-long-way-to-the-sea"
JSON = "application/json"
CHANGE, RESET = "auth/password/change/", "auth/password/reset/"


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org", first_name="Alice", last_name="Archer")


@pytest.fixture
def alices(api: Clerk, alice: User) -> Clerk:
    """A client in which alice is signed in."""
    pair = tokens.sign_in(alice, now=timezone.now())
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access_token}")
    return api


def test_change(alices: Clerk, alice: User) -> None:  # case 085, case 089, fault B3-12
    tokens.sign_in(alice, now=timezone.now())

    answer = alices.send(CHANGE, current_password=PASSWORD, new_password=NEW)

    assert (answer.status_code, answer.content) == (204, b"")
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert not TokenFamily.objects.filter(revoked_at=None).exists()
    assert alices.get("/api/v1/users/me/").status_code == 401
    alices.credentials()
    assert alices.send("auth/login/", email=alice.email, password=NEW).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"current_password": "wrong"}, "current_password", "wrong_password"),
        ({"current_password": PASSWORD.upper()}, "current_password", "wrong_password"),
        ({"current_password": None}, "current_password", "invalid"),
        ({"current_password": ["x"]}, "current_password", "invalid"),
        ({"new_password": "password"}, "new_password", "password_too_common"),
        ({"new_password": "xk7!pqz"}, "new_password", "password_too_short"),
        ({"new_password": "alice@example.org"}, "new_password", "password_too_similar"),
        ({"new_password": "x" * 1025}, "new_password", "password_too_long"),
        ({"new_password": "a\x00bcdefghijk"}, "new_password", "invalid"),
        ({"new_password": 12345678}, "new_password", "invalid"),
    ],
)
def test_change_that_cannot_be(
    alices: Clerk, alice: User, body: dict[str, Any], field: str, code: str
) -> None:  # case 083, case 085
    answer = alices.send(CHANGE, **{"current_password": PASSWORD, "new_password": NEW} | body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert set(answer.json()["error"]["fields"]) == {field}
    assert User.objects.get(pk=alice.pk).password == alice.password
    assert TokenFamily.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize("missing", ["current_password", "new_password"])
def test_change_without(alices: Clerk, alice: User, missing: str) -> None:  # case 085
    body = {"current_password": PASSWORD, "new_password": NEW}
    del body[missing]

    assert alices.send(CHANGE, **body).status_code == 400
    assert User.objects.get(pk=alice.pk).password == alice.password


@pytest.mark.parametrize("password", [" leading and trailing ", "🦊" * 20, "é" * 64, "e\u0301" * 32])
def test_change_takes_a_password_as_it_is(alices: Clerk, alice: User, password: str) -> None:  # case 084
    assert alices.send(CHANGE, current_password=PASSWORD, new_password=password).status_code == 204

    assert User.objects.get(pk=alice.pk).check_password(password)


def test_change_by_guessing(alices: Clerk, alice: User, settings: Settings) -> None:  # case 079, case 085
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "10/m/ip,5/5m/key"}
    answers = [alices.send(CHANGE, current_password=f"guess {number}", new_password=NEW) for number in range(12)]

    assert 429 in {answer.status_code for answer in answers[:11]}
    assert int(answers[-1]["Retry-After"]) > 0
    assert alices.send(CHANGE, current_password=PASSWORD, new_password=NEW).status_code == 429
    assert User.objects.get(pk=alice.pk).password == alice.password


def test_change_of_a_password_that_is_none(api: Clerk) -> None:  # fault B0-10
    linked = make_user(password=None)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.sign_in(linked, now=timezone.now()).access_token}")

    answer = api.send(CHANGE, current_password="", new_password=NEW)
    again = api.send(CHANGE, current_password="anything", new_password=NEW)

    assert (answer.status_code, again.status_code) == (400, 400)
    assert again.json()["error"]["code"] == "no_password"
    assert not User.objects.get(pk=linked.pk).has_usable_password()


def test_change_in_a_browser_keeps_its_session_and_no_other(alice: User) -> None:  # case 089
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")

    answer = browsers[0].post(
        f"/api/v1/{CHANGE}", {"current_password": PASSWORD, "new_password": NEW}, content_type="application/json"
    )

    assert answer.status_code == 204
    assert [browser.get("/api/v1/users/me/").status_code for browser in browsers] == [200, 401]


def test_change_in_a_browser_leaves_a_session_that_can_be_ended(alice: User) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    browser.post(f"/api/v1/{CHANGE}", {"current_password": PASSWORD, "new_password": NEW}, content_type=JSON)

    [listed] = sessions.of(alice, this=browser.session.session_key)
    assert listed.is_this
    sessions.sign_out_everywhere(alice, by=alice, now=timezone.now())
    assert browser.get("/api/v1/users/me/").status_code == 401


def test_change_by_a_stranger(api: Clerk) -> None:
    assert api.send(CHANGE, current_password=PASSWORD, new_password=NEW).status_code == 401


def test_reset_leads_to_a_new_password(api: Clerk, alice: User) -> None:
    tokens.sign_in(alice, now=timezone.now())

    answer = api.send(RESET, email=" Alice@Example.org")
    link = link_in(mail.outbox[-1])

    assert (answer.status_code, answer.content) == (202, b"")
    assert f"{settings.SITE_URL}{link}" in str(mail.outbox[-1].body)
    assert follow(Client(), link, NEW)
    assert not TokenFamily.objects.filter(revoked_at=None).exists()
    assert api.send("auth/login/", email=alice.email, password=NEW).status_code == 200


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"password": None}, {"verified": False}, {"role": Role.ADMIN}, {}]
)
def test_reset_answers_alike_whoever_it_is(api: Clerk, fields: dict[str, Any]) -> None:  # case 086
    make_user(**{"email": "alice@example.org"} | fields)

    told = [api.send(RESET, email=email) for email in ("alice@example.org", "nobody@example.org")]

    assert {(answer.status_code, answer.content, tuple(sorted(answer.headers))) for answer in told} == {
        (202, b"", tuple(sorted(told[0].headers)))
    }
    assert len(mail.outbox) == (fields.get("is_active", True) is True)


def test_reset_asks_the_database_as_often_for_a_stranger(api: Clerk, alice: User, hashings: list[str]) -> None:
    # case 086
    def work(email: str) -> tuple[int, int]:
        hashings.clear()
        with CaptureQueriesContext(connection) as asked:
            api.send(RESET, email=email)
        return len(asked), len(hashings)

    work("warm@example.org")

    assert work("nobody@example.org") == work(alice.email)


def test_reset_page_asks_the_database_as_often_for_a_stranger(alice: User, hashings: list[str]) -> None:  # case 086
    browser = Client()

    def work(email: str) -> tuple[int, int, int]:
        hashings.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = browser.post("/accounts/password/reset/", {"email": email})
        return answer.status_code, len(asked), len(hashings)

    work("warm@example.org")

    assert work("nobody@example.org") == work(alice.email)


@pytest.mark.parametrize("host", ["evil.example.com", "testserver:1234"])
def test_reset_mails_no_other_host(api: Clerk, alice: User, host: str) -> None:
    api.post(f"/api/v1/{RESET}", {"email": alice.email}, format="json", HTTP_X_FORWARDED_HOST=host)

    assert host not in str(mail.outbox[-1].message())


@pytest.mark.parametrize("email", ["", "nonsense", None, 1, "a" * 250 + "@x.org", "a@b.c\r\nBcc: x@evil.org"])
def test_reset_without_an_address(api: Clerk, email: Any) -> None:  # case 162
    answer = api.send(RESET, email=email)

    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"email"}
    assert not mail.outbox


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_reset_too_often(api: Clerk, alice: User, settings: Settings, email: str) -> None:  # case 086, case 091
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"mail": "2/h/key", "reset_password": "3/m/key"}

    answers = [api.send(RESET, email=email).status_code for _number in range(5)]

    assert answers == [202, 202, 202, 429, 429]
    assert len(mail.outbox) == (2 if email == alice.email else 0)


def test_reset_is_throttled(api: Clerk, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign-in": "2/min"})

    answers = [api.send(RESET, email=f"person{number}@example.org") for number in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[-1]["Retry-After"]) > 0
