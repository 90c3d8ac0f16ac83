"""Whether the process lives, and whether it can serve."""

from collections.abc import Iterator
from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import outbox
from accounts.models import Message, Patient, User
from scheduler.health import Migrations


@pytest.fixture
def broken_cache() -> Iterator[None]:
    """A cache that cannot be reached."""
    with mock.patch("django.core.cache.backends.base.BaseCache.aset", side_effect=ConnectionError("CNRY")):
        yield


def test_live_asks_nobody(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        answer = Client().get("/health/live")

    assert (answer.status_code, answer.json(), len(asked)) == (200, {"status": "ok"}, 0)


@pytest.mark.django_db(transaction=True)
def test_ready_when_all_is_there() -> None:
    answer = Client().get("/health/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/well"])
@pytest.mark.django_db(transaction=True)
def test_health_is_never_kept(path: str) -> None:
    answer = Client().get(path)

    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_ready_when_a_migration_is_pending() -> None:  # case 202
    with mock.patch("scheduler.health.newest_migrations", return_value={("clinic", "9999_to_come")}):
        answer = Client().get("/health/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.django_db(transaction=True)
def test_well_when_the_cache_is_away(broken_cache: None) -> None:  # case 202; fault B2-12
    answer = Client().get("/health/well")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.parametrize("cursor", ["health_check.checks.Database.run", "scheduler.health.MigrationRecorder"])
@pytest.mark.django_db(transaction=True)
def test_ready_when_the_database_is_away(cursor: str) -> None:  # case 202; fault B2-12
    with mock.patch(cursor, side_effect=OperationalError("CNRY password=x")):
        answer = Client().get("/health/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.django_db(transaction=True)
def test_well_names_what_failed_to_administrators_only(
    broken_cache: None, adam: User, rita: User, alice: Patient
) -> None:
    told = {}
    for user in (adam, rita, alice.user):
        client = Client()
        client.force_login(user)
        told[user.first_name] = client.get("/health/well").json()

    assert told["Adam"] == {"status": "unavailable", "failed": ["cache"]}
    assert told["Rita"] == told["Alice"] == {"status": "unavailable"}


@pytest.mark.parametrize("query", ["?format=text", "?format=openmetrics", "?format=rss"])
def test_health_has_one_shape(db: None, query: str) -> None:
    answer = Client(headers={"accept": "text/html"}).get(f"/health/live{query}")

    assert answer.json() == {"status": "ok"}


def test_migrations_are_asked_for_in_few_queries(db: None) -> None:
    with mock.patch("scheduler.health.connection.close"), CaptureQueriesContext(connection) as asked:
        Migrations().run()

    assert len(asked) <= 2


@pytest.mark.django_db(transaction=True)
def test_well_when_messages_wait_too_long(adam: User, post_waits: None) -> None:
    now = timezone.now()
    outbox.enqueue("account", key="k", to="zoe@example.org", now=now - timedelta(minutes=9))
    assert Client().get("/health/well").status_code == 200
    Message.objects.update(not_before=now - timedelta(minutes=11))
    client = Client()
    client.force_login(adam)

    told, strangers = client.get("/health/well"), Client().get("/health/well")

    assert (told.status_code, told.json()) == (503, {"status": "unavailable", "failed": ["messages"]})
    assert (strangers.status_code, strangers.json()) == (503, {"status": "unavailable"})


@pytest.mark.django_db(transaction=True)
def test_well_when_messages_have_come_to_an_end(post_waits: None) -> None:
    outbox.enqueue("account", key="k", to="zoe@example.org", now=timezone.now() - timedelta(hours=1))
    Message.objects.update(failed_at=timezone.now())

    assert Client().get("/health/well").status_code == 200
