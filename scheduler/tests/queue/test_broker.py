"""Redis is away, frozen, or has forgotten everything: people book, and are told later, once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from accounts.models import Message
from accounts.tests.factories import PASSWORD, make_patient
from clinic.models import Appointment, Doctor, VisitType
from scheduler.tests.queue.conftest import Greet
from scheduler.tests.queue.figures import all_sent, often
from scheduler.tests.queue.programs import Programs, Redis, wait_until
from scheduler.tests.queue.sink import Sink
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
    site = str(alice.http.base_url).removesuffix("api/v1/")
    answers = [httpx.get(site + path, timeout=QUICK).status_code for path in ("api/v1/doctors/", "health/live")]
    guess = {"email": alice.patient.user.email, "password": PASSWORD}
    signed_in = httpx.post(f"{alice.http.base_url}auth/login/", json=guess, timeout=QUICK)

    print(f"{failure.__name__}: booked in {took:.2f} s")  # noqa: T201  the proof's figures
    assert (booked.status_code, cancelled.status_code) == (201, 200)
    assert took < QUICK
    assert answers == [200] * 2
    # Guesses cannot be counted now.
    assert (signed_in.status_code, "Retry-After" in signed_in.headers) == (503, True)


def test_the_mail_when_redis_was_away_at_the_booking(  # case 059
    queue: Programs,
    broker: Redis,
    alice: Client,
    post_office: Sink,
    doctor: Doctor,
    visits: tuple[VisitType, VisitType],
) -> None:
    queue.worker()
    queue.beat()
    [first, second] = starts(2)
    assert alice.book(doctor, first, visits[0]).status_code == httpx.codes.CREATED
    assert all_sent()
    broker.stop()

    assert alice.book(doctor, second, visits[0]).status_code == httpx.codes.CREATED
    assert not Message.objects.filter(attempts=0).exclude(sent_at=None).exists()
    broker.start()

    assert all_sent(40)
    assert often(Message.objects.filter(kind="booked"), post_office) == [1, 1]
    assert Appointment.objects.count() == 2


def test_messages_when_redis_has_forgotten_them(
    queue: Programs, broker: Redis, post_office: Sink, greet: Greet
) -> None:
    messages = greet(20)
    broker.client.flushall()

    queue.worker()
    queue.beat()

    assert all_sent()
    assert wait_until(lambda: broker.is_empty)
    assert often(messages, post_office) == [1] * 20
