from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from pytest_django import Settings
from rest_framework.throttling import ScopedRateThrottle

from accounts.models import Role, TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import code_in

pytestmark = pytest.mark.django_db
REFUSED = {"error": {"code": "invalid_credentials", "message": "The address or the password is wrong."}}


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org", first_name="Alice", last_name="Archer")


def test_login_gives_a_pair_and_says_who_signed_in(api: Clerk, alice: User) -> None:  # fault B0-1
    answer = api.send("auth/login/", email="alice@example.org", password=PASSWORD)

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert body["user"] == {
        "id": str(alice.pk),
        "email": "alice@example.org",
        "first_name": "Alice",
        "last_name": "Archer",
        "role": "patient",
    }
    assert answer["Cache-Control"].startswith("no-store")
    alice.refresh_from_db()
    assert alice.last_login


@pytest.mark.parametrize("email", ["Alice@Example.org", " alice@example.org "])
def test_login_reads_the_address_in_any_letter_case(api: Clerk, alice: User, email: str) -> None:
    assert api.send("auth/login/", email=email, password=PASSWORD).status_code == 200


@pytest.mark.parametrize("role", ["patient", "PATIENT", "Member", "user", ""])
def test_login_reads_the_role_in_any_letter_case(api: Clerk, alice: User, role: str) -> None:  # fault B2-1
    assert api.send("auth/login/", email=alice.email, password=PASSWORD, role=role).status_code == 200


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, {"password": "wrong"}),
        ({}, {"password": PASSWORD.upper()}),
        ({}, {"password": f" {PASSWORD}"}),
        ({}, {"email": "nobody@example.org"}),
        ({}, {"role": "doctor"}),
        ({}, {"role": "admin"}),
        ({}, {"role": "wizard"}),
        ({"is_active": False}, {}),
        ({"password": "!unusable"}, {}),
        ({"password": ""}, {}),
    ],
)
def test_login_refuses_alike_whatever_is_wrong(
    api: Clerk, alice: User, change: dict[str, Any], told: dict[str, Any]
) -> None:  # fault B0-8, B0-10, B4-4
    User.objects.filter(pk=alice.pk).update(**change)

    answer = api.send("auth/login/", **{"email": alice.email, "password": PASSWORD} | told)

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert not TokenFamily.objects.exists()
    assert not mail.outbox


def test_login_takes_the_same_work_for_an_address_we_know_and_one_we_do_not(
    api: Clerk, alice: User, hashings: list[str]
) -> None:
    api.send("auth/login/", email=alice.email, password="wrong")
    known = len(hashings)
    hashings.clear()

    api.send("auth/login/", email="nobody@example.org", password="wrong")

    assert len(hashings) == known


def test_login_unverified_is_refused_and_mails_a_new_code(api: Clerk) -> None:  # case 071
    bob = make_user(email="bob@example.org", verified=False)

    answer = api.send("auth/login/", email=bob.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "email_not_verified")
    assert not TokenFamily.objects.exists()
    proof = api.send("auth/verify-email/", email=bob.email, code=code_in(mail.outbox[0]))
    assert proof.status_code == 204
    assert api.send("auth/login/", email=bob.email, password=PASSWORD).status_code == 200


def test_login_unverified_tells_it_only_to_who_knows_the_password(api: Clerk) -> None:
    bob = make_user(verified=False)

    answer = api.send("auth/login/", email=bob.email, password="wrong")

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert not mail.outbox


def test_login_with_a_second_address_that_is_not_proved_is_refused(api: Clerk, alice: User) -> None:  # case 071
    EmailAddress.objects.create(user=alice, email="victim@example.org", verified=False)

    answer = api.send("auth/login/", email="victim@example.org", password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "email_not_verified")
    assert not TokenFamily.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "alice"),
        ("email", None),
        ("password", 1),
        pytest.param("password", "x" * 1025, id="long"),
        ("password", ""),
        ("role", []),
    ],
)
def test_login_refuses_bad_input_at_the_field(api: Clerk, field: str, value: Any) -> None:
    answer = api.send("auth/login/", **{"email": "alice@example.org", "password": PASSWORD, field: value})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


