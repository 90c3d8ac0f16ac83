"""How many questions the database is asked: as many for a hundred rows as for two."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic.models import Department, Doctor, Site, Specialty
from clinic.tests.clients import Caller
from clinic.tests.factories import MONDAY, at, make_appointment, make_doctor, make_hours, make_visit_type

pytestmark = pytest.mark.usefixtures("clock")


def queries(ask: Callable[[], Any], status: int = 200) -> int:
    """How many queries one request needs, throttles included."""
    with CaptureQueriesContext(connection) as asked:
        answer = ask()
    assert answer.status_code == status, answer.content
    return len(asked)


def more_doctors(berlin: Site, count: int) -> None:
    """Doctors with all that the directory tells of one."""
    heart, _ = Specialty.objects.get_or_create(name="Cardiology")
    ward, _ = Department.objects.get_or_create(name="Heart Centre")
    for _number in range(count):
        doctor = make_doctor(visit_types=(make_visit_type(), make_visit_type()))
        doctor.specialties.add(heart)
        doctor.departments.add(ward)
        make_hours(doctor, berlin)


@pytest.mark.parametrize(
    "path",
    [
        *("doctors/", "departments/", "specialties/", "sites/", "visit-types/", "doctors/?search=cardiology"),
        *(
            "slots/?site={site}",
            "slots/?site={site}&from=2027-03-01&to=2027-04-01&limit=500",
            "slots/next/?site={site}",
        ),
    ],
)
def test_directory_and_slots(berlin: Site, path: str) -> None:  # fault B0-26
    caller, path = Caller(), path.format(site=berlin.pk)
    more_doctors(berlin, 2)
    caller.get(path)
    few = queries(lambda: caller.get(path))

    more_doctors(berlin, 6)

    assert queries(lambda: caller.get(path)) <= few


@pytest.mark.parametrize("path", ["appointments/", "appointments/?when=upcoming", "appointments/?from=2027-03-01"])
@pytest.mark.parametrize("who", ["rita", "dr_chen"])
def test_appointments(dr_chen: Doctor, rita: User, path: str, who: str) -> None:
    caller = Caller(rita if who == "rita" else dr_chen.user)

    def more(first_day: int, days: int) -> None:
        for number in range(first_day, first_day + days):
            day = MONDAY + timedelta(days=number)
            make_appointment(dr_chen, make_patient(), at("09:00", day), reason="why", visit_type=make_visit_type())

    more(0, 2)
    caller.get(path)
    few = queries(lambda: caller.get(path))

    more(2, 10)

    assert queries(lambda: caller.get(path)) == few


def test_booking(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    def book(caller: Caller, clock: str, day: int = 0) -> int:
        body = {"doctor": str(dr_chen.pk), "starts_at": at(clock, MONDAY + timedelta(days=day)).isoformat()}
        return queries(lambda: caller.post("appointments/", body), 201)

    first, second = Caller(alice.user), Caller(bob.user)
    book(first, "09:00")
    book(second, "09:30")
    few = book(first, "10:00")
    for number in range(40):
        make_appointment(dr_chen, make_patient(), at("09:00", MONDAY + timedelta(days=number + 1)))

    assert book(second, "10:30") == few
    assert few <= 38  # three of them write the message, two grant the chart


def test_holding_moving_and_cancelling(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)

    def round_trip(day: int) -> list[int]:
        starts = [at(clock, MONDAY + timedelta(days=day)).isoformat() for clock in ("09:30", "10:00")]
        body = {"doctor": str(dr_chen.pk), "starts_at": starts[0]}
        held = queries(lambda: caller.post("holds/", body), 201)
        booked = caller.post("appointments/", body).json()["id"]
        moved = queries(lambda: caller.post(f"appointments/{booked}/reschedule/", {"starts_at": starts[1]}))
        return [held, moved, queries(lambda: caller.post(f"appointments/{booked}/cancel/"))]

    round_trip(0)
    few = round_trip(1)
    for number in range(40):
        make_appointment(dr_chen, make_patient(), at("09:00", MONDAY + timedelta(days=number)))

    assert round_trip(2) == few
