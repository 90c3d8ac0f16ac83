"""A database, a mail server, a Redis, and programs that deliver: all of them real, all of them ours to break."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from celery import Celery
from django.db import connection
from django.utils import timezone

from accounts import outbox
from accounts.models import Message
from accounts.outbox import post
from scheduler.tests.queue import greeting, sink
from scheduler.tests.queue.programs import Programs, Redis
from scheduler.tests.queue.sink import Sink
from scheduler.tests.races.conftest import crew, doctor, everywhere, visits
from scheduler.tests.races.server import database_url

__all__ = ["crew", "doctor", "everywhere", "visits"]

# A dozen lines for each mail would hide whatever goes wrong.
logging.getLogger("mail.log").setLevel(logging.WARNING)

Greet = Callable[[int], list[Message]]


@pytest.fixture
def post_office() -> Iterator[Sink]:
    """The mail server."""
    with sink.running() as running:
        yield running


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    """A Redis that nobody else uses."""
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def programs(transactional_db: None, post_office: Sink, tmp_path: Path) -> Iterator[Programs]:
    """Programs on the tests' database that send to the mail server, without Redis."""
    assert connection.vendor == "postgresql", "nothing is proved where one writer is let in at a time"
    environment = {"DATABASE_URL": database_url(), "EMAIL_URL": post_office.url, "REDIS_URL": ""}
    running = Programs(environment, tmp_path)
    yield running
    running.end()
    print(running.told())  # noqa: T201  pytest shows it if the test failed


@pytest.fixture
def publisher(broker: Redis) -> Iterator[Celery]:
    """What puts tasks into the queue."""
    app = Celery(broker=broker.url, set_as_current=False)
    yield app
    app.close()


@pytest.fixture
def queue(programs: Programs, broker: Redis, publisher: Celery, monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    """The same with Redis, which is told of each message that a test writes."""
    programs.environment["REDIS_URL"] = broker.url
    monkeypatch.setattr(post, "_nudges", [partial(publish, publisher)])
    yield programs
    # While Redis is still there: without it they take their time to end.
    programs.end()


def publish(publisher: Celery, message: UUID) -> None:
    """Once more."""
    publisher.send_task("accounts.tasks.deliver", [str(message)], retry=False)


@pytest.fixture
def greet(transactional_db: None) -> Greet:
    """Write so many messages, to a different reader each."""

    def write(number: int) -> list[Message]:
        keys = [uuid4().hex for _ in range(number)]
        for position, key in enumerate(keys):
            outbox.enqueue(greeting.KIND, key=key, to=f"reader{position}@example.org", now=timezone.now())
        return list(Message.objects.filter(key__in=keys).order_by("not_before", "pk"))

    return write
