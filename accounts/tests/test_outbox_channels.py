"""By which channel a message goes, and to which address."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts import outbox
from accounts.models import Message, Patient
from accounts.models.message import Channel
from accounts.models.patient import ReminderChannel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post_waits")]
SAID = '{"subject": "Hello", "text": "Good day.", "html": "<p>Good day.</p>"}'
PHONE = "+4915123456789"


@pytest.fixture
def told(alice: Patient) -> Message:
    """To a patient who wants text messages."""
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=ReminderChannel.SMS, phone=PHONE)
    alice.refresh_from_db()
    channel, now = outbox.chosen_by(alice), timezone.now()
    outbox.enqueue("account", key=uuid4().hex, to=alice, now=now, sealed=SAID, channel=channel)
    return Message.objects.get()


def test_chosen_by_patients(alice: Patient, bob: Patient, told: Message) -> None:
    assert (outbox.chosen_by(alice), outbox.chosen_by(bob)) == (Channel.SMS, Channel.EMAIL)


def test_text_message_into_a_file(told: Message, settings: LazySettings, tmp_path: Path) -> None:
    settings.SMS_CHANNEL = f"file:{tmp_path}/sms"

    outbox.deliver(told.pk, now=timezone.now())

    [file] = (tmp_path / "sms").iterdir()
    assert (file.name, file.read_text()) == (f"{told.pk}.txt", f"{PHONE}\n\nGood day.")
    assert mail.outbox == []


def test_text_message_to_the_console(told: Message, settings: LazySettings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SMS_CHANNEL = "console"

    outbox.deliver(told.pk, now=timezone.now())

    assert PHONE in capsys.readouterr().out
    assert mail.outbox == []


def test_text_message_when_there_is_no_channel(told: Message, settings: LazySettings) -> None:
    settings.SMS_CHANNEL = "none"

    outbox.deliver(told.pk, now=timezone.now())

    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]


def test_text_message_when_there_is_no_telephone(told: Message, settings: LazySettings) -> None:
    settings.SMS_CHANNEL = "console"
    Patient.objects.update(phone="")

    outbox.deliver(told.pk, now=timezone.now())

    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]


def test_text_message_when_the_folder_cannot_be_written(told: Message, settings: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("a file, not a folder")
    settings.SMS_CHANNEL = f"file:{tmp_path}/sms"

    outbox.deliver(told.pk, now=timezone.now())

    told.refresh_from_db()
    assert (told.sent_at, told.failed_at, told.attempts) == (None, None, 1)
    assert told.last_error == "FileExistsError"
