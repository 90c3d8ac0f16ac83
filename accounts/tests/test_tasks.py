"""What the queue calls, and how it is told."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import outbox, tasks
from accounts.models import Message
from accounts.models.audit import AuditEntry, AuditLink
from accounts.tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post_waits")]
SAID = '{"subject": "Hello", "text": "Good day.", "html": ""}'


def post() -> Message:
    key = uuid4().hex
    outbox.enqueue("account", key=key, to="zoe@example.org", now=timezone.now(), sealed=SAID)
    return Message.objects.get(key=key)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What is told to the queue."""
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(tasks, "_failed_at", -1000.0)
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda ids, **_how: told.append(ids))
    return told


def test_deliver_by_id() -> None:
    message = post()

    tasks.deliver(str(message.pk))
    tasks.deliver(str(message.pk))

    assert len(mail.outbox) == 1


def test_deliver_when_there_is_no_such_message() -> None:
    tasks.deliver(str(uuid4()))

    assert mail.outbox == []


def test_sweep_delivers_all_that_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.outbox.delivery.BATCH", 2)
    for _number in range(5):
        post()

    assert tasks.sweep() == 5
    assert tasks.sweep() == 0
    assert len(mail.outbox) == 5


def test_sweep_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SWEEP_SECONDS", 0)
    post()

    assert tasks.sweep() == 0
    assert mail.outbox == []


def test_seal_audit() -> None:
    tasks.seal_audit()

    assert AuditLink.objects.count() == AuditEntry.objects.count()


@pytest.mark.parametrize("chore", settings.CHORES)
def test_chores_can_be_done(chore: str) -> None:
    make_user()

    import_string(chore)()
    import_string(chore)()


def test_nudge_tells_the_id_alone(published: list[tuple[str, ...]]) -> None:
    message = uuid4()

    tasks.nudge(message)

    assert published == [(str(message),)]


def test_nudge_when_the_queue_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    # case 059
    asked = []

    def away(ids: tuple[str], **_how: object) -> None:
        asked.append(ids)
        raise ConnectionError

    monkeypatch.setattr(tasks, "_failed_at", -1000.0)
    monkeypatch.setattr(tasks.deliver, "apply_async", away)

    with pytest.raises(ConnectionError):
        tasks.nudge(uuid4())
    tasks.nudge(uuid4())

    assert len(asked) == 1


def test_enqueue_nudges_when_it_is_committed(
    published: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr("accounts.outbox.post._nudges", [tasks.nudge])

    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            message = post()
        assert published == []

    assert published == [(str(message.pk),)]
