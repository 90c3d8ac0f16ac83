"""Whoever has no password to be asked for must have signed in just now."""

import time

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tests.factories import make_patient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_counters")]
EMAIL, PASSWORD = "/accounts/email/", "/accounts/password/set/"
FACTORS = ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/")
WORDS = {"password1": "a longer passphrase", "password2": "a longer passphrase"}


@pytest.fixture
def alice() -> User:
    user = make_patient(first_name="Alice", last_name="Adler", email="alice@example.org").user
    assert user is not None
    user.set_unusable_password()
    user.save()
    return user


def came(alice: User, seconds_ago: int) -> Client:
    """A browser to which a provider sent her so long ago."""
    client = Client()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    record = {"method": "socialaccount", "at": time.time() - seconds_ago, "provider": "google", "uid": "1"}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()
    return client


def test_address_when_she_came_just_now(alice: User) -> None:
    response = came(alice, 10).post(EMAIL, {"action_add": "", "email": "new@example.org"})

    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert mail.outbox[-1].to == ["new@example.org"]


def test_address_when_she_came_long_ago(alice: User) -> None:
    browser = came(alice, 3600)

    response = browser.post(EMAIL, {"action_add": "", "email": "new@example.org"}, follow=True)

    assert "you must have signed in just now" in response.content.decode()
    assert mail.outbox == []


def test_first_password_when_she_came_just_now(alice: User) -> None:
    came(alice, 10).post(PASSWORD, WORDS)

    alice.refresh_from_db()
    assert alice.check_password("a longer passphrase")


def test_first_password_when_she_came_long_ago(alice: User) -> None:
    response = came(alice, 3600).post(PASSWORD, WORDS, follow=True)

    assert "you must have signed in just now" in response.content.decode()
    alice.refresh_from_db()
    assert not alice.has_usable_password()


@pytest.mark.parametrize("page", FACTORS)
def test_second_factor_when_she_came_just_now(alice: User, page: str) -> None:
    assert came(alice, 10).get(page).status_code == 200


@pytest.mark.parametrize("page", FACTORS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_second_factor_when_she_came_long_ago(alice: User, page: str, method: str) -> None:
    browser = came(alice, 3600)

    response = getattr(browser, method)(page, follow=True)

    assert response.redirect_chain == [("/accounts/2fa/", 302)]
    assert "you must have signed in just now" in response.content.decode()
    assert not [name for name in dict(browser.session.items()) if name.startswith("mfa")]
