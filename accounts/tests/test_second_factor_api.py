"""Signing in through the API with a second factor, and what a session or token is worth without one."""

from typing import Any

import pytest
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import tokens
from accounts.models import AuditEntry, Role, TokenFamily, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.factors import code_of, recovery_codes, set_up_app, wrong_code
from accounts.tests.integrators import bearing, make_service, make_web, service_token, tokens_for

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


@pytest.fixture
def demanded(settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = ("doctor", "receptionist", "admin")


def login(api: Clerk, user: User, **more: str) -> Any:
    return api.send("auth/login/", **{"email": user.email, "password": PASSWORD} | more)


def token(api: Clerk, user: User, **more: str) -> Any:
    form = {"username": user.email, "password": PASSWORD} | more
    return api.post("/api/v1/auth/token/", "&".join(f"{name}={said}" for name, said in form.items()), content_type=FORM)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_login_asks_for_the_code_of_who_has_one(api: Clerk, alice: User) -> None:
    secret = set_up_app(alice)

    assert code(login(api, alice)) == (401, "second_factor_required")
    assert code(login(api, alice, code="")) == (401, "second_factor_required")
    assert not TokenFamily.objects.exists()
    assert login(api, alice, code=code_of(secret)).status_code == 200


def test_login_tells_of_the_factor_only_to_who_has_the_password(api: Clerk, alice: User) -> None:  # case 086
    secret = set_up_app(alice)
    stranger = {"email": "nobody@example.org"}

    wrong, unknown = login(api, alice, password="wrong"), login(api, alice, **stranger)
    wrong_with, unknown_with = (
        login(api, alice, password="wrong", code=code_of(secret)),
        login(api, alice, code="1", **stranger),
    )

    assert code(wrong) == (401, "invalid_credentials")
    assert wrong.content == unknown.content
    assert wrong_with.content == unknown_with.content


def test_login_takes_a_code_once(api: Clerk, alice: User) -> None:  # case 096
    said = code_of(set_up_app(alice))

    assert login(api, alice, code=said).status_code == 200
    assert code(login(api, alice, code=said)) == (401, "invalid_credentials")
    assert TokenFamily.objects.count() == 1


def test_login_takes_a_code_once_whichever_door_it_came_by(api: Clerk, alice: User) -> None:  # case 096
    said = code_of(set_up_app(alice))
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": said})

    assert "_auth_user_id" in browser.session
    assert code(login(api, alice, code=said)) == (401, "invalid_credentials")


def test_login_takes_a_recovery_code_once(api: Clerk, alice: User) -> None:
    set_up_app(alice)
    said = recovery_codes(alice)[0]

    assert login(api, alice, code=said).status_code == 200
    assert code(login(api, alice, code=said)) == (401, "invalid_credentials")


@pytest.mark.usefixtures("fresh_counters")
def test_login_guesses_are_limited_and_the_pages_count_with_us(
    api: Clerk, alice: User, settings: Settings
) -> None:  # case 096
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"second_factor": "5/5m/key"}
    secret = set_up_app(alice)
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    for _ in range(3):
        assert code(login(api, alice, code=wrong_code(secret))) == (401, "invalid_credentials")
    for _ in range(2):
        browser.post("/accounts/2fa/authenticate/", {"code": wrong_code(secret)})

    answers = [login(api, alice, code=code_of(secret)), token(api, alice, code=code_of(secret))]
    page = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert code(answers[0]) == (429, "throttled")
    assert [answer.status_code for answer in answers] == [429, 429]
    assert page.status_code == 429
    assert all(int(answer["Retry-After"]) > 0 for answer in (*answers, page))
    assert not TokenFamily.objects.exists()
    assert "_auth_user_id" not in browser.session


@pytest.mark.usefixtures("fresh_counters")
def test_login_guesses_are_forgotten_when_a_code_was_right(api: Clerk, alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"second_factor": "3/5m/key"}
    secret = set_up_app(alice)
    codes = recovery_codes(alice)

    for said in codes[:2]:
        for _ in range(2):
            assert login(api, alice, code=wrong_code(secret)).status_code == 401
        assert login(api, alice, code=said).status_code == 200


