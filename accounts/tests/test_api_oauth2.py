from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from pytest_django import Settings

from accounts.models import TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


def ask(api: Clerk, *pairs: tuple[str, str], **fields: str) -> Any:
    return api.post("/api/v1/auth/token/", urlencode([*fields.items(), *pairs]), content_type=FORM)


def test_token_gives_what_login_gives(api: Clerk, alice: User) -> None:
    answer = ask(api, grant_type="password", username="Alice@example.org", password=PASSWORD, scope="")

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert answer["Cache-Control"].startswith("no-store")
    assert answer["Pragma"] == "no-cache"


def test_token_does_without_a_grant_type(api: Clerk, alice: User) -> None:
    assert ask(api, username=alice.email, password=PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, {"password": "wrong"}),
        ({}, {"username": "nobody@example.org"}),
        ({}, {"username": "no address"}),
        ({"is_active": False}, {}),
    ],
)
def test_token_refuses_bad_credentials_in_the_standards_words(
    api: Clerk, alice: User, change: dict[str, Any], told: dict[str, str]
) -> None:  # fault B0-8, B4-8
    User.objects.filter(pk=alice.pk).update(**change)

    answer = ask(api, **{"username": alice.email, "password": PASSWORD} | told)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "The address or the password is wrong.",
    }
    assert "WWW-Authenticate" not in answer
    assert not TokenFamily.objects.exists()


def test_token_unverified_is_refused_and_mails_a_new_code(api: Clerk) -> None:  # case 071
    bob = make_user(verified=False)

    answer = ask(api, username=bob.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert mail.outbox[0].to == [bob.email]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"username": "alice@example.org"}, "invalid_request"),
        ({"username": "alice@example.org", "password": ""}, "invalid_request"),
        ({"username": "a\x00", "password": "x"}, "invalid_request"),
        ({"username": "a" * 255, "password": "x"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "", "username": "alice@example.org", "password": PASSWORD}, "unsupported_grant_type"),
    ],
)
def test_token_refuses_bad_requests_in_the_standards_words(
    api: Clerk, alice: User, fields: dict[str, str], error: str
) -> None:
    answer = ask(api, **fields)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert set(answer.json()) == {"error", "error_description"}


def test_token_refuses_a_parameter_that_comes_twice(api: Clerk, alice: User) -> None:
    answer = ask(api, ("password", "another"), username=alice.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_token_refuses_a_request_without_a_body(api: Clerk) -> None:
    answer = api.generic("POST", "/api/v1/auth/token/", b"", content_type="")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_token_refuses_json_and_other_methods(api: Clerk, alice: User) -> None:
    as_json = api.send("auth/token/", username=alice.email, password=PASSWORD)
    by_get = api.get("/api/v1/auth/token/")

    assert (as_json.status_code, as_json.json()["error"]) == (415, "invalid_request")
    assert (by_get.status_code, by_get.json()["error"]) == (405, "invalid_request")


@pytest.mark.usefixtures("fresh_counters")
def test_token_failures_are_limited(api: Clerk, alice: User, settings: Settings) -> None:  # case 079
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "10/m/ip,5/5m/key"}
    for _ in range(5):
        ask(api, username=alice.email, password="wrong")

    answer = ask(api, username=alice.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("charset", ["punycode", "utf-16", "idna", "rot13", "nonsense"])
def test_token_reads_utf8_whatever_the_header_names(api: Clerk, alice: User, charset: str) -> None:  # case 146
    form = urlencode({"username": alice.email, "password": PASSWORD})

    answer = api.post("/api/v1/auth/token/", form, content_type=f"{FORM}; charset={charset}")

    assert answer.status_code in (200, 400)
