"""Everybody does everything at once: 32 people hold, book, move and cancel 20 slots of two doctors for ten seconds."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

import httpx
import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import make_patient
from clinic.models import Appointment, Doctor, Status
from scheduler.tests.races import server
from scheduler.tests.races.clients import Client, deadlocks, doubles, starts

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
PEOPLE, SECONDS = 32, 10
EXPECTED = {200, 201, 400, 404, 409}
"""400: a hold that has run out; 404: one that was replaced."""


@dataclass
class Person:
    """One who does what comes to his mind until time is up, and counts what he is answered."""

    client: Client
    wishes: list[tuple[Doctor, datetime]]
    dice: Random
    until: float
    told: Counter[int] = field(default_factory=Counter)
    mine: list[str] = field(default_factory=list)

    def live(self) -> "Person":
        """Do things."""
        acts: list[Callable[[], httpx.Response]] = [self.book, self.hold, self.cancel, self.cancel, self.move]
        while monotonic() < self.until:
            self.told[self.dice.choice(acts)().status_code] += 1
        return self

    def book(self) -> httpx.Response:
        answer = self.client.book(*self.dice.choice(self.wishes))
        if answer.status_code == httpx.codes.CREATED:
            self.mine.append(answer.json()["id"])
        return answer

    def hold(self) -> httpx.Response:
        answer = self.client.hold(*self.dice.choice(self.wishes))
        if answer.status_code != httpx.codes.CREATED or self.dice.random() < 0.3:  # some forget their holds
            return answer
        self.told[answer.status_code] += 1
        answer = self.client.book_hold(answer.json())
        if answer.status_code == httpx.codes.CREATED:
            self.mine.append(answer.json()["id"])
        return answer

    def cancel(self) -> httpx.Response:
        if not self.mine:
            return self.book()
        return self.client.cancel(self.mine.pop(self.dice.randrange(len(self.mine))))

    def move(self) -> httpx.Response:
        if not self.mine:
            return self.book()
        doctor, start = self.dice.choice(self.wishes)
        return self.client.move(self.dice.choice(self.mine), start, doctor)


def let_time_pass(stop: Event) -> int:
    """Let holds run out, one row at a time, for nobody wants to wait ten minutes; how many."""
    expired = 0
    while not stop.wait(0.05):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE clinic_appointment SET hold_expires_at = now() - interval '1 second' WHERE id = "
                "(SELECT id FROM clinic_appointment WHERE status = 'held' AND hold_expires_at > now() LIMIT 1) "
                # Asked again of the row as it is by then: somebody may have booked it just now.
                "AND status = 'held'"
            )
            expired += cursor.rowcount
    connection.close()
    return expired


def test_churn_leaves_no_doubles_and_no_deadlocks(doctor: Doctor, other_doctor: Doctor, tmp_path: Path) -> None:
    # The same times of both doctors: nobody must be in two places either.
    wishes = [(one, start) for one in (doctor, other_doctor) for start in starts(10)]
    people = [make_patient() for _number in range(PEOPLE)]
    users: list[User] = [one.user for one in people if one.user]
    before, stop = deadlocks(), Event()

    # A server of its own: PostgreSQL counts deadlocks when the connections that had them are closed.
    with server.running(tmp_path / "log") as address, ThreadPoolExecutor(PEOPLE + 1) as crew:
        passing: Future[int] = crew.submit(let_time_pass, stop)
        clients = [Client.sign_in(address, user) for user in users]
        until = monotonic() + SECONDS
        lives = [
            crew.submit(Person(client, wishes, Random(number), until).live) for number, client in enumerate(clients)
        ]
        told = sum((life.result(SECONDS + 60).told for life in lives), Counter[int]())
        stop.set()
        expired = passing.result(10)
        for client in clients:
            client.http.close()

    assert set(told) <= EXPECTED, (told, (tmp_path / "log").read_text()[-3000:])
    # It was a churn: more was booked than there are slots, for others had given them up.
    assert told[201] > len(wishes), told
    assert told[200] > 0, told
    assert expired > 0
    assert doubles() == (0, 0)
    assert deadlocks() == before
    assert Appointment.objects.filter(status=Status.SCHEDULED).count() <= len(wishes)
