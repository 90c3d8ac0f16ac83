"""The outbox: written with what it tells of, delivered once, tried again, given up."""

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from accounts import outbox
from accounts.models import Message, Patient
from accounts.outbox import Kind, Letter, delivery, kinds
from accounts.outbox.delivery import LEASE, WAITS

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def greeting(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """A kind of message for these tests."""
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: Letter("Hello", "Good day.")))


def post(to: Any = "zoe@example.org", key: str = "", **more: Any) -> Message:
    key = key or uuid4().hex
    outbox.enqueue("greeting", key=key, to=to, now=NOW, **more)
    return Message.objects.get(key=key)


def failing(monkeypatch: pytest.MonkeyPatch, *errors: Exception | None) -> None:
    """The mail server answers so, one after the other; None is: taken."""
    answers = iter(errors)
    deliver = EmailBackend.send_messages

    def send(self: EmailBackend, messages: Any) -> Any:
        if error := next(answers):
            raise error
        return deliver(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)


def test_enqueue_when_the_same_is_said_twice() -> None:
    first = outbox.enqueue("greeting", key="k", to="zoe@example.org", now=NOW)
    second = outbox.enqueue("greeting", key="k", to="zoe@example.org", now=NOW)

    assert (first, second, Message.objects.count()) == (True, False, 1)


def test_enqueue_when_the_deed_is_undone() -> None:
    with transaction.atomic():
        post()
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_enqueue_when_there_is_nobody_to_tell() -> None:
    with pytest.raises(ValueError, match="recipient"):
        post(to="")

    assert not Message.objects.exists()


def test_deliver_when_due(alice: Patient) -> None:
    message = post(alice)

    assert outbox.deliver_due(NOW) == 1

    message.refresh_from_db()
    [letter] = mail.outbox
    assert (message.sent_at, message.attempts, message.claim) == (NOW, 1, None)
    assert (letter.to, letter.subject, letter.body) == (["alice@example.org"], "Hello", "Good day.")
    assert letter.extra_headers["Message-ID"] == f"<{message.pk}@testserver>"
    assert outbox.deliver_due(NOW) == 0


def test_deliver_when_it_is_too_early() -> None:
    post(not_before=NOW + timedelta(minutes=1))

    assert outbox.deliver_due(NOW) == 0
    assert outbox.deliver_due(NOW + timedelta(minutes=1)) == 1


def test_deliver_when_it_is_too_late() -> None:
    message = post(not_after=NOW, sealed="a code")

    outbox.deliver_due(NOW + timedelta(seconds=1))

    message.refresh_from_db()
    assert (message.sent_at, message.dropped_at, message.sealed) == (None, NOW + timedelta(seconds=1), "")
    assert mail.outbox == []


def test_deliver_when_it_is_not_true_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    # case 065
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: None))
    message = post()

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert (message.dropped_at, mail.outbox) == (NOW, [])


def test_deliver_when_another_worker_has_it() -> None:
    message = post()
    Message.objects.update(claimed_at=NOW, claim=uuid4())

    assert outbox.deliver(message.pk, now=NOW + LEASE) is False
    assert mail.outbox == []
    assert outbox.deliver(message.pk, now=NOW + LEASE + timedelta(seconds=1)) is True
    assert len(mail.outbox) == 1


