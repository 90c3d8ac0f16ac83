"""kill -9 of the web server's processes while people book: whatever became of a request, it became so wholly."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random
from threading import Timer
from time import monotonic
from uuid import uuid4

import httpx
import pytest

from accounts.models import AuditEntry, Message
from accounts.tests.factories import make_patient
from clinic.models import Appointment, Doctor, VisitType
from scheduler.tests.races import server
from scheduler.tests.races.clients import PATIENCE, Client, starts, together

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
CLIENTS = 8


@dataclass(frozen=True)
class Booker:
    """Somebody who repeats his request until he is told that he has it; or one who gives up at once."""

    client: Client
    is_patient: bool

    def book(self, doctor: Doctor, starts_at: datetime, visit: VisitType) -> str:
        """The appointment's id; nothing if he gave up."""
        key, deadline = uuid4().hex, monotonic() + PATIENCE
        while monotonic() < deadline:
            try:
                answer = self.client.book(doctor, starts_at, visit, key=key)
            except httpx.TransportError:
                if not self.is_patient:
                    return ""
                continue
            assert answer.status_code == httpx.codes.CREATED, answer.text
            return str(answer.json()["id"])
        raise AssertionError("he was never told")


def kill_one(workers: Callable[[], list[int]], dice: Random) -> None:
    """Of the processes that answer; all of them, now and then."""
    running = workers()
    for pid in running if dice.random() < 0.2 else [dice.choice(running)] if running else []:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.long)])
def test_kill_a_process_when_people_book(  # case 056
    rounds: int,
    crew: ThreadPoolExecutor,
    doctor: Doctor,
    visits: tuple[VisitType, VisitType],
    tmp_path: Path,
) -> None:
    dice, times = Random(56), iter(starts(CLIENTS * rounds))
    with server.started(tmp_path / "log", {}) as running:
        people = [make_patient() for _ in range(CLIENTS)]
        bookers = [
            Booker(Client.sign_in(running.address, one.user, one), number % 4 > 0) for number, one in enumerate(people)
        ]
        told = []
        for _ in range(rounds):
            Timer(dice.uniform(0, 0.2), kill_one, (lambda: running.workers, dice)).start()
            told += together(crew, *(partial(one.book, doctor, next(times), visits[0]) for one in bookers))

    booked = Counter(str(pk) for pk in Appointment.objects.values_list("pk", flat=True))
    noted = Counter(AuditEntry.objects.filter(verb="clinic.appointment.booked").values_list("object_id", flat=True))
    written = Counter(Message.objects.filter(kind="booked").values_list("context__appointment", flat=True))
    have = {one for one in told if one}
    print(f"{rounds} kills: {len(told)} bookings, {len(told) - len(have)} given up, {len(booked)} came to be")  # noqa: T201
    assert have <= set(booked)
    assert set(booked.values()) == {1}
    assert noted == booked
    assert written == booked
