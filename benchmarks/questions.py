"""Pages and calls as browsers and programs ask for them: how long, and with how many queries."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clinic import booking, slots
from clinic.models import Doctor

TIMES = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """The fastest of TIMES runs, in milliseconds (others on the machine disturb it least), and the queries of one."""

    milliseconds: float
    queries: int


def ask_all() -> dict[str, Answer]:
    """Every question, asked of the clinic as it is now."""
    # doctor1 is in both clinics, and has his share of the past appointments.
    doctor = Doctor.objects.get(user__email="doctor1@example.org")
    stranger, patient, staff = Client(), _signed_in("patient1@example.org"), _signed_in("reception@example.org")
    until = (timezone.now() + timedelta(days=30)).date().isoformat()
    return {
        "one doctor's month (API)": _ask(_get(stranger, "api-slots", f"?doctor={doctor.pk}&to={until}&limit=500")),
        "first openings of all doctors (API)": _ask(_get(stranger, "api-next-slots", f"?site={_site(doctor)}")),
        "Find": _ask(_get(stranger, "find")),
        "Find, in words": _ask(_get(stranger, "find", "?q=cardiology")),
        "my appointments": _ask(_get(patient, "my-appointments")),
        "all appointments, newest page (API)": _ask(_get(staff, "api-appointment-list", "?when=upcoming")),
        "booking, taken back": _ask(_book_and_undo(doctor)),
    }


def print_table(small: dict[str, Answer], large: dict[str, Answer], *, sizes: tuple[int, int]) -> None:
    """One line for each question; a ratio near 1 means that the past costs nothing."""
    print(f"\n{'past appointments':40}{sizes[0]:>12,}{sizes[1]:>14,}{'ratio':>8}   queries")
    for name, few in small.items():
        many = large[name]
        times = f"{few.milliseconds:>9.1f} ms{many.milliseconds:>11.1f} ms{many.milliseconds / few.milliseconds:>8.2f}"
        print(f"{name:40}{times}   {few.queries}, {many.queries}")


def _ask(question: Callable[[], object]) -> Answer:
    question()
    with CaptureQueriesContext(connection) as captured:
        question()
    queries = len(captured)  # now: the next request empties the log
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        question()
        taken.append(time.perf_counter() - begun)
    return Answer(min(taken) * 1000, queries)


def _get(client: Client, name: str, query: str = "") -> Callable[[], object]:
    def get() -> None:
        answer = client.get(reverse(name) + query)
        assert answer.status_code == 200, (name, answer.status_code)

    return get


def _book_and_undo(doctor: Doctor) -> Callable[[], object]:
    user = User.objects.get(email="patient1@example.org")
    now = timezone.now()
    slot = slots.first_openings([doctor], now=now)[doctor.pk][0]

    def book() -> None:
        with transaction.atomic():
            booking.book(doctor=doctor, patient=user.patient, starts_at=slot.starts_at, by=user, now=now)
            transaction.set_rollback(True)

    return book


def _signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email), "django.contrib.auth.backends.ModelBackend")
    return client


def _site(doctor: Doctor) -> object:
    hours = doctor.weekly_hours.first()
    assert hours is not None
    return hours.site_id
