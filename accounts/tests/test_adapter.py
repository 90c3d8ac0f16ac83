"""allauth's mails go through the outbox."""

from datetime import timedelta

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail
from django.db import transaction
from django.utils import timezone

from accounts import mailed_links, outbox
from accounts.adapter import NOBODY
from accounts.models import Message, Patient
from accounts.tests.letters import link_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post_waits", "fresh_counters")]
CODE = {"code": "123456"}


def write(template: str = "account/email/email_confirmation", to: str = "zoe@example.org") -> None:
    get_adapter().send_mail(template, to, CODE)


def test_send_mail_waits_for_a_worker() -> None:
    write()

    assert mail.outbox == []
    assert outbox.deliver_due(timezone.now()) == 1
    [letter] = mail.outbox
    assert letter.to == ["zoe@example.org"]
    assert "123456" in letter.body


def test_send_mail_keeps_the_code_only_until_it_is_sent() -> None:
    write()
    message = Message.objects.get()
    assert "123456" in message.sealed
    assert "123456" not in str(message.context) + message.key

    outbox.deliver_due(timezone.now())

    message.refresh_from_db()
    assert (message.sealed, message.sent_at is not None) == ("", True)


def test_send_mail_when_the_deed_is_undone() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_send_mail_when_the_code_is_dead() -> None:
    write()

    outbox.deliver_due(timezone.now() + timedelta(minutes=16))

    assert mail.outbox == []
    assert Message.objects.get().dropped_at is not None


def test_send_mail_when_nothing_in_it_dies() -> None:
    write("account/email/password_changed")

    outbox.deliver_due(timezone.now() + timedelta(days=2))

    assert len(mail.outbox) == 1


def test_send_mail_in_the_order_of_writing() -> None:
    for number in range(12):
        write("account/email/password_changed", f"reader{number}@example.org")

    outbox.deliver_due(timezone.now())

    assert [letter.to for letter in mail.outbox] == [[f"reader{number}@example.org"] for number in range(12)]


def test_write_to_a_stranger_does_the_same_work(alice: Patient) -> None:
    # case 086
    mailed_links.write_to("alice@example.org")
    mailed_links.write_to("nobody-we-know@example.org")

    assert Message.objects.count() == 2
    assert outbox.deliver_due(timezone.now()) == 2
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert link_in(mail.outbox[0])
    nothing = Message.objects.get(sent_at=None)
    assert (nothing.address, nothing.sealed, nothing.dropped_at is not None) == (NOBODY, "", True)
