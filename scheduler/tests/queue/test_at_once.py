"""Several workers at once: each message comes once. And the control: without a claim it does not."""

from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from accounts.models import Message
from accounts.tests.factories import make_patient
from clinic.models import Doctor
from clinic.tests.factories import make_appointment
from scheduler.tests.queue.commands import READY
from scheduler.tests.queue.conftest import Greet, publish
from scheduler.tests.queue.figures import all_sent, often, told
from scheduler.tests.queue.programs import Programs, Redis, wait_until
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


def test_two_workers_without_redis(programs: Programs, post_office: Sink, greet: Greet) -> None:
    messages = greet(MANY)
    workers = [programs.command("worker"), programs.command("worker")]

    assert all_sent()
    for worker in workers:
        worker.end()
    figures = often(messages, post_office)
    print(f"two `manage.py worker`: {told(figures)}")  # noqa: T201  the proof's figures
    assert figures == [1] * MANY


def test_two_celery_workers_and_two_beats(
    queue: Programs, publisher: Celery, post_office: Sink, greet: Greet, doctor: Doctor
) -> None:
    """Messages of which the queue is told, and reminders, which only the beats cause."""
    now = timezone.now()
    patients = [make_patient() for _ in range(5)]
    for number, patient in enumerate(patients):
        start = now + timedelta(hours=20 + number)
        make_appointment(doctor, patient, start, agreed_at=now - timedelta(days=3))
    workers = [queue.worker(), queue.worker()]
    assert wait_until(lambda: len(publisher.control.ping(timeout=0.5)) == len(workers))

    messages = greet(MANY)
    beats = [queue.beat(), queue.beat()]

    assert wait_until(lambda: Message.objects.filter(kind="reminder").exclude(sent_at=None).count() == len(patients))
    assert all_sent()
    for program in [*beats, *workers]:
        program.end()
    figures = often(messages, post_office)
    reminders = often(Message.objects.filter(kind="reminder"), post_office)
    print(f"two workers, two beats: {told(figures)}; reminders: {told(reminders)}")  # noqa: T201  the proof's figures
    assert figures == [1] * MANY
    assert reminders == [1] * len(patients)


def test_a_task_that_comes_often(
    queue: Programs, broker: Redis, publisher: Celery, post_office: Sink, greet: Greet
) -> None:
    # case 061
    messages = greet(3)
    for message in messages * 4:
        publish(publisher, message.pk)

    queue.worker()
    assert all_sent()
    for message in messages * 5:
        publish(publisher, message.pk)

    assert wait_until(lambda: broker.is_empty)
    assert often(messages, post_office) == [1] * 3
