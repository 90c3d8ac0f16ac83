"""A doctor's visits that wait to be moved."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic.models import Appointment, Doctor, Specialty, ToBeMoved
from clinic.tests.factories import MONDAY, at, make_appointment, make_time_off
from clinic.tests.portal import text_of, times

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)


@pytest.fixture
def chen(client: Client, dr_chen: Doctor) -> Client:
    """Dr. Chen's browser."""
    client.force_login(dr_chen.user)
    return client


def flagged(visit: Appointment) -> Appointment:
    """A visit that waits to be moved, because its doctor is away on its day."""
    first, last = at("00:00", MONDAY), at("00:00", MONDAY + DAY)
    away = make_time_off(first, last, visit.doctor)
    ToBeMoved.objects.create(appointment=visit, cause="exception", exception=away)
    return visit


def test_to_be_moved_when_nobody_waits(chen: Client, dr_diaz: Doctor, bob: Patient) -> None:
    flagged(make_appointment(dr_diaz, bob, at("09:30")))

    words = text_of(chen.get("/to-be-moved/"))

    assert "Nobody waits to be moved" in words
    assert "Bob" not in words


def test_to_be_moved_by_one_click(chen: Client, dr_chen: Doctor, alice: Patient) -> None:
    # case 033
    visit = flagged(make_appointment(dr_chen, alice, at("09:30"), reason="A rash"))

    page = chen.get("/to-be-moved/")

    assert "Alice Archer Mon 1 March 2027, 09:30 (CET)" in text_of(page)
    assert "A rash" not in text_of(page)
    assert len(times(page)) == 3
    told = {"doctor": dr_chen.pk, "version": visit.etag, "starts_at": times(page)[0]}
    after = chen.post(f"/to-be-moved/{visit.pk}/", told, follow=True)
    assert "Moved to Tue 2 March 2027, 09:00 (CET). The patient is being told." in text_of(after)
    assert "Nobody waits to be moved" in text_of(after)
    moved = Appointment.objects.get()
    assert (moved.pk, moved.starts_at) == (visit.pk, at("09:00", MONDAY + DAY))
    assert ToBeMoved.objects.get().resolved_at is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": "old"}, "It was changed meanwhile; please look again."),
        ({"starts_at": "2027-03-02T09:00:00"}, "This time cannot be booked; please choose another."),
        ({"starts_at": "9999-12-31T09:00:00Z"}, "This time cannot be booked"),
        ({"starts_at": "2099-12-31T09:00:00Z"}, "too far ahead"),
        ({"starts_at": "\x00"}, "This time cannot be booked; please choose another."),
        ({"starts_at": "2027-03-01T09:00:00Z"}, "The doctor is away at this time."),
    ],
)
def test_to_be_moved_when_refused(
    changes: dict[str, str], words: str, chen: Client, dr_chen: Doctor, alice: Patient
) -> None:
    visit = flagged(make_appointment(dr_chen, alice, at("09:30")))
    told = {"doctor": dr_chen.pk, "version": visit.etag, "starts_at": "2027-03-02T09:00:00+01:00"}

    page = chen.post(f"/to-be-moved/{visit.pk}/", told | changes, follow=True)

    assert words in text_of(page)
    assert Appointment.objects.get().starts_at == visit.starts_at


def test_to_be_moved_into_a_colleagues_calendar(chen: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    """Only the desk does that: the page says so, and no crafted request gets past it."""
    visit = flagged(make_appointment(dr_chen, alice, at("09:30")))
    for doctor in (dr_chen, dr_diaz):
        doctor.specialties.add(Specialty.objects.get_or_create(name="Cardiology")[0])
    dr_chen.weekly_hours.all().delete()
    told = {"doctor": dr_diaz.pk, "version": visit.etag, "starts_at": at("09:30").isoformat()}

    page = chen.get("/to-be-moved/")

    assert "colleagues have. Please ask the front desk." in text_of(page)
    assert not times(page)
    assert chen.post(f"/to-be-moved/{visit.pk}/", told).status_code == 404
    assert Appointment.objects.get().doctor == dr_chen


def test_to_be_moved_of_a_colleague(chen: Client, dr_diaz: Doctor, bob: Patient) -> None:
    visit = flagged(make_appointment(dr_diaz, bob, at("09:30")))
    told = {"doctor": dr_diaz.pk, "version": visit.etag, "starts_at": at("10:00", MONDAY + DAY).isoformat()}

    assert chen.post(f"/to-be-moved/{visit.pk}/", told).status_code == 404
    assert Appointment.objects.get().starts_at == visit.starts_at


def test_to_be_moved_asks_as_often_for_many_as_for_few(chen: Client, dr_chen: Doctor, alice: Patient) -> None:
    flagged(make_appointment(dr_chen, alice, at("09:00")))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            chen.get("/to-be-moved/")
        return len(queries)

    count()
    few = count()
    for number in range(1, 5):
        flagged(make_appointment(dr_chen, make_patient(), at("09:00") + timedelta(minutes=30 * number)))

    assert count() == few
