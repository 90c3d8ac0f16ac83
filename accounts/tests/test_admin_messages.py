"""Messages in the admin: what has become of each, for staff, without a word of what they say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import outbox
from accounts.models import Message, Patient, Role, User
from accounts.models.message import State
from accounts.outbox import Kind, Letter, kinds
from accounts.tests.factories import make_user

NOW = datetime(2027, 3, 1, 14, 2, tzinfo=UTC)
LIST = "/admin/accounts/message/"


@pytest.fixture(autouse=True)
def greeting(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """A kind of message for these tests."""
    kind = Kind("greeting", lambda _message, _now: Letter("Hello", "Good day."), label="Greeting")
    monkeypatch.setitem(kinds._kinds, "greeting", kind)


@pytest.fixture
def doctor(db: None) -> User:
    """Somebody who has an account and is no patient."""
    return make_user(Role.DOCTOR)


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(to: Any, **ended: Any) -> Message:
    outbox.enqueue("greeting", key=f"{to}:{sorted(ended)}", to=to, now=NOW, sealed="a secret")
    message = Message.objects.latest("created_at")
    Message.objects.filter(pk=message.pk).update(**ended)
    message.refresh_from_db()
    return message


def listed(by: User, question: str = "") -> set[str]:
    answer = desk(by).get(f"{LIST}?{question}")
    assert answer.status_code == 200
    return {str(message.state) for message in answer.context["cl"].result_list}


@pytest.fixture
def one_of_each(alice: Patient) -> dict[str, Message]:
    """One in each state."""
    return {
        "waiting": post(alice),
        "sent": post(alice, sent_at=NOW),
        "given_up": post(alice, failed_at=NOW, last_error="smtp_550"),
        "dropped": post(alice, dropped_at=NOW),
    }


def test_list_says_what_has_become_of_each(rita: User, one_of_each: dict[str, Message]) -> None:
    body = desk(rita).get(LIST).content.decode()

    assert "Sent, 1 March 2027, 14:02 UTC" in body
    assert "Could not be delivered, 1 March 2027, 14:02 UTC" in body
    assert body.count("Alice Archer") == 4
    assert "smtp_550" in body
    assert "Greeting" in body


@pytest.mark.parametrize("state", State.values)
def test_list_by_state(state: str, rita: User, one_of_each: dict[str, Message]) -> None:
    assert listed(rita, f"state={state}") == {state}


def test_list_by_kind(rita: User, one_of_each: dict[str, Message]) -> None:
    assert listed(rita, "kind=greeting") == set(State.values)
    assert listed(rita, "kind=account") == set()


def test_list_of_whom_somebody_should_call(rita: User, alice: Patient) -> None:
    post("zoe@example.org", failed_at=NOW)
    post(alice)

    assert listed(rita, "state=unheard") == set()

    post(alice, failed_at=NOW)

    assert listed(rita, "state=unheard") == {"given_up"}


def test_names_of_accounts_are_for_those_who_may_see_accounts(rita: User, adam: User, doctor: User) -> None:
    message = post(doctor)

    for page in (LIST, f"{LIST}{message.pk}/change/"):
        assert str(doctor) not in desk(rita).get(page).content.decode()
        assert str(doctor) in desk(adam).get(page).content.decode()


def test_pages_show_neither_address_nor_text(adam: User) -> None:
    message = post("zoe@example.org", failed_at=NOW)

    for page in ("", f"{message.pk}/change/", f"{message.pk}/send-again/", f"{message.pk}/history/"):
        body = desk(adam).get(LIST + page).content.decode()

        assert "zoe" not in body, page
        assert "a secret" not in body, page


def test_send_again(rita: User, one_of_each: dict[str, Message]) -> None:
    message = one_of_each["given_up"]
    Message.objects.exclude(pk=message.pk).delete()
    assert "/send-again/" in desk(rita).get(f"{LIST}{message.pk}/change/").content.decode()

    answer = desk(rita).post(f"{LIST}{message.pk}/send-again/")

    assert answer.status_code == 302
    message.refresh_from_db()
    assert message.state == State.WAITING
    assert outbox.deliver(message.pk, now=message.not_before) is True
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("state", ["waiting", "sent", "dropped"])
@pytest.mark.parametrize("verb", ["send-again", "settle"])
def test_verbs_are_for_those_given_up(verb: str, state: str, rita: User, one_of_each: dict[str, Message]) -> None:
    message = one_of_each[state]
    page = f"{LIST}{message.pk}/{verb}/"
    before = Message.objects.values().get(pk=message.pk)

    assert page not in desk(rita).get(f"{LIST}{message.pk}/change/").content.decode()
    assert "not given up" in desk(rita).post(page).content.decode()
    assert Message.objects.values().get(pk=message.pk) == before


def test_front_page_says_whom_to_call(adam: User, alice: Patient) -> None:
    front = reverse("admin:index")
    assert "could not be delivered" not in desk(adam).get(front).content.decode()
    message = post(alice, failed_at=NOW)
    post("zoe@example.org", failed_at=NOW)

    body = desk(adam).get(front).content.decode()

    assert "1 message could not be delivered" in body
    assert f'href="{LIST}?state=unheard"' in body

    desk(adam).post(f"{LIST}{message.pk}/settle/")

    assert "could not be delivered" not in desk(adam).get(front).content.decode()


def test_written_is_when_it_was_written(rita: User, alice: Patient) -> None:
    message = post(alice)
    Message.objects.filter(pk=message.pk).update(created_at=NOW - timedelta(days=1))

    assert "28 February 2027, 14:02 UTC" in desk(rita).get(f"{LIST}{message.pk}/change/").content.decode()
