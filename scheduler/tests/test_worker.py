"""``manage.py worker``: what the queue does, without Redis."""

import signal
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from accounts import outbox
from accounts.models import Message
from scheduler.management.commands.worker import LONGEST_WAIT, Command

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post_waits")]
SAID = '{"subject": "Hello", "text": "Good day.", "html": ""}'
CHORE = "accounts.tasks.clear_sessions"


def post() -> Message:
    key = uuid4().hex
    outbox.enqueue("account", key=key, to="zoe@example.org", now=timezone.now(), sealed=SAID)
    return Message.objects.get(key=key)


class Ends(threading.Event):
    """Waits for nothing, and is over after some looks; remembers how long it should have waited."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks, self.waits = looks, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        if len(self.waits) == self.looks:
            self.set()
        return self.is_set()


def working(looks: int) -> tuple[Command, Ends]:
    worker, ends = Command(), Ends(looks)
    worker.ends, worker.done_at = ends, {}
    return worker, ends


def test_once_does_all_that_is_due() -> None:
    post(), post()

    call_command("worker", "--once")

    assert len(mail.outbox) == 2


def test_work_looks_every_second() -> None:
    worker, ends = working(3)

    worker.work()

    assert ends.waits == [1, 1, 1]


def test_work_when_asked_to_end_finishes_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    worker, _ends = working(99)
    post(), post()
    deliver = outbox.delivery.deliver

    def asked_meanwhile(*args: Any, **how: Any) -> bool:
        worker.end(signal.SIGTERM, None)
        return deliver(*args, **how)

    monkeypatch.setattr("accounts.outbox.delivery.deliver", asked_meanwhile)

    worker.work()

    assert len(mail.outbox) == 1
    assert Message.objects.filter(sent_at=None, claimed_at=None).count() == 1


def test_work_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    # case 057
    worker, ends = working(9)
    sweep, answers = outbox.sweep, iter([True] * 7)

    def away(**how: Any) -> int:
        if next(answers, False):
            raise OperationalError("password=CNRY")
        return sweep(**how)

    monkeypatch.setattr(outbox, "sweep", away)
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    post()

    worker.work()

    assert ends.waits == [2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT, 1, 1]
    assert len(mail.outbox) == 1
    assert "CNRY" not in caplog.text


def test_chores_when_their_time_has_come(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    done: list[int] = []
    settings.CHORES = {CHORE: 60}
    monkeypatch.setattr(CHORE, lambda: done.append(1))
    worker, _ends = working(1)

    worker.do_chores()
    worker.do_chores()
    worker.done_at[CHORE] -= 60
    worker.do_chores()

    assert len(done) == 2


def test_chores_when_one_fails(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    done: list[int] = []

    def fail() -> None:
        raise RuntimeError

    settings.CHORES = {CHORE: 60, "accounts.tasks.seal_audit": 60}
    monkeypatch.setattr(CHORE, fail)
    monkeypatch.setattr("accounts.tasks.seal_audit", lambda: done.append(1))

    working(1)[0].do_chores()

    assert done == [1]
