"""The first screen: having a time kept."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Patient, Role
from accounts.tests.factories import make_user
from clinic import booking
from clinic.models import Appointment, Doctor, Site, Status
from clinic.tests.factories import NOW, at, make_appointment, make_doctor, make_hours
from clinic.tests.portal import held_by, pick, text_of, times

pytestmark = pytest.mark.usefixtures("clock")


def test_hold_when_nobody_is_signed_in(client: Client, dr_chen: Doctor) -> None:
    response = pick(client, dr_chen, at("09:30"))

    assert response.headers["Location"] == "/book/"
    hold = Appointment.objects.get()
    assert (hold.status, hold.starts_at, hold.patient) == (Status.HELD, at("09:30"), None)
    assert hold.hold_expires_at == NOW + timedelta(minutes=10)


def test_hold_when_pressed_twice(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    pick(client, dr_chen, at("09:30"))

    assert Appointment.objects.count() == 1


def test_hold_when_another_was_held(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    pick(client, dr_chen, at("10:30"))

    assert Appointment.objects.get() == held_by(client)


def test_hold_after_signing_in_gives_up_what_the_session_held(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    pick(client, dr_chen, at("09:30"))
    client.force_login(alice.user)
    pick(client, dr_chen, at("10:30"))

    hold = Appointment.objects.get()
    assert (hold.starts_at, hold.patient) == (at("10:30"), alice)


def test_hold_when_somebody_was_faster(client: Client, dr_chen: Doctor, bob: Patient) -> None:
    booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:30"), by=bob.user, now=NOW)

    response = client.post(
        reverse("hold") + "?q=chen", {"doctor": dr_chen.pk, "starts_at": at("09:30").isoformat()}, follow=True
    )

    words = text_of(response)
    assert "Sorry, this time was taken just now, before you." in words
    assert "The nearest free times Dr. Wei Chen Mon 1 March 2027 Berlin Mitte (CET) 09:00 , Mon" in words
    assert times(response)[:3] == [f"2027-03-01T{clock}:00+01:00" for clock in ("09:00", "10:00", "10:30")]
    assert response.redirect_chain[0][0].startswith("/?q=chen&lost-doctor=")
    assert held_by(client) is None
    assert Appointment.objects.count() == 1


def test_hold_when_refused_keeps_what_was_held(client: Client, dr_chen: Doctor, bob: Patient) -> None:
    pick(client, dr_chen, at("10:30"))
    booking.book(doctor=dr_chen, patient=bob, starts_at=at("09:30"), by=bob.user, now=NOW)

    pick(client, dr_chen, at("09:30"))

    assert held_by(client).starts_at == at("10:30")
    assert "is kept for you until" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("wall_clock", "day", "sentence"),
    [
        ("09:30", "2027-02-19", "This time has passed."),
        ("09:00", "2027-02-22", "This time is too near to be booked online"),
        ("09:15", "2027-03-01", "Visits do not start at this time"),
        ("13:00", "2027-03-01", "The doctor does not see patients at this time."),
        ("09:00", "2028-03-01", "This day is too far ahead to be booked."),
    ],
)
def test_hold_when_the_time_cannot_be_booked(
    wall_clock: str, day: str, sentence: str, client: Client, dr_chen: Doctor
) -> None:
    starts_at = at(wall_clock, date.fromisoformat(day))

    response = pick(client, dr_chen, starts_at)

    assert sentence in text_of(client.get(response.headers["Location"]))
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        *({}, {"doctor": "x"}, {"starts_at": "x"}, {"starts_at": "2027-03-01T09:30"}, {"starts_at": "\x00"}),
        *({"starts_at": "9999-12-31T23:59:59-12:00"}, {"starts_at": "0001-01-01T00:00:00+12:00"}),
        *({"visit_type": "x"}, {"doctor": "0f0f0f0f-0000-4000-8000-000000000000"}, {"doctor": "9" * 400}),
    ],
)
def test_hold_when_the_form_was_tampered_with(data: dict[str, str], client: Client, dr_chen: Doctor) -> None:
    good = {"doctor": str(dr_chen.pk), "starts_at": at("09:30").isoformat()} if data else {}

    response = client.post(reverse("hold"), good | data, follow=True)

    assert response.status_code == 200
    assert "This time cannot be booked; please choose another." in text_of(response)
    assert not Appointment.objects.exists()


def test_hold_when_the_doctor_is_not_approved(client: Client, berlin: Site) -> None:
    doctor = make_doctor(approval="pending")
    make_hours(doctor, berlin)

    pick(client, doctor, at("09:30"))

    assert not Appointment.objects.exists()


def test_hold_when_the_patient_is_elsewhere(client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    make_appointment(dr_diaz, alice, at("09:30"))
    client.force_login(alice.user)

    response = pick(client, dr_chen, at("09:30"))

    assert "There is another appointment at this time." in text_of(client.get(response.headers["Location"]))
    assert Appointment.objects.count() == 1


def test_hold_needs_the_csrf_token(dr_chen: Doctor) -> None:
    response = pick(Client(enforce_csrf_checks=True), dr_chen, at("09:30"))

    assert response.status_code == 403
    assert not Appointment.objects.exists()


def test_hold_by_two_strangers(dr_chen: Doctor) -> None:
    """Each browser has its own hold, and neither gets the other's."""
    one, other = Client(), Client()

    pick(one, dr_chen, at("09:30"))
    pick(other, dr_chen, at("09:30"))
    pick(other, dr_chen, at("10:00"))

    assert held_by(one).starts_at == at("09:30")
    assert held_by(other).starts_at == at("10:00")


def test_hold_by_a_doctor_for_himself(client: Client, dr_chen: Doctor) -> None:
    client.force_login(make_user(Role.DOCTOR))

    pick(client, dr_chen, at("09:30"))

    assert held_by(client) is not None


def test_hold_by_one_address_again_and_again(dr_chen: Doctor, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"hold": "2/10m/ip"}
    for clock in ("09:00", "09:30"):
        pick(Client(), dr_chen, at(clock))

    answer = pick(Client(), dr_chen, at("10:00"))

    assert answer.headers["Location"].startswith(reverse("find"))
    assert Appointment.objects.filter(status=Status.HELD).count() == 2
