"""Who comes for the first time is welcomed; whose account is opened from a new place is told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import arrivals, outbox, verification
from accounts.models import Message, Patient, User
from accounts.tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def sign_in(user: User, address: str) -> None:
    browser = Client(REMOTE_ADDR=address, headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/128.0"})
    answer = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302


def told(kind: str) -> list[Message]:
    return list(Message.objects.filter(kind=kind))


def test_welcome_when_the_address_is_proved() -> None:
    user = make_user(verified=False)

    verification.prove(str(user.pk), user.email)
    verification.prove(str(user.pk), user.email)

    [message] = told("welcome")
    outbox.deliver(message.pk, now=timezone.now())
    assert mail.outbox[-1].to == [user.email]
    assert user.first_name not in mail.outbox[-1].subject


def test_welcome_when_it_was_said() -> None:
    user = make_user()

    arrivals.welcome(user, now=NOW)
    arrivals.welcome(user, now=NOW + timedelta(days=1))

    assert len(told("welcome")) == 1


def test_sign_in_when_it_is_the_first(alice: Patient) -> None:
    sign_in(alice.user, "203.0.113.7")

    assert told("new_sign_in") == []


def test_sign_in_when_the_place_is_known(alice: Patient) -> None:
    sign_in(alice.user, "2001:db8::1")
    sign_in(alice.user, "2001:db8::2")

    assert told("new_sign_in") == []


def test_sign_in_when_the_place_is_new(alice: Patient) -> None:
    sign_in(alice.user, "203.0.113.7")

    sign_in(alice.user, "198.51.100.9")
    sign_in(alice.user, "198.51.100.9")

    [message] = told("new_sign_in")
    outbox.deliver(message.pk, now=timezone.now())
    letter = mail.outbox[-1]
    assert letter.to == ["alice@example.org"]
    assert "Firefox on Windows" in letter.body
    assert "198.51.100.9" not in letter.body
    message.refresh_from_db()
    assert message.sealed == ""


def test_sign_in_when_the_place_was_known_long_ago(alice: Patient) -> None:
    with time_machine.travel(NOW, tick=False):
        sign_in(alice.user, "203.0.113.7")

    with time_machine.travel(NOW + arrivals.FAMILIAR_FOR + timedelta(minutes=1), tick=False):
        sign_in(alice.user, "203.0.113.7")

    assert len(told("new_sign_in")) == 1


def test_sign_in_when_another_was_there(alice: Patient, bob: Patient) -> None:
    sign_in(bob.user, "198.51.100.9")
    sign_in(alice.user, "203.0.113.7")

    sign_in(alice.user, "198.51.100.9")

    assert [message.user for message in told("new_sign_in")] == [alice.user]