def test_login_with_a_wrong_code_is_written_down(api: Clerk, alice: User) -> None:
    login(api, alice, code=wrong_code(set_up_app(alice)))

    entry = AuditEntry.objects.get(verb="accounts.session.second_factor_failed")
    assert (entry.actor, entry.object_id, entry.outcome) == (None, str(alice.pk), "denied")


def test_login_of_a_passkeys_owner_takes_a_recovery_code(api: Clerk, alice: User) -> None:
    WebAuthn.add(alice, "My phone", {})

    assert code(login(api, alice)) == (401, "second_factor_required")
    assert login(api, alice, code=recovery_codes(alice)[0]).status_code == 200


def test_login_ignores_the_code_of_who_has_no_factor(api: Clerk, alice: User) -> None:
    assert login(api, alice, code="123456").status_code == 200


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize("role", [Role.DOCTOR, Role.RECEPTIONIST, Role.ADMIN])
def test_login_refuses_a_role_that_demands_a_factor_and_has_none(api: Clerk, db: None, role: Role) -> None:  # case 094
    person = make_user(role)

    assert code(login(api, person)) == (403, "second_factor_missing")
    assert code(login(api, person, code="123456")) == (403, "second_factor_missing")
    assert code(login(api, person, password="wrong")) == (401, "invalid_credentials")
    assert not TokenFamily.objects.exists()
    secret = set_up_app(person)
    assert login(api, person, code=code_of(secret)).status_code == 200


@pytest.mark.usefixtures("demanded")
def test_login_of_a_patient_needs_none(api: Clerk, alice: User) -> None:
    assert login(api, alice).status_code == 200


def test_token_asks_for_the_code_in_the_standards_words(api: Clerk, alice: User) -> None:
    secret = set_up_app(alice)

    asked, wrong = token(api, alice), token(api, alice, code=wrong_code(secret))

    for answer in (asked, wrong):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "code" in asked.json()["error_description"]
    assert not TokenFamily.objects.exists()
    assert token(api, alice, code=code_of(secret)).status_code == 200


@pytest.mark.usefixtures("demanded")
def test_token_refuses_a_role_that_demands_a_factor_and_has_none(api: Clerk, db: None) -> None:  # case 094
    person = make_user(Role.ADMIN)

    answer = token(api, person)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "second factor" in answer.json()["error_description"]
    assert not TokenFamily.objects.exists()


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize("way", ["session", "token"])
def test_api_refuses_whoever_lacks_a_factor_that_the_role_demands(db: None, way: str) -> None:  # case 094
    person, client = make_user(Role.RECEPTIONIST), Client()
    if way == "session":
        client.force_login(person)
        headers = {}
    else:
        headers = {"Authorization": f"Bearer {tokens.sign_in(person, now=timezone.now()).access_token}"}

    refused = client.get("/api/v1/appointments/", headers=headers)
    set_up_app(person)

    assert code(refused) == (403, "second_factor_missing")
    assert client.get("/api/v1/appointments/", headers=headers).status_code == 200


@pytest.mark.usefixtures("demanded")
def test_api_asks_at_the_next_request_when_the_role_changes(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    before = client.get("/api/v1/appointments/")

    User.objects.filter(pk=alice.pk).update(role=Role.RECEPTIONIST)

    assert before.status_code == 200
    assert code(client.get("/api/v1/appointments/")) == (403, "second_factor_missing")


def test_api_refuses_programs_of_whoever_lacks_a_factor(db: None, settings: Settings) -> None:  # case 094
    person = make_user(Role.RECEPTIONIST)
    program = bearing(tokens_for(person, make_web())["access_token"])
    service = bearing(service_token(make_service()))
    settings.MFA_REQUIRED_ROLES = ("receptionist",)

    assert code(program.get("/api/v1/appointments/")) == (403, "second_factor_missing")
    assert service.get("/api/v1/appointments/").status_code == 200
    set_up_app(person)
    assert program.get("/api/v1/appointments/").status_code == 200
