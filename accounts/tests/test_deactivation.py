"""Whoever was let go comes in by no door, and by none of those that stood open."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import staffing, tokens
from accounts.models import Role, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_patient, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_counters")]
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
PAGE = "/accounts/profile/"


@pytest.fixture
def alice() -> User:
    user = make_patient(first_name="Alice", last_name="Adler", email="alice@example.org").user
    assert user is not None
    return user


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert client.get(PAGE).status_code == 200
    return client


@pytest.fixture(params=[False, True], ids=["let go", "let go and back"])
def let_go(request: pytest.FixtureRequest, alice: User) -> Callable[[], None]:
    """Deactivates her; in half of the tests she may come back, and finds all doors shut that had stood open."""

    def act() -> None:
        adam = make_user(Role.ADMIN)
        staffing.deactivate(alice, by=adam, now=NOW)
        if request.param:
            staffing.reactivate(alice, by=adam, now=NOW)

    return act


def test_session(browser: Client, let_go: Callable[[], None]) -> None:
    # case 098
    let_go()

    response = browser.get(PAGE)

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_tokens(alice: User, api: Clerk, let_go: Callable[[], None]) -> None:
    # case 098
    pair = tokens.sign_in(alice, now=NOW)
    let_go()

    with pytest.raises(ValidationError):
        tokens.bearer(pair.access_token, now=NOW)
    assert api.send("auth/token/refresh/", refresh_token=pair.refresh_token).status_code == 401


def test_grants(alice: User, let_go: Callable[[], None]) -> None:
    # case 098
    program = Program.objects.create(name="Program")
    Token.objects.create(user=alice, client=program, type=Token.Type.REFRESH_TOKEN, hash="x")
    let_go()

    assert not Token.objects.filter(user=alice).exists()


def test_password_at_every_door(alice: User, api: Clerk) -> None:
    # case 098
    staffing.deactivate(alice, by=make_user(Role.ADMIN), now=NOW)
    stranger = Client()

    stranger.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert stranger.get(PAGE).status_code == 302
    assert api.send("auth/login/", email="alice@example.org", password=PASSWORD).status_code == 401


def test_reset_link(alice: User) -> None:
    # case 098
    stranger = Client()
    stranger.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    form = stranger.get(link.removeprefix("http://testserver"), follow=True).redirect_chain[-1][0]
    staffing.deactivate(alice, by=make_user(Role.ADMIN), now=NOW)

    stranger.post(form, {"password1": "a longer passphrase", "password2": "a longer passphrase"})

    alice.refresh_from_db()
    assert not alice.is_active
    assert stranger.get(PAGE).status_code == 302
    assert api_refuses(alice)


def api_refuses(user: User) -> bool:
    answers = [
        Clerk().send("auth/login/", email=user.email, password=word) for word in (PASSWORD, "a longer passphrase")
    ]
    return all(answer.status_code == 401 for answer in answers)


def test_address_change_that_was_begun(alice: User, browser: Client) -> None:
    # case 098
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    browser.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    code = browser.session["account_email_verification_code"]["code"]
    staffing.deactivate(alice, by=make_user(Role.ADMIN), now=NOW)

    browser.post("/accounts/confirm-email/", {"code": code})

    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
