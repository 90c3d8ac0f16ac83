"""Many clients at once, and what must be true whoever was first."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from threading import Barrier
from typing import Any, TypeVar

import httpx
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.models import Patient, User
from clinic.models import Doctor, VisitType

T = TypeVar("T")
PATIENCE = 30
"""Seconds."""
EVERY_DAY = {"starts": "08:00", "ends": "16:00", "weekdays": range(7)}


@dataclass(frozen=True)
class Client:
    """Somebody signed in to the API, with connections of his own."""

    http: httpx.Client
    patient: Patient | None

    @classmethod
    def sign_in(cls, address: str, user: User, patient: Patient | None = None) -> "Client":
        """With a token, as a program would."""
        token = tokens.sign_in(user, now=timezone.now()).access_token
        headers = {"Authorization": f"Bearer {token}"}
        http = httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=PATIENCE, trust_env=False)
        return cls(http, patient)

    def book(
        self, doctor: Doctor, starts_at: datetime, visit_type: VisitType | None = None, key: str = ""
    ) -> httpx.Response:
        """POST appointments/."""
        body = {"doctor": str(doctor.pk), "starts_at": starts_at.isoformat()}
        if visit_type is not None:
            body["visit_type"] = str(visit_type.pk)
        return self.http.post("appointments/", json=body, headers={"Idempotency-Key": key} if key else {})

    def hold(self, doctor: Doctor, starts_at: datetime) -> httpx.Response:
        """POST holds/."""
        return self.http.post("holds/", json={"doctor": str(doctor.pk), "starts_at": starts_at.isoformat()})

    def book_hold(self, hold: dict[str, Any]) -> httpx.Response:
        """POST appointments/ with what hold() answered."""
        return self.http.post("appointments/", json={"hold": hold["id"], "hold_key": hold["hold_key"]})

    def cancel(self, appointment: str) -> httpx.Response:
        """POST cancel/."""
        return self.http.post(f"appointments/{appointment}/cancel/", json={"reason": "a race"})

    def move(self, appointment: str, starts_at: datetime, doctor: Doctor | None = None) -> httpx.Response:
        """POST reschedule/."""
        body = {"starts_at": starts_at.isoformat()} | ({"doctor": str(doctor.pk)} if doctor else {})
        return self.http.post(f"appointments/{appointment}/reschedule/", json=body)


def together(crew: ThreadPoolExecutor, *calls: Callable[[], T]) -> list[T]:
    """Make all calls at the same moment, each in a thread; their answers in the order of the calls."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(PATIENCE)
        return call()

    return list(crew.map(run, calls, timeout=4 * PATIENCE))


def statuses(answers: Sequence[httpx.Response]) -> dict[int, int]:
    """How often each status was answered."""
    return dict(Counter(answer.status_code for answer in answers))


def starts(number: int, *, minutes: int = 30) -> list[datetime]:
    """So many starts, none touching the next, from a fortnight ahead; UTC, between 08:00 and 16:00."""
    first = datetime.combine(timezone.now().date() + timedelta(days=14), time(8), tzinfo=UTC)
    a_day = 8 * 60 // minutes
    return [first + timedelta(days=n // a_day, minutes=n % a_day * minutes) for n in range(number)]


DOUBLES = """
    SELECT count(*) FROM clinic_appointment one JOIN clinic_appointment other
    ON one.{owner} = other.{owner} AND one.id < other.id
    AND one.{start} < other.{end} AND other.{start} < one.{end}
    WHERE one.status NOT IN ('cancelled', 'no_show') AND other.status NOT IN ('cancelled', 'no_show')
"""


def doubles() -> tuple[int, int]:
    """How many pairs of visits share a doctor, and how many a patient, at the same time."""
    with connection.cursor() as cursor:
        found = []
        for owner, start, end in (
            ("doctor_id", "occupied_from", "occupied_until"),
            ("patient_id", "starts_at", "ends_at"),
        ):
            cursor.execute(DOUBLES.format(owner=owner, start=start, end=end))
            found.append(int(cursor.fetchone()[0]))
    return found[0], found[1]


def deadlocks() -> int:
    """How many this database has counted, of the connections that have been closed and of our own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
