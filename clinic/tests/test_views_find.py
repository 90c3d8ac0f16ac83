"""The first screen: finding a time."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Patient
from clinic.models import Appointment, Doctor, Site, Specialty, Status
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)
from clinic.tests.portal import pick, text_of, times

pytestmark = pytest.mark.usefixtures("clock")


def test_find_when_nothing_is_asked(client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    make_time_off(NOW, at("09:00"), dr_chen)

    response = client.get("/")

    words = text_of(response)
    assert "2 doctors have free times. The first is Mon 22 February 2027, 09:30 (CET)." in words
    assert words.index("Dr. Ana Diaz Mon 22 February 2027 Berlin Mitte (CET)") < words.index("Dr. Wei Chen")
    assert times(response)[:2] == ["2027-02-22T09:30:00+01:00", "2027-02-22T10:00:00+01:00"]
    assert len(times(response)) == 12
    assert "session" not in client.cookies


def test_find_changes_nothing(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    before = list(Appointment.objects.values())

    # case 093
    for url in ("/", f"/?of={dr_chen.pk}", f"/?lost-doctor={dr_chen.pk}&lost-starts_at=2027-03-01T09:30:00Z"):
        assert client.get(url).status_code == 200
        assert client.head(url).status_code == 200
    for name in ("hold", "keep", "give-back"):
        assert client.get(reverse(name)).status_code == 405
        assert client.head(reverse(name)).status_code == 405

    assert list(Appointment.objects.values()) == before


def test_find_by_specialty(client: Client, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    dr_diaz.specialties.add(Specialty.objects.create(name="Dermatology"))

    words = text_of(client.get("/", {"q": "dermatology"}))

    assert "Dr. Ana Diaz" in words
    assert "Dr. Wei Chen" not in words


def test_find_by_visit(client: Client, dr_chen: Doctor) -> None:
    """The words choose the visit; the other visits are one link away."""
    long, short = make_visit_type(name="Check-up", minutes=45), make_visit_type(name="Consultation", minutes=15)
    dr_chen.visit_types.set([long, short])

    page = client.get("/", {"q": "check-up"}).content.decode()

    assert f'name="visit_type" value="{long.pk}"' in page
    assert f"?q=Consultation&amp;of={dr_chen.pk}" in page


def test_find_by_place_and_day(client: Client, dr_chen: Doctor, dr_diaz: Doctor, berlin: Site) -> None:
    lisbon = make_site(name="Lisboa", time_zone="Europe/Lisbon")
    make_hours(dr_diaz, lisbon, "14:00", "15:00", weekdays=[0])

    response = client.get("/", {"site": lisbon.pk, "day": "2027-02-23"})

    # A site's times are told on its own clock.
    assert times(response)[0] == "2027-03-01T14:00:00+00:00"
    assert "Mon 1 March 2027 Lisboa (WET)" in text_of(response)
    assert "Dr. Wei Chen" not in text_of(response)


def test_find_when_the_day_is_past(client: Client, dr_chen: Doctor) -> None:
    response = client.get("/", {"day": "0001-01-01"})

    assert times(response)[0] == "2027-02-22T09:30:00+01:00"


def test_find_when_nothing_is_free_from_that_day_on(client: Client, dr_chen: Doctor) -> None:
    response = client.get("/", {"day": "9999-12-31", "q": "chen"})

    assert "The next free time is Mon 22 February 2027, 09:30 (CET)." in text_of(response)
    assert "/?q=chen&amp;day=2027-02-22" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [({"q": "xyz"}, "Nobody answers to this search"), ({"site": ""}, "Nobody answers to this search")],
)
def test_find_when_there_is_nobody(query: dict[str, str], words: str, client: Client, db: None) -> None:
    assert words in text_of(client.get("/", query))


def test_find_when_everything_is_taken(client: Client, dr_chen: Doctor) -> None:
    make_time_off(NOW, NOW + timedelta(days=400), dr_chen)

    words = text_of(client.get("/"))

    assert "Nothing is free" in words


@pytest.mark.parametrize(
    "query",
    [
        *({"day": "2027-13-45"}, {"day": "x"}, {"site": "x"}, {"q": "\x00"}, {"q": "x" * 101}, {"doctor": "\x00"}),
        {"site": "0f0f0f0f-0000-4000-8000-000000000000"},
    ],
)
def test_find_when_the_search_is_nonsense(query: dict[str, str], client: Client, dr_chen: Doctor) -> None:
    response = client.get("/", query)

    assert response.status_code == 200
    assert "Please correct this" in text_of(response)


@pytest.mark.parametrize(
    "query",
    [
        *({"page": "99"}, {"page": "x"}, {"of": "x"}, {"of": "\x00"}, {"lost-doctor": "x"}),
        {"of": "0f0f0f0f-0000-4000-8000-000000000000"},
        {"lost-doctor": "{doctor}", "lost-starts_at": "9999-12-31T23:59:59-14:00"},
        {"lost-doctor": "{doctor}", "lost-starts_at": "0001-01-01T00:00:00+14:00"},
        {"lost-doctor": "{doctor}", "lost-starts_at": "1970-01-01T00:00:00Z"},
        {"lost-doctor": "{doctor}", "lost-starts_at": "9000-01-01T00:00:00Z", "lost-visit_type": "x"},
        {"of": "{doctor}", "day": "9999-12-31"},
    ],
)
def test_find_when_the_address_was_tampered_with(query: dict[str, str], client: Client, dr_chen: Doctor) -> None:
    query = {name: value.format(doctor=dr_chen.pk) for name, value in query.items()}

    response = client.get("/", query)

    assert response.status_code == 200
    assert "Dr. Wei Chen" in text_of(response)


def test_find_one_doctor(client: Client, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    """More days: all of his times in two weeks, and the way on and back."""
    response = client.get("/", {"of": dr_chen.pk, "day": "2027-03-01"})

    assert len(times(response)) == 60
    assert "Dr. Ana Diaz" not in text_of(response).replace("Dr. Ana Diaz ,", "")
    assert f"/?day=2027-03-15&amp;of={dr_chen.pk}" in response.content.decode()
    assert f"/?day=2027-02-22&amp;of={dr_chen.pk}" in response.content.decode()


def test_find_one_doctor_when_he_is_away_for_long(client: Client, dr_chen: Doctor) -> None:
    make_time_off(NOW, at("09:00", MONDAY + timedelta(days=28)), dr_chen)

    response = client.get("/", {"of": dr_chen.pk})

    assert "Nothing is free in these two weeks. The next free day is Mon 29 March 2027." in text_of(response)
    assert f"/?of={dr_chen.pk}&amp;day=2027-03-29" in response.content.decode()


@pytest.mark.parametrize("instead", [{"status": "occupied"}, {"approval": "pending"}])
def test_find_one_doctor_when_he_takes_no_bookings(instead: dict[str, str], client: Client, dr_chen: Doctor) -> None:
    Doctor.objects.update(**instead)

    assert times(client.get("/", {"of": dr_chen.pk})) == []


def test_find_when_the_clock_shows_an_hour_twice(client: Client, dr_chen: Doctor, berlin: Site) -> None:
    night = at("00:00", MONDAY.replace(month=10, day=31))
    dr_chen.weekly_hours.all().delete()
    make_extra_hours(dr_chen, berlin, night + timedelta(hours=2), night + timedelta(hours=4))

    with time_machine.travel(night - timedelta(days=1), tick=False):
        words = text_of(client.get("/"))

    assert "02:00 CEST" in words
    assert "02:00 CET" in words


def test_find_for_htmx(client: Client, dr_chen: Doctor) -> None:
    """htmx gets the part that it asks for; with the back button the whole page."""
    results = client.get("/", headers={"HX-Request": "true", "HX-Target": "results"})
    card = client.get("/", {"of": dr_chen.pk}, headers={"HX-Request": "true", "HX-Target": f"doctor-{dr_chen.pk}"})
    again = {"HX-Request": "true", "HX-Target": "results", "HX-History-Restore-Request": "true"}

    assert b"<html" not in results.content
    assert b'id="results"' in results.content
    assert card.content.strip().startswith(f'<li class="opening has-times" id="doctor-{dr_chen.pk}"'.encode())
    assert b"<html" in client.get("/", headers=again).content
    assert "no-store" in card.headers["Cache-Control"]


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("url", ["/", "/?q=check-up", "/?day=2027-03-01"])
def test_find_asks_as_often_for_many_as_for_few(url: str, client: Client, berlin: Site, alice: Patient) -> None:
    kinds = make_visit_type(name="Check-up"), make_visit_type(name="Long check-up", minutes=60)

    def doctors(number: int) -> None:
        for _ in range(number):
            doctor = make_doctor(visit_types=kinds)
            doctor.specialties.add(Specialty.objects.create(name=f"Specialty {doctor.pk}"))
            make_hours(doctor, berlin)
            make_appointment(doctor, None, at("09:00"), status=Status.HELD, hold_expires_at=NOW + timedelta(days=9))

    doctors(4)
    few = count_queries(client, url)
    doctors(8)

    assert count_queries(client, url) == few