@pytest.mark.usefixtures("fresh_counters")
def test_login_failures_are_limited_and_the_pages_count_with_us(
    api: Clerk, alice: User, client: Any, settings: Settings
) -> None:  # case 079
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "10/m/ip,5/5m/key"}
    for _ in range(3):
        assert api.send("auth/login/", email=alice.email, password="wrong").status_code == 401
    for _ in range(2):
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})

    answer = api.send("auth/login/", email=alice.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    assert not TokenFamily.objects.exists()


@pytest.mark.usefixtures("fresh_counters")
def test_login_that_succeeds_does_not_count_as_a_failure(api: Clerk, alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed": "10/m/ip,5/5m/key"}

    answers = [api.send("auth/login/", email=alice.email, password=PASSWORD).status_code for _ in range(12)]

    assert set(answers) == {200}


@pytest.mark.usefixtures("fresh_counters")
def test_login_is_limited(api: Clerk, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "sign-in", "1/min")
    api.send("auth/login/", email=alice.email, password=PASSWORD)

    answer = api.send("auth/login/", email=alice.email, password=PASSWORD)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")


def test_login_works_though_an_expired_token_comes_along(api: Clerk, alice: User) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer long.since.expired")

    assert api.send("auth/login/", email=alice.email, password=PASSWORD).status_code == 200


def test_login_sets_no_cookie(api: Clerk, alice: User) -> None:
    answer = api.send("auth/login/", email=alice.email, password=PASSWORD)

    assert not answer.cookies


def test_refresh_gives_a_new_pair_and_the_role_of_today(api: Clerk, alice: User) -> None:  # fault B0-9
    first = api.send("auth/login/", email=alice.email, password=PASSWORD).json()
    User.objects.filter(pk=alice.pk).update(role=Role.DOCTOR)

    answer = api.send("auth/token/refresh/", refresh_token=first["refresh_token"])

    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != first["refresh_token"]
    assert answer.json()["user"]["role"] == "doctor"


def test_refresh_says_who_by_the_token_and_never_by_the_body(api: Clerk, alice: User) -> None:  # case 131
    bob = make_user()
    first = api.send("auth/login/", email=alice.email, password=PASSWORD).json()

    answer = api.send(
        "auth/token/refresh/",
        refresh_token=first["refresh_token"],
        user_id=str(bob.pk),
        email=bob.email,
        user={"id": str(bob.pk)},
    )

    assert answer.json()["user"]["id"] == str(alice.pk)


def test_refresh_with_a_spent_token_ends_the_sign_in(api: Clerk, alice: User) -> None:  # case 078
    first = api.send("auth/login/", email=alice.email, password=PASSWORD).json()
    second = api.send("auth/token/refresh/", refresh_token=first["refresh_token"]).json()

    again = api.send("auth/token/refresh/", refresh_token=first["refresh_token"])
    newest = api.send("auth/token/refresh/", refresh_token=second["refresh_token"])

    assert (again.status_code, again.json()["error"]["code"]) == (401, "invalid_token")
    assert (newest.status_code, newest.json()["error"]["code"]) == (401, "invalid_token")
    assert again["WWW-Authenticate"] == "Bearer"


def test_refresh_once_deactivated_is_refused(api: Clerk, alice: User) -> None:  # case 098
    first = api.send("auth/login/", email=alice.email, password=PASSWORD).json()
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert api.send("auth/token/refresh/", refresh_token=first["refresh_token"]).status_code == 401


def test_refresh_once_deleted_is_refused(api: Clerk, alice: User) -> None:  # case 078
    first = api.send("auth/login/", email=alice.email, password=PASSWORD).json()
    alice.delete()

    assert api.send("auth/token/refresh/", refresh_token=first["refresh_token"]).status_code == 401


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c", "..", "ü.ü.ü", pytest.param("x" * 1_000_000, id="giant"), "[" * 99]
)
def test_refresh_refuses_what_is_no_token(api: Clerk, token: str) -> None:  # case 075
    answer = api.send("auth/token/refresh/", refresh_token=token)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": 7}, {"refresh_token": "\x00"}])
def test_refresh_refuses_bad_input_at_the_field(api: Clerk, body: dict[str, Any]) -> None:
    answer = api.send("auth/token/refresh/", **body)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["refresh_token"]
