"""The second screen: what is kept, until when, and what can be done about it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Patient
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_visit_type
from clinic.tests.portal import confirm, held_by, pick, text_of

pytestmark = pytest.mark.usefixtures("clock")
DETAILS = "/book/"


def booked() -> Appointment:
    """The one appointment there is."""
    return Appointment.objects.get()


def test_details_when_nobody_is_signed_in(client: Client, dr_chen: Doctor) -> None:
    visit = make_visit_type(name="Check-up", instructions="Come without breakfast.")
    dr_chen.visit_types.add(visit)
    pick(client, dr_chen, at("09:30"), visit)

    response = client.get(DETAILS)

    words = text_of(response)
    assert "This time is kept for you until 09:10 (CET) ." in words
    assert "Mon 1 March 2027, 09:30 (CET)" in words
    assert "Come without breakfast." in words
    assert "I am new here" in words
    assert "I have an account" in words
    assert b'data-deadline="600"' in response.content
    assert response.headers["Cache-Control"] == "no-store, private"


def test_details_when_it_changes_nothing(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    pick(client, dr_chen, at("09:30"))
    before = list(Appointment.objects.values())

    client.get(DETAILS)
    client.force_login(alice.user)
    client.get(DETAILS)
    client.head(DETAILS)

    assert list(Appointment.objects.values()) == before
    assert client.put(DETAILS).status_code == 405


def test_keep_once(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    pick(client, dr_chen, at("09:30"))
    clock.shift(timedelta(minutes=5))

    assert "Keep it longer" in text_of(client.get(DETAILS))
    client.post(reverse("keep"))

    assert held_by(client).hold_expires_at == NOW + timedelta(minutes=20)
    page = client.get(DETAILS)
    assert "The time is kept for you a little longer." in text_of(page)
    assert "Keep it longer" not in text_of(page)


def test_keep_twice(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    pick(client, dr_chen, at("09:30"))
    client.post(reverse("keep"))
    clock.shift(timedelta(minutes=5))

    client.post(reverse("keep"))

    assert "This time can be kept longer only once." in text_of(client.get(DETAILS))
    assert held_by(client).hold_expires_at == NOW + timedelta(minutes=20)


def test_keep_when_nothing_is_held(client: Client, db: None) -> None:
    assert client.post(reverse("keep")).headers["Location"] == DETAILS


def test_give_back(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))

    response = client.post(reverse("give-back"), follow=True)

    assert "The time is given back." in text_of(response)
    assert not Appointment.objects.exists()


def test_give_back_what_is_booked(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    confirm(client, held_by(client))

    client.post(reverse("give-back"))

    assert booked().status == Status.SCHEDULED


def test_details_when_nothing_was_chosen(client: Client, db: None) -> None:
    words = text_of(client.get(DETAILS))

    assert "Nothing is on hold" in words
    assert "My appointments" in words
