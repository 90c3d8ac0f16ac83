"""A database, a mail server, a Redis, and programs that deliver: all of them real, all of them ours to break."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts import outbox
from accounts.models import Message
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
def queue(programs: Programs, broker: Redis) -> Programs:
    """The same with Redis."""
    programs.environment["REDIS_URL"] = broker.url
    return programs


@pytest.fixture
def greet(transactional_db: None) -> Greet:
    """Write so many messages, to a different reader each."""

    def write(number: int) -> list[Message]:
        keys = [uuid4().hex for _ in range(number)]
        for position, key in enumerate(keys):
            outbox.enqueue(greeting.KIND, key=key, to=f"reader{position}@example.org", now=timezone.now())
        return list(Message.objects.filter(key__in=keys).order_by("not_before", "pk"))

    return write
