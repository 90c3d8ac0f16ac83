"""Hours are changed all the time while patients book: what is accepted lay in hours, and nobody is forgotten."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from threading import Event
from time import monotonic
from typing import Any

import httpx
import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.factories import make_patient, make_user
from clinic import availability, slots
from clinic.models import Appointment, Doctor, Status, ToBeMoved, WeeklyHours
from clinic.tests.factories import make_appointment
from scheduler.tests.races.clients import Client, doubles, starts

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
PEOPLE = 8
SLOT = timedelta(minutes=15)
SHAPES = [(time(8), time(16)), (time(8), time(12)), (time(12), time(16)), (time(9, 30), time(14, 30))]
AWAY = (time(10), time(13))
REFUSALS = {"outside_hours", "time_off", "slot_taken", "off_grid", "patient_busy"}


@dataclass(frozen=True)
class State:
    """When the doctor works on the day of the race, UTC; ``is_away`` says that he has time off in AWAY."""

    shape: tuple[time, time]
    is_away: bool = False

    def allows(self, start: datetime) -> bool:
        """Whether a visit may begin then."""
        begins, ends = start.time(), (start + SLOT).time()
        works = self.shape[0] <= begins and ends <= self.shape[1]
        return works and not (self.is_away and begins < AWAY[1] and ends > AWAY[0])


@dataclass(frozen=True)
class Done:
    """Something that was asked and answered, at moments of one clock."""

    asked: float
    answered: float
    what: Any


def unlawful(booked: list[Done], states: list[Done]) -> list[datetime]:
    """Accepted starts that no state allowed which may have held while they were being booked.

    A state may hold from when it is asked for until the next one is answered.
    """
    ends = [state.answered for state in states[1:]] + [float("inf")]
    return [
        one.what
        for one in booked
        if not any(
            state.asked <= one.answered and until >= one.asked and state.what.allows(one.what)
            for state, until in zip(states, ends, strict=True)
        )
    ]


def forgotten(now: State) -> list[Appointment]:
    """Visits outside hours that nobody is told to move, and visits within hours that somebody is."""
    flagged = set(ToBeMoved.objects.filter(resolved_at=None).values_list("appointment", flat=True))
    standing = Appointment.objects.filter(status=Status.SCHEDULED)
    return [visit for visit in standing if (visit.pk in flagged) == now.allows(visit.starts_at)]


@dataclass
class Editor:
    """Changes the hours and the time off of one day until time is up."""

    client: httpx.Client
    hours: str
    day: datetime
    dice: Random
    states: list[Done] = field(default_factory=lambda: [Done(0, 0, State(SHAPES[0]))])
    time_off: str = ""

    def live(self, goes_on: Callable[[], bool], pause: Event) -> "Editor":
        """Do so, with pauses in which somebody can book."""
        while goes_on():
            self.toggle() if self.dice.random() < 0.4 else self.reshape()
            pause.wait(self.dice.random() / 20)
        return self

    def reshape(self) -> None:
        """Other hours."""
        shape = self.dice.choice(SHAPES)
        body = {"starts": f"{shape[0]:%H:%M}", "ends": f"{shape[1]:%H:%M}"}
        self._note(State(shape, self.now.is_away), "PATCH", f"availability/{self.hours}/", body)

    def toggle(self) -> None:
        """Time off, or no more."""
        state = State(self.now.shape, not self.now.is_away)
        if self.time_off:
            self._note(state, "DELETE", f"exceptions/{self.time_off}/", None)
            self.time_off = ""
            return
        begins, ends = (datetime.combine(self.day, clock, tzinfo=self.day.tzinfo).isoformat() for clock in AWAY)
        doctor = str(WeeklyHours.objects.get(pk=self.hours).doctor_id)
        body = {"kind": "time_off", "doctor": doctor, "starts_at": begins, "ends_at": ends, "confirm": True}
        self.time_off = self._note(state, "POST", "exceptions/", body).json()["id"]

    @property
    def now(self) -> State:
        """The last one."""
        state: State = self.states[-1].what
        return state

    def _note(self, state: State, method: str, path: str, body: Any) -> httpx.Response:
        asked = monotonic()
        answer = self.client.request(method, path, json=body)
        assert answer.is_success, answer.text
        self.states.append(Done(asked, monotonic(), state))
        return answer


@dataclass
class Person:
    """Books whatever comes to his mind, and gives some of it up again."""

    client: Client
    doctor: Doctor
    wishes: list[datetime]
    dice: Random
    booked: list[Done] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    mine: list[str] = field(default_factory=list)

    def live(self, goes_on: Callable[[], bool]) -> "Person":
        """Do so."""
        while goes_on():
            if self.mine and self.dice.random() < 0.45:
                self.client.cancel(self.mine.pop(0))
            start = self.dice.choice(self.wishes)
            asked = monotonic()
            answer = self.client.book(self.doctor, start)
            self.told[answer.json().get("error", {}).get("code", "booked")] += 1
            if answer.status_code == httpx.codes.CREATED:
                self.booked.append(Done(asked, monotonic(), start))
                self.mine.append(answer.json()["id"])
        return self


@pytest.fixture
def office(address: str, transactional_db: None) -> Iterator[Client]:
    """An administrator, signed in."""
    user: User = make_user(Role.ADMIN)
    client = Client.sign_in(address, user)
    yield client
    client.http.close()


def of_the_day(doctor: Doctor, day: datetime) -> WeeklyHours:
    return doctor.weekly_hours.get(weekday=day.weekday())


def test_judges_see_what_is_wrong(crew: ThreadPoolExecutor, doctor: Doctor) -> None:
    """The control: who looks, and inserts without a lock, books where nobody works any more, and it is seen."""
    start, admin = starts(1)[0], make_user(Role.ADMIN)
    all_day, afternoon = State(SHAPES[0]), State(SHAPES[2])
    looked, removed = Event(), Event()

    def naively() -> Done:
        asked = monotonic()
        try:
            slots.check(doctor, start, now=timezone.now(), binds_patient=True)
            looked.set()
            removed.wait(30)
            make_appointment(doctor, make_patient(), start, minutes=15)
            return Done(asked, monotonic(), start)
        finally:
            connections.close_all()

    booked = crew.submit(naively)
    looked.wait(30)
    hours = of_the_day(doctor, start)
    hours.starts, hours.ends = afternoon.shape
    asked = monotonic()
    availability.set_hours(hours, by=admin, now=timezone.now())
    change = Done(asked, monotonic(), afternoon)
    removed.set()
    late = booked.result(30)

    assert forgotten(afternoon) == [Appointment.objects.get()]
    # As if it had been asked for when the change was known.
    assert unlawful([Done(change.answered + 1, change.answered + 2, start)], [Done(0, 0, all_day), change]) == [start]
    assert unlawful([late], [Done(0, 0, all_day), change]) == []


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.long)])
def test_book_while_hours_change(
    seconds: int,
    crew: ThreadPoolExecutor,
    patients: Callable[[int], list[Client]],
    office: Client,
    doctor: Doctor,
) -> None:
    wishes = starts(32, minutes=15)
    editor = Editor(office.http, str(of_the_day(doctor, wishes[0]).pk), wishes[0], Random(5))
    people = [Person(one, doctor, wishes, Random(number)) for number, one in enumerate(patients(PEOPLE))]
    until = monotonic() + seconds

    lives = [crew.submit(person.live, lambda: monotonic() < until) for person in people]
    editor.live(lambda: monotonic() < until, Event())
    for life in lives:
        life.result(60)

    booked = [one for person in people for one in person.booked]
    told = sum((person.told for person in people), Counter[str]())
    assert set(told) <= REFUSALS | {"booked"}, told
    # It was a race: hours changed, visits were booked, and others refused for the changes' sake.
    assert len(editor.states) > seconds, len(editor.states)
    assert min(told[code] for code in ("booked", "outside_hours", "time_off")) > seconds, told
    assert unlawful(booked, editor.states) == []
    assert forgotten(editor.now) == []
    assert doubles() == (0, 0)
