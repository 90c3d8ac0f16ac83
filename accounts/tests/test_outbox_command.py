"""``manage.py outbox``."""

from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import outbox
from accounts.models import AuditEntry, Message
from accounts.outbox import Kind, Letter, kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post_waits", "greeting")]


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of message for these tests."""
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: Letter("Hello", "Good day.")))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mail server that takes nothing."""

    def refuse(*_args: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


def post() -> Message:
    key = uuid4().hex
    outbox.enqueue("greeting", key=key, to="zoe@example.org", now=timezone.now())
    return Message.objects.get(key=key)


def run(*words: str | UUID) -> str:
    told = StringIO()
    call_command("outbox", *(str(word) for word in words), stdout=told)
    return told.getvalue()


def test_list_names_nobody() -> None:
    message, given_up = post(), post()
    Message.objects.filter(pk=given_up.pk).update(failed_at=timezone.now(), attempts=7, last_error="smtp_550")

    told = run("list")

    assert str(message.pk) in told
    assert "given up" in told
    assert "smtp_550" in told
    assert "zoe" not in told


def test_list_when_all_is_sent() -> None:
    post()
    outbox.deliver_due(timezone.now())

    assert run("list") == "0 messages.\n"


def test_drain_delivers() -> None:
    post(), post()

    assert run("drain") == "2 messages delivered.\n"
    assert len(mail.outbox) == 2


def test_drain_when_something_fails(broken: None) -> None:
    post()

    with pytest.raises(CommandError, match="1 of 1"):
        run("drain")

    assert Message.objects.get().attempts == 1


def test_retry_all_that_was_given_up() -> None:
    message, other = post(), post()
    Message.objects.filter(pk=message.pk).update(failed_at=timezone.now(), attempts=7, last_error="smtp_550")
    outbox.deliver(other.pk, now=timezone.now())

    assert run("retry", "--failed") == "1 messages will be tried again.\n"

    run("drain")
    assert len(mail.outbox) == 2
    assert AuditEntry.objects.filter(verb="accounts.message.retried", program="outbox").count() == 1


def test_retry_one_before_its_time(broken: None, monkeypatch: pytest.MonkeyPatch) -> None:
    message = post()
    outbox.deliver(message.pk, now=timezone.now())
    monkeypatch.undo()
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: Letter("Hello", "Good day.")))

    run("retry", message.pk)

    run("drain")
    assert len(mail.outbox) == 1


def test_retry_when_it_was_sent() -> None:
    message = post()
    outbox.deliver(message.pk, now=timezone.now())

    with pytest.raises(CommandError, match="no such message"):
        run("retry", message.pk)

    assert run("drain") == "0 messages delivered.\n"
