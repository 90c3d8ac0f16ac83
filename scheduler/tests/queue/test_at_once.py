"""Several workers at once: each message comes once. And the control: without a claim it does not."""

import pytest

from scheduler.tests.queue.commands import READY
from scheduler.tests.queue.conftest import Greet
from scheduler.tests.queue.figures import all_sent, often, told
from scheduler.tests.queue.programs import Programs
from scheduler.tests.queue.sink import Sink

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
MANY = 60


def test_two_naive_workers(programs: Programs, post_office: Sink, greet: Greet) -> None:
    """The control: unless this finds doubles, it means nothing that the others find none."""
    workers = [programs.command("naive"), programs.command("naive")]
    assert all(worker.has_said(READY) for worker in workers)

    messages = greet(MANY)

    assert all_sent()
    for worker in workers:
        worker.end()
    figures = often(messages, post_office)
    print(f"without a claim: {told(figures)}")  # noqa: T201  the proof's figures
    assert max(figures) > 1


def test_two_sweeps(programs: Programs, post_office: Sink, greet: Greet) -> None:
    workers = [programs.command("sweep"), programs.command("sweep")]
    assert all(worker.has_said(READY) for worker in workers)

    messages = greet(MANY)

    assert all_sent()
    for worker in workers:
        worker.end()
    figures = often(messages, post_office)
    print(f"two sweeps: {told(figures)}")  # noqa: T201  the proof's figures
    assert figures == [1] * MANY
