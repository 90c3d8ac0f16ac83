"""The pages on which one sees where one is signed in, and the way out."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_patient, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_counters")]
PAGE = "/accounts/sessions/"


@pytest.fixture
def alice() -> User:
    user = make_patient(first_name="Alice", last_name="Adler", email="alice@example.org").user
    assert user is not None
    return user


def browser(email: str = "alice@example.org") -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return bool(client.get(PAGE).status_code == 200)


def pk_of(client: Client) -> int:
    return int(UserSession.objects.get(session_key=client.session.session_key).pk)


def test_still_here_keeps_a_session(alice: User) -> None:
    with time_machine.travel("2027-03-01 10:00Z", tick=False) as clock:
        client = browser()
        for _minutes in range(3):
            clock.shift(timedelta(minutes=20))
            assert client.post("/accounts/still-here/").status_code == 204
        clock.shift(timedelta(minutes=31))

        answer = client.post("/accounts/still-here/")

    assert answer.headers["Location"].startswith("/accounts/login/")


def test_list_shows_ones_own_without_their_keys(alice: User) -> None:
    make_user(email="bob@example.org")
    first, second, other = browser(), browser(), browser("bob@example.org")

    text = first.get(PAGE).content.decode()

    assert text.count('class="opening"') == 2
    assert text.count("This one") == 1
    for client in (first, second, other):
        assert str(client.session.session_key) not in text


def test_end_another_session_of_mine(alice: User) -> None:
    first, second = browser(), browser()

    response = first.post(f"{PAGE}{pk_of(second)}/end/")

    assert response.status_code == 302
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_end_this_session(alice: User) -> None:
    here = browser()

    response = here.post(f"{PAGE}{pk_of(here)}/end/")

    assert response.headers["Location"] == "/accounts/signed-out/"
    assert "cookies" in response.headers["Clear-Site-Data"]
    assert not is_signed_in(here)


def test_end_when_it_is_anothers(alice: User) -> None:
    make_user(email="bob@example.org")
    here, his = browser(), browser("bob@example.org")

    foreign = here.post(f"{PAGE}{pk_of(his)}/end/")
    missing = here.post(f"{PAGE}999999/end/")

    assert foreign.status_code == missing.status_code == 404
    assert is_signed_in(his)


def test_end_all(alice: User) -> None:
    # case 089
    first, second = browser(), browser()

    response = first.post(f"{PAGE}end-all/")

    assert response.headers["Location"] == "/accounts/signed-out/"
    assert not is_signed_in(first)
    assert not is_signed_in(second)
    assert b"You are signed out" in first.get("/accounts/signed-out/").content


@pytest.mark.parametrize("path", [f"{PAGE}1/end/", f"{PAGE}end-all/"])
def test_end_when_it_is_only_asked_for(alice: User, path: str) -> None:
    # case 093
    here = browser()

    assert here.get(path).status_code == here.head(path).status_code == 405
    assert is_signed_in(here)


def test_sign_out_ends_the_session_and_clears_the_browser(alice: User) -> None:
    # case 089, case 173
    here = browser()
    key = str(here.session.session_key)

    response = here.post("/accounts/logout/")

    assert response.headers["Location"] == "/accounts/signed-out/"
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not Session.objects.filter(session_key=key).exists()
    here.cookies["session"] = key
    assert not is_signed_in(here)


def test_sign_out_when_it_is_only_asked_for(alice: User) -> None:
    # case 093
    here = browser()

    response = here.get("/accounts/logout/")

    assert response.status_code == 200
    assert "Clear-Site-Data" not in response.headers
    assert is_signed_in(here)


def test_signed_out_when_he_is_not(alice: User) -> None:
    response = browser().get("/accounts/signed-out/")

    assert response.headers["Location"] == "/accounts/profile/"


def test_sign_out_when_he_is_nobody() -> None:
    response = Client().post("/accounts/logout/")

    assert response.status_code == 302
    assert not Session.objects.exists()


def test_signing_in_changes_session_and_token(alice: User) -> None:
    # case 082
    here = Client()
    here.get("/accounts/login/")
    here.get("/book/")
    session = here.session
    session["planted"] = True
    session.save()
    here.cookies["session"] = str(session.session_key)
    token = here.cookies["csrf"].value

    here.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert here.cookies["session"].value != session.session_key
    assert here.cookies["csrf"].value != token
    assert not Session.objects.filter(session_key=session.session_key).exists()


@pytest.mark.parametrize("name", ["session", "sessionid", "__Host-session"])
def test_session_named_in_the_address_opens_nothing(alice: User, name: str) -> None:
    # case 082
    key = browser().session.session_key
    stranger = Client()

    response = stranger.get(PAGE, {name: key})

    assert response.status_code == 302
    assert "session" not in stranger.cookies


def test_password_change_ends_the_other_sessions(alice: User) -> None:
    # case 089
    here, there = browser(), browser()
    form = {"oldpassword": PASSWORD, "password1": "a longer passphrase", "password2": "a longer passphrase"}

    response = here.post("/accounts/password/change/", form)

    assert response.status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert here.get(PAGE).content.decode().count('class="opening"') == 1


def test_password_change_when_the_present_one_is_wrong(alice: User) -> None:
    # case 085
    here, there = browser(), browser()
    form = {"oldpassword": "not this one", "password1": "a longer passphrase", "password2": "a longer passphrase"}

    response = here.post("/accounts/password/change/", form)

    assert response.status_code == 200
    assert is_signed_in(there)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_password_reset_ends_every_session(alice: User) -> None:
    here, stranger = browser(), Client()
    mail.outbox.clear()
    stranger.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form = stranger.get(link.removeprefix("http://testserver"), follow=True)

    passwords = {"password1": "a longer passphrase", "password2": "a longer passphrase"}
    stranger.post(form.redirect_chain[-1][0], passwords)

    alice.refresh_from_db()
    assert alice.check_password("a longer passphrase")
    assert not is_signed_in(here)
