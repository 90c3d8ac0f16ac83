"""The desk's page of public holidays."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Patient, User
from clinic.models import Doctor, ScheduleException, ToBeMoved
from clinic.tests.desk import client_of
from clinic.tests.factories import at, make_appointment

pytestmark = pytest.mark.usefixtures("clock", "berlin")
ASKED = {"country": "DE", "subdivision": "BE", "year": "2027", "site": ""}


@pytest.fixture
def address() -> str:
    return reverse("admin:desk-public-holidays")


def test_page_asks_at_first(adam: User, address: str) -> None:
    page = client_of(adam).get(address).content.decode()

    assert '<option value="DE" selected>Germany</option>' in page
    assert '<option value="BE">Berlin</option>' in page
    assert "Easter Monday" not in page


def test_days_are_previewed_with_the_visits_they_hit(adam: User, alice: Patient, dr_chen: Doctor, address: str) -> None:
    make_appointment(dr_chen, alice, at("10:00", date(2027, 3, 8)))

    page = client_of(adam).get(address, ASKED).content.decode()

    assert 'value="2027-03-29"' in page
    assert 'value="2027-01-01"' not in page
    assert "1 visit loses its place" in page
    assert "Mon 8 March 2027, 10:00 (CET): Alice Archer with Dr. Wei Chen" in page
    assert not ScheduleException.objects.exists()


def test_days_that_are_ticked_are_closed(adam: User, alice: Patient, dr_chen: Doctor, address: str) -> None:
    make_appointment(dr_chen, alice, at("10:00", date(2027, 3, 8)))

    answer = client_of(adam).post(address, ASKED | {"days": ["2027-03-08", "2027-03-29"]}, follow=True)

    page = answer.content.decode()
    assert "2 closures are added." in page
    assert "1 visit is to be moved." in page
    assert 'value="2027-03-29"' not in page
    assert ScheduleException.objects.count() == 2
    assert ToBeMoved.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"country": "XX"},
        {"country": ""},
        {"year": "1"},
        {"year": "nonsense"},
        {"site": "nonsense"},
        {"days": []},
        {"days": ["2027-03-09"]},
        {"days": ["nonsense"]},
        {"country": "UA"},
    ],
)
def test_what_cannot_be_is_refused(adam: User, address: str, said: dict[str, Any]) -> None:  # case 150
    answer = client_of(adam).post(address, ASKED | {"days": ["2027-03-08"]} | said)

    assert answer.status_code == 200
    assert not ScheduleException.objects.exists()


def test_part_of_another_country_is_forgotten(adam: User, address: str) -> None:
    page = client_of(adam).get(address, ASKED | {"country": "US"}).content.decode()

    assert "Independence Day" in page


def test_page_is_for_administrators(rita: User, adam: User, address: str) -> None:  # case 120, case 121
    body = ASKED | {"days": ["2027-03-08"]}

    assert client_of(rita).post(address, body).status_code == 403
    assert not ScheduleException.objects.exists()
    assert client_of(adam).post(address, body).status_code == 302
    assert client_of(rita).get(address).status_code == 403