def test_deliver_when_told_twice() -> None:
    # case 061
    message = post()

    assert [outbox.deliver(message.pk, now=NOW) for _time in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


def test_deliver_when_the_server_refuses_for_now(monkeypatch: pytest.MonkeyPatch) -> None:
    # case 060
    message, now = post(), NOW
    busy = smtplib.SMTPResponseException(451, b"zoe@example.org is busy")
    failing(monkeypatch, busy, ConnectionRefusedError(), TimeoutError(), None)

    for wait in WAITS[:3]:
        outbox.deliver_due(now)
        message.refresh_from_db()
        assert (message.sent_at, message.failed_at, message.not_before) == (None, None, now + wait)
        assert "zoe" not in message.last_error
        assert outbox.deliver_due(now + wait - timedelta(seconds=1)) == 0
        now += wait
    outbox.deliver_due(now)

    message.refresh_from_db()
    assert (message.sent_at, message.attempts, len(mail.outbox)) == (now, 4, 1)


def test_deliver_when_the_server_never_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    message, now = post(), NOW
    failing(monkeypatch, *[ConnectionRefusedError()] * 20)

    for wait in (*WAITS, timedelta()):
        outbox.deliver_due(now)
        now += wait

    message.refresh_from_db()
    assert (message.failed_at, message.attempts, message.last_error) == (now, 7, "ConnectionRefusedError")


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"zoe@example.org": (550, b"no such user")}),
        smtplib.SMTPDataError(554, b"zoe@example.org"),
    ],
    ids=["recipient", "content"],
)
def test_deliver_when_the_server_refuses_for_good(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    # case 060
    message = post(sealed="a code")
    failing(monkeypatch, error)

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert (message.failed_at, message.attempts, message.sealed) == (NOW, 1, "")
    assert message.last_error in ("smtp_550", "smtp_554")
    assert outbox.deliver_due(NOW + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPConnectError(554, b"overrun"),
        smtplib.SMTPHeloError(550, b"who are you"),
        smtplib.SMTPAuthenticationError(554, b"wrong"),
        smtplib.SMTPSenderRefused(550, b"not yours", "clinic@example.org"),
    ],
)
def test_deliver_when_the_server_refuses_us(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """That is not about the message, which must not be given up for it."""
    message = post()
    failing(monkeypatch, error, None)

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert (message.failed_at, message.last_error[:6]) == (None, "smtp_5")
    outbox.deliver_due(NOW + WAITS[0])
    assert len(mail.outbox) == 1


def test_deliver_when_everybody_died_over_it() -> None:
    message = post()
    Message.objects.update(attempts=len(WAITS) + 1, claimed_at=NOW - 2 * LEASE, claim=uuid4())

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert (message.failed_at, message.last_error, mail.outbox) == (NOW, "never_finished", [])


def test_deliver_when_it_went_with_its_recipient(monkeypatch: pytest.MonkeyPatch, alice: Patient) -> None:
    """After it was claimed; the worker goes on with the next."""
    gone, other = post(to=alice), post()
    free = delivery.due

    class Claimed(Message.objects.none().__class__):
        def update(self, **changes: Any) -> int:
            claimed: int = super().update(**changes)
            Message.objects.filter(pk=gone.pk).delete()
            return claimed

    monkeypatch.setattr(delivery, "due", lambda now: Claimed(query=free(now).query, model=Message))

    assert delivery.deliver(gone.pk, now=NOW)

    assert delivery.deliver(other.pk, now=NOW)
    assert [letter.to for letter in mail.outbox] == [["zoe@example.org"]]


def test_deliver_when_the_last_but_one_died_over_it() -> None:
    message = post()
    Message.objects.update(attempts=len(WAITS), claimed_at=NOW - 2 * LEASE, claim=uuid4())

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert (message.sent_at, len(mail.outbox)) == (NOW, 1)


def test_deliver_when_there_is_no_address(alice: Patient) -> None:
    Patient.objects.filter(pk=alice.pk).update(user=None, email="")
    message = post(Patient.objects.get(pk=alice.pk))

    outbox.deliver_due(NOW)

    message.refresh_from_db()
    assert message.last_error == "no_address"


def test_deliver_when_one_cannot_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(message: Message, _now: Any) -> Letter:
        if message.key == "bad":
            raise RuntimeError("alice has the flu")
        return Letter("Hello", "Good day.")

    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", draw))
    bad, _good = post(key="bad"), post()

    assert outbox.deliver_due(NOW) == 2

    bad.refresh_from_db()
    assert (bad.last_error, bad.sent_at, len(mail.outbox)) == ("RuntimeError", None, 1)


def test_letter_when_the_subject_has_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    # case 162
    letter = Letter("Hello\r\nBcc: eve@example.org", "Good day.")
    monkeypatch.setitem(kinds._kinds, "greeting", Kind("greeting", lambda _message, _now: letter))
    post()

    outbox.deliver_due(NOW)

    assert mail.outbox[0].subject == "Hello Bcc: eve@example.org"
    assert mail.outbox[0].recipients() == ["zoe@example.org"]


def test_nudge_when_the_broker_is_away(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # case 059
    def away(_message: object) -> None:
        raise ConnectionError("redis://user:password@host")

    monkeypatch.setattr("accounts.outbox.post._nudges", [away])

    with django_capture_on_commit_callbacks(execute=True):
        message = post()

    assert outbox.deliver(message.pk, now=NOW)
    assert "password" not in caplog.text


@pytest.mark.parametrize(
    ("told", "goes"),
    [
        ({"sent_at": NOW}, True),
        ({"failed_at": NOW}, True),
        ({"dropped_at": NOW}, True),
        ({}, False),
        ({"sent_at": NOW, "not_after": NOW + timedelta(days=1)}, False),
        ({"sent_at": NOW, "created_at": NOW - timedelta(days=89)}, False),
    ],
    ids=["sent", "given up", "dropped", "waiting", "about what is to come", "young"],
)
def test_forget_old(told: dict[str, Any], goes: bool) -> None:
    message = post()
    Message.objects.filter(pk=message.pk).update(**{"created_at": NOW - timedelta(days=91)} | told)

    assert outbox.forget_old(NOW) == int(goes)

    assert Message.objects.filter(pk=message.pk).exists() is not goes
