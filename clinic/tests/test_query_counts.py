"""How much the database is asked by slots and by booking: as much for many rows as for few."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic import booking, slots
from clinic.booking import Visitor
from clinic.models import Appointment, Doctor, Site, Status
from clinic.slots import Span
from clinic.tests.calendars import DAY
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_doctor, make_hours, make_time_off

WEEK = Span(MONDAY, MONDAY + 7 * DAY)


def queries(ask: Callable[[], object]) -> list[str]:
    """What the database is asked."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    return [query["sql"] for query in asked]


@pytest.fixture
def doctors(berlin: Site) -> list[Doctor]:
    """Three."""
    return grow(berlin, 3)


def grow(site: Site, number: int) -> list[Doctor]:
    """All doctors, after ``number`` more with hours, time off, visits of each kind and holds, all in the way."""
    for _number in range(number):
        doctor = make_doctor()
        make_hours(doctor, site)
        make_time_off(at("11:00"), at("11:30"), doctor)
        for day in range(14):
            make_appointment(doctor, make_patient(), at("09:00", MONDAY + day * DAY))
            make_appointment(doctor, None, at("09:30", MONDAY + day * DAY), status=Status.HELD, hold_expires_at=NOW)
            make_appointment(doctor, make_patient(), at("10:00", MONDAY - day * DAY), status=Status.CANCELLED)
    return list(Doctor.objects.select_related("user"))


def test_search_asks_three_times(berlin: Site, doctors: list[Doctor]) -> None:
    few = queries(lambda: slots.search(doctors, WEEK, now=NOW))
    more = grow(berlin, 3)

    many = queries(lambda: slots.search(more, WEEK, now=NOW))

    assert len(many) == len(few) <= 4  # hours, exceptions, appointments; and the sites of the hours


def test_search_with_a_limit_asks_as_often(berlin: Site, doctors: list[Doctor]) -> None:
    few = queries(lambda: slots.search(doctors, WEEK, now=NOW, limit=20))
    more = grow(berlin, 3)

    assert len(queries(lambda: slots.search(more, WEEK, now=NOW, limit=20))) == len(few)


def test_first_openings_ask_as_often(berlin: Site, doctors: list[Doctor]) -> None:
    few = queries(lambda: slots.first_openings(doctors, now=NOW, count=3))
    more = grow(berlin, 3)

    assert len(queries(lambda: slots.first_openings(more, now=NOW, count=3))) == len(few)


def test_nearest_asks_as_often(berlin: Site, doctors: list[Doctor]) -> None:
    few = queries(lambda: slots.nearest(doctors[0], at("10:00"), now=NOW))
    grow(berlin, 3)

    assert len(queries(lambda: slots.nearest(doctors[0], at("10:00"), now=NOW))) == len(few)


class Story:
    """One patient's dealings with one doctor, each told by the queries that it takes."""

    def __init__(self, doctor: Doctor, other: Doctor, patient: Patient) -> None:
        self.doctor, self.other, self.patient = doctor, other, patient
        self.told: dict[str, int] = {}

    def tell(self, name: str, act: Callable[[], Appointment]) -> Appointment:
        made: list[Appointment] = []
        self.told[name] = len(queries(lambda: made.append(act())))
        return made[0]

    def run(self, day: int) -> dict[str, int]:
        """All verbs."""
        by, visitor, when = self.patient.user, Visitor.person(self.patient.user), MONDAY + day * DAY
        start, later = at("10:00", when), at("10:30", when)
        held = self.tell(
            "hold",
            lambda: booking.hold(doctor=self.doctor, starts_at=start, visitor=visitor, by=by, now=NOW),
        )
        self.tell("extend", lambda: booking.extend(held, now=NOW))
        booked = self.tell("book_hold", lambda: booking.book_hold(held, patient=self.patient, by=by, now=NOW))
        self.tell("move", lambda: booking.reschedule(booked, starts_at=later, doctor=self.other, by=by, now=NOW))
        self.tell("cancel", lambda: booking.cancel(booked, by=by, now=NOW))
        self.tell(
            "book",
            lambda: booking.book(doctor=self.doctor, patient=self.patient, starts_at=start, by=by, now=NOW),
        )
        return self.told


def test_verbs_ask_as_often_when_rows_double(berlin: Site, doctors: list[Doctor], alice: Patient) -> None:
    Story(doctors[0], doctors[1], alice).run(day=3)  # what is asked once and remembered is remembered by now
    few = Story(doctors[0], doctors[1], alice).run(day=1)
    grow(berlin, 3)
    for number in range(5):
        make_appointment(doctors[0], alice, at("11:30", MONDAY + (20 + number) * DAY))

    many = Story(doctors[0], doctors[1], alice).run(day=2)

    assert many == few
    assert max(many.values()) < 30  # a bound for all: locks, three calendars, rules, the row


def test_many_holds_that_ran_out_are_removed_at_once(dr_chen: Doctor, alice: Patient) -> None:
    def book(day: int) -> Appointment:
        start = at("09:00", MONDAY + day * DAY)
        return booking.book(doctor=dr_chen, patient=alice, starts_at=start, by=alice.user, now=NOW)

    make_appointment(dr_chen, None, at("09:00"), status=Status.HELD, hold_expires_at=NOW)
    few = queries(lambda: book(0))
    for minute in range(0, 30, 5):
        start = at("09:00", MONDAY + DAY) + timedelta(minutes=minute)
        make_appointment(dr_chen, None, start, minutes=5, status=Status.HELD, hold_expires_at=NOW)

    many = queries(lambda: book(1))

    assert len(many) == len(few)
    assert Appointment.objects.count() == 2
