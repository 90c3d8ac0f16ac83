"""Redis is away, frozen, or has forgotten everything: people book, and are told later, once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from accounts.tests.factories import make_patient
from clinic.models import Doctor, VisitType
from scheduler.tests.queue.programs import Redis
from scheduler.tests.races import server
from scheduler.tests.races.clients import Client, starts

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
QUICK = 5
"""Seconds within which somebody who books is answered, whatever Redis does."""


@pytest.fixture
def alice(broker: Redis, tmp_path: Path, transactional_db: None) -> Iterator[Client]:
    """Somebody signed in to a server that uses the broker."""
    patient = make_patient()
    with server.started(tmp_path / "gunicorn", {"REDIS_URL": broker.url}) as running:
        client = Client.sign_in(running.address, patient.user, patient)
        yield client
        client.http.close()


@pytest.mark.parametrize("failure", [Redis.stop, Redis.freeze])
def test_book_and_cancel_when_redis_is_away(  # case 059
    failure: Callable[[Redis], None],
    broker: Redis,
    alice: Client,
    doctor: Doctor,
    visits: tuple[VisitType, VisitType],
) -> None:
    [first, second] = starts(2)
    kept = alice.book(doctor, first, visits[0]).json()["id"]
    failure(broker)

    began = monotonic()
    booked = alice.book(doctor, second, visits[0])
    took = monotonic() - began
    cancelled = alice.cancel(kept)

    print(f"{failure.__name__}: booked in {took:.2f} s")  # noqa: T201  the proof's figures
    assert (booked.status_code, cancelled.status_code) == (201, 200)
    assert took < QUICK
