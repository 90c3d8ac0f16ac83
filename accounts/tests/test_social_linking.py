"""Connecting another account to one's own, and taking it away again: signed in, and by nobody else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Patient, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.openid import LEAVE, agree, come_back, leave, openid_server, sign_in

pytestmark = pytest.mark.django_db

VERA = {"sub": "vera-1", "name": "Vera Vale", "email": "vera@example.org", "email_verified": True}
ALICE = {"sub": "alice-1", "name": "Somebody Else", "email": "alice@example.org", "email_verified": True}
PAGE = "/accounts/3rdparty/"


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[str]:
    with openid_server(VERA, ALICE) as address:
        yield address


def enter(client: Client, user: User) -> None:
    """Sign in with the password."""
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})


def give_password(client: Client, path: str) -> Any:
    """Answer the question for the password that ``path`` was redirected to."""
    return client.post(path, {"password": PASSWORD})


def connect(client: Client, sub: str = "vera-1") -> Any:
    """Press Connect, give the password again, go there and come back."""
    asked = client.post(LEAVE, {"process": "connect"})
    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    there = give_password(client, asked.headers["Location"]).headers["Location"]
    return come_back(client, agree(there, sub))


def audited() -> list[str]:
    """What was written down of identities."""
    verbs = AuditEntry.objects.filter(verb__startswith="accounts.identity.").order_by("pk")
    return list(verbs.values_list("verb", flat=True))


def test_connect_when_signed_in(client: Client, alice: Patient) -> None:
    enter(client, alice.user)

    response = connect(client)

    assert response.headers["Location"] == PAGE
    account = SocialAccount.objects.get()
    assert account.user == alice.user
    alice.user.refresh_from_db()
    assert (alice.user.email, alice.user.first_name) == ("alice@example.org", "Alice")
    assert audited() == ["accounts.identity.linked"]
    page = client.get(PAGE).content.decode()
    assert "vera@example.org" in page
    client.logout()
    sign_in(client, "vera-1")
    assert client.session["_auth_user_id"] == str(alice.user.pk)


def test_connect_when_nobody_is_signed_in(client: Client) -> None:
    response = client.post(LEAVE, {"process": "connect"})

    assert response.headers["Location"].startswith("/accounts/login/")
    assert not SocialAccount.objects.exists()


def test_connect_asks_for_the_password_when_too_long_was_spent_there(client: Client, alice: Patient) -> None:
    enter(client, alice.user)
    asked = client.post(LEAVE, {"process": "connect"})
    there = give_password(client, asked.headers["Location"]).headers["Location"]
    back = agree(there, "vera-1")

    with time_machine.travel(timezone.now() + timedelta(seconds=400), tick=False):
        response = come_back(client, back)

        assert response.headers["Location"] == "/accounts/reauthenticate/"
        assert not SocialAccount.objects.exists()
        give_password(client, "/accounts/reauthenticate/")

    assert SocialAccount.objects.get().user == alice.user


def test_connect_when_it_opens_another_account(client: Client, alice: Patient) -> None:
    sign_in(Client(), "vera-1")
    owner = SocialAccount.objects.get().user
    enter(client, alice.user)

    connect(client)

    assert SocialAccount.objects.get().user == owner
    assert "Another account here is connected to it already." in client.get(PAGE).content.decode()


def test_connect_twice_changes_nothing(client: Client, alice: Patient) -> None:
    enter(client, alice.user)
    connect(client)

    come_back(client, agree(leave(client, process="connect"), "vera-1"))

    assert SocialAccount.objects.count() == 1
    assert audited() == ["accounts.identity.linked"]


def test_connect_when_a_stranger_started_it(client: Client, alice: Patient) -> None:
    """His sign-in at the provider, in a link that Alice opens, does not end up in her account."""
    # case 072
    mallory = Client()
    enter(mallory, make_user(email="mallory@example.org"))
    asked = mallory.post(LEAVE, {"process": "connect"})
    there = give_password(mallory, asked.headers["Location"]).headers["Location"]
    back = agree(there, "vera-1")
    enter(client, alice.user)

    response = come_back(client, back)

    assert response.status_code == 401
    assert not SocialAccount.objects.exists()


def test_unlink_asks_for_the_password(client: Client, alice: Patient) -> None:
    enter(client, alice.user)
    connect(client)
    client.logout()
    enter(client, alice.user)
    form = {"account": SocialAccount.objects.get().pk}

    asked = client.post(PAGE, form)

    assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert SocialAccount.objects.exists()
    give_password(client, asked.headers["Location"])
    assert not SocialAccount.objects.exists()
    assert audited() == ["accounts.identity.linked", "accounts.identity.unlinked"]


def test_unlink_when_it_is_somebody_elses(client: Client, alice: Patient) -> None:
    sign_in(Client(), "vera-1")
    enter(client, alice.user)
    asked = client.post(PAGE, {"account": SocialAccount.objects.get().pk})

    response = give_password(client, asked.headers["Location"])

    assert response.status_code == 200
    assert SocialAccount.objects.count() == 1


def test_unlink_when_it_is_the_last_way_in(client: Client) -> None:
    sign_in(client, "vera-1")

    response = client.post(PAGE, {"account": SocialAccount.objects.get().pk})

    assert "This is your only way to sign in." in response.content.decode()
    assert SocialAccount.objects.count() == 1


def test_unlink_when_there_is_another_way_in(client: Client) -> None:
    sign_in(client, "vera-1")
    account = SocialAccount.objects.get()
    SocialAccount.objects.create(user=account.user, provider="google", uid="1")

    client.post(PAGE, {"account": account.pk})

    assert list(SocialAccount.objects.values_list("provider", flat=True)) == ["google"]
    # The one that is left has no provider in the settings any more; the page is shown all the same.
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("what", ["connect", "unlink"])
def test_connect_and_unlink_without_password_need_a_fresh_sign_in(what: str, client: Client) -> None:
    sign_in(client, "vera-1")
    account = SocialAccount.objects.get()
    SocialAccount.objects.create(user=account.user, provider="google", uid="1")

    with time_machine.travel(timezone.now() + timedelta(seconds=400), tick=False):
        if what == "connect":
            come_back(client, agree(leave(client, process="connect"), "alice-1"))
            told = client.get(PAGE)
        else:
            told = client.post(PAGE, {"account": account.pk})

    assert "you must have signed in just now" in told.content.decode()
    assert SocialAccount.objects.count() == 2


def test_page_when_nobody_is_signed_in(client: Client) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/accounts/login/")
