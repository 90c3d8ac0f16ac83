"""The second screen of somebody signed in: the visit is booked, once."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client, override_settings

from accounts.models import Patient
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment, make_time_off
from clinic.tests.portal import confirm, held_by, pick, text_of

pytestmark = pytest.mark.usefixtures("clock")
DETAILS = "/book/"


def booked() -> Appointment:
    """The one appointment there is."""
    return Appointment.objects.get()


def test_confirm_when_sent_twice(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    # case 043
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)

    first, second = confirm(client, hold), confirm(client, hold)

    assert first.headers["Location"] == second.headers["Location"] == f"/appointments/{hold.pk}/"
    assert Appointment.objects.count() == 1


def test_confirm_after_going_back(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    """Back to the details, back to the picker, reload: never a second appointment. (case 043)"""
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    confirm(client, hold)

    page = client.get(DETAILS)
    assert "This visit is booked" in text_of(page)
    assert f'href="/appointments/{hold.pk}/"' in page.content.decode()
    again = client.get(pick(client, dr_chen, at("09:30")).headers["Location"])
    assert "Sorry, this time was taken" in text_of(again)
    assert Appointment.objects.count() == 1


def test_confirm_after_another_time_was_chosen(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    """The old tab does not book the new tab's time."""
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    old = held_by(client)
    pick(client, dr_chen, at("10:30"))

    response = confirm(client, old)

    assert response.headers["Location"] == DETAILS
    assert "You have chosen another time since" in text_of(client.get(DETAILS))
    assert booked().status == Status.HELD


def test_confirm_when_the_hold_has_run_out(
    client: Client, dr_chen: Doctor, alice: Patient, clock: time_machine.Traveller
) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    clock.shift(timedelta(minutes=10))

    response = confirm(client, hold)

    assert response.headers["Location"] == DETAILS
    words = text_of(client.get(DETAILS))
    assert "We kept your time as long as we could" in words
    assert "The nearest free times" in words
    assert booked().status == Status.HELD


def test_confirm_when_the_hold_has_run_out_and_somebody_has_the_time(
    client: Client, dr_chen: Doctor, alice: Patient, bob: Patient, clock: time_machine.Traveller
) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    clock.shift(timedelta(minutes=10))
    booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:30"), by=bob.user, now=NOW + timedelta(minutes=10))

    confirm(client, hold)

    page = client.get(DETAILS).content.decode()
    assert 'value="2027-03-01T09:30:00+01:00"' not in page
    assert 'value="2027-03-01T09:00:00+01:00"' in page
    assert booked().patient == bob


def test_confirm_when_the_patient_has_another_visit_then(
    client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient
) -> None:
    """Told on the page; the hold and the words stay."""
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    client.force_login(alice.user)
    make_appointment(dr_diaz, alice, at("09:30"))

    response = confirm(client, hold, reason="A rash")

    assert "There is another appointment at this time." in text_of(response)
    assert "A rash" in text_of(response)
    assert held_by(client) == hold


def test_confirm_keeps_the_words_when_the_time_is_lost(
    client: Client, dr_chen: Doctor, alice: Patient, clock: time_machine.Traveller
) -> None:
    """What was typed is there again when another time is chosen, and not readable in the session meanwhile."""
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    clock.shift(timedelta(minutes=10))
    confirm(client, Appointment.objects.get(), reason="A rash")

    assert "What you wrote is kept." in text_of(client.get(DETAILS))
    assert "rash" not in str(dict(client.session))
    pick(client, dr_chen, at("10:00"))
    assert "A rash" in text_of(client.get(DETAILS))
    confirm(client, held_by(client), reason="A rash")
    assert "words" not in client.session


@override_settings(MAX_UPCOMING_PER_PATIENT=1)
def test_confirm_when_there_are_too_many(client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    # case 031
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    client.force_login(alice.user)
    make_appointment(dr_diaz, alice, at("11:30"))

    response = confirm(client, hold)

    assert "There are too many appointments to come already." in text_of(response)
    assert held_by(client) == hold


def test_confirm_when_the_doctor_went_away_meanwhile(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    make_time_off(at("09:00"), at("12:00"), dr_chen)

    response = confirm(client, held_by(client))

    assert "The doctor is away at this time." in text_of(response)
    assert booked().status == Status.HELD


@pytest.mark.parametrize("data", [{"hold": "x"}, {"hold": ""}, {}, {"hold": "0f0f0f0f-0000-4000-8000-000000000000"}])
def test_confirm_when_the_form_was_tampered_with(
    data: dict[str, str], client: Client, dr_chen: Doctor, alice: Patient
) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))

    assert client.post(DETAILS, data).headers["Location"] == DETAILS
    assert booked().status == Status.HELD


@pytest.mark.parametrize("reason", ["x" * 1001, "\x00"])
def test_confirm_when_the_reason_is_no_good(reason: str, client: Client, dr_chen: Doctor, alice: Patient) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))

    response = confirm(client, held_by(client), reason=reason)

    assert "Please correct this" in text_of(response)
    assert booked().status == Status.HELD


def test_confirm_of_anothers_hold(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    """Nobody books what another browser holds, even if he knows its id."""
    stranger = Client()
    pick(stranger, dr_chen, at("09:30"))
    client.force_login(alice.user)

    response = confirm(client, held_by(stranger))

    assert response.headers["Location"] == DETAILS
    assert (booked().status, booked().patient) == (Status.HELD, None)


def test_confirm_when_the_session_has_ended(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    client.force_login(alice.user)
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    client.cookies.clear()

    response = confirm(client, hold)

    assert response.status_code == 200
    assert "Nothing is on hold" in text_of(response)
    assert booked().status == Status.HELD


def test_confirm_needs_the_csrf_token(dr_chen: Doctor, alice: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user)

    assert client.post(DETAILS, {"hold": "x"}).status_code == 403
