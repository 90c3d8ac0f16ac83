"""The database crashes under load: 503 while it is away, nothing promised is lost, and nobody restarts anything."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from time import monotonic
from uuid import uuid4

import httpx
import pytest

from accounts.tests.factories import make_patient
from clinic.models import Doctor, VisitType
from scheduler.tests.queue import cluster
from scheduler.tests.queue.programs import Programs, wait_until
from scheduler.tests.queue.sink import Sink
from scheduler.tests.races import server
from scheduler.tests.races.clients import Client, starts

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
CLIENTS, PAUSE = 4, 0.2
"""Twenty requests a second."""
RECOVERY_SECONDS = 10


@dataclass
class Told:
    """What the clients were answered, and when."""

    statuses: list[tuple[float, int]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Requests that got no answer at all."""

    def since(self, moment: float) -> list[int]:
        """The statuses answered after it."""
        return [status for at, status in self.statuses if at > moment]


def keep_booking(
    client: Client, doctor: Doctor, visit: VisitType, times: list[datetime], told: Told, over: Event
) -> None:
    """One visit after the other, at a steady rate."""
    for start in times:
        try:
            answer = client.book(doctor, start, visit, key=uuid4().hex)
        except httpx.TransportError as error:
            told.lost.append(repr(error))
        else:
            told.statuses.append((monotonic(), answer.status_code))
            if answer.status_code == httpx.codes.CREATED:
                told.made.append(str(answer.json()["id"]))
        if over.wait(PAUSE):
            return


UNSENT = "SELECT id FROM accounts_message WHERE sent_at IS NULL"
LET_CLAIMS_RUN_OUT = """
    UPDATE accounts_message SET claimed_at = claimed_at - interval '6 minutes' WHERE claimed_at IS NOT NULL RETURNING id
"""


def all_sent(broken: cluster.Cluster) -> bool:
    """Whether the worker, which is the only one, sends everything in time, what the crash left claimed too."""
    broken.ask(LET_CLAIMS_RUN_OUT)
    return wait_until(lambda: not broken.ask(UNSENT))


def test_restart_at_once_when_people_book(  # case 057
    crew: ThreadPoolExecutor,
    doctor: Doctor,
    visits: tuple[VisitType, VisitType],
    programs: Programs,
    post_office: Sink,
    tmp_path: Path,
) -> None:
    people = [make_patient() for _ in range(CLIENTS)]
    clients = [Client.sign_in("", one.user, one) for one in people]
    told, over, times = Told(), Event(), starts(CLIENTS * 200)
    with cluster.copied() as broken, server.started(tmp_path / "log", {"DATABASE_URL": broken.url}) as running:
        worker = programs.command("worker", DATABASE_URL=broken.url)
        for client in clients:
            client.http.base_url = f"{running.address}/api/v1/"
        for number, client in enumerate(clients):
            crew.submit(keep_booking, client, doctor, visits[0], times[number::CLIENTS], told, over)
        try:
            assert wait_until(lambda: len(told.made) >= 20)
            began = monotonic()
            broken.crash()
            back, made = monotonic(), len(told.made)
            recovered = wait_until(lambda: len(told.made) >= made + 20, RECOVERY_SECONDS)
        finally:
            over.set()
            crew.shutdown()
        everybody_was_told = all_sent(broken)
        worker.end()
        kept = set(broken.ask("SELECT id FROM clinic_appointment"))
        noted = broken.ask("SELECT object_id FROM accounts_auditentry WHERE verb = 'clinic.appointment.booked'")
        written = broken.ask("SELECT context->>'appointment' FROM accounts_message WHERE kind = 'booked'")

    away = [at for at, status in told.statuses if status != httpx.codes.CREATED]
    print(  # noqa: T201  the proof's figures
        f"{len(told.made)} booked, {len(away)} times 503, away for {back - began:.2f} s, "
        f"the last 503 {max(away, default=back) - back:.2f} s after"
    )
    assert recovered
    assert told.lost == []
    assert {status for _at, status in told.statuses} <= {201, 503}
    assert set(told.made) <= kept
    assert sorted(noted) == sorted(kept)
    assert sorted(written) == sorted(kept)
    assert everybody_was_told
    mails = post_office.ids()
    assert len(mails) == len(kept)
    assert mails.total() - len(mails) <= 1
