"""The second screen for strangers: they sign in or up on the page, and lose nothing by it."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD, make_user
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import at
from clinic.tests.portal import NEWCOMER, confirm, enter_code, held_by, mailed_code, pick, sign_up, text_of

pytestmark = pytest.mark.usefixtures("clock")
DETAILS = "/book/"


def booked() -> Appointment:
    """The one appointment there is."""
    return Appointment.objects.get()


def test_book_when_somebody_is_new(client: Client, dr_chen: Doctor) -> None:
    """From nothing to booked without a script: choose, sign up and enter the code on one page, confirm."""
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)

    assert sign_up(client).headers["Location"] == DETAILS
    page = client.get(DETAILS)
    assert "We have sent a code to carla@example.org" in text_of(page)
    assert page.wsgi_request.user.is_anonymous

    assert enter_code(client, mailed_code()).headers["Location"] == DETAILS
    page = client.get(DETAILS)
    assert "The visit is for Carla Cole" in text_of(page)
    assert held_by(client) == hold

    response = confirm(client, hold, reason="A rash")
    appointment = booked()
    assert response.headers["Location"] == f"/appointments/{appointment.pk}/"
    assert (appointment.status, appointment.patient.user.email) == (Status.SCHEDULED, "carla@example.org")
    assert (appointment.pk, appointment.starts_at, appointment.reason) == (hold.pk, at("09:30"), "A rash")


def test_book_when_somebody_has_an_account(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    pick(client, dr_chen, at("09:30"))
    hold = held_by(client)
    session = client.session.session_key

    response = client.post(DETAILS, {"enter": "sign-in", "login": "Alice@Example.org", "password": PASSWORD})

    assert response.headers["Location"] == DETAILS
    # case 082
    assert client.session.session_key != session
    confirm(client, hold)
    assert (booked().patient, booked().status) == (alice, Status.SCHEDULED)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "x"}, "Enter a valid email address."),
        ({"password1": "short"}, "at least 8 characters"),
        ({"password1": "carla@example.org"}, "too similar"),
        ({"first_name": ""}, "First name: This field is required."),
        ({"last_name": "x\x00"}, "Null characters are not allowed."),
    ],
)
def test_sign_up_when_something_is_wrong(
    changes: dict[str, str], sentence: str, client: Client, dr_chen: Doctor
) -> None:
    """Told at the field; what was typed stays, and so does the hold."""
    pick(client, dr_chen, at("09:30"))

    response = sign_up(client, **changes)

    assert sentence in text_of(response)
    kept = NEWCOMER | changes
    assert all(f'value="{kept[name]}"' in response.content.decode() for name in ("email",))
    assert held_by(client) is not None
    assert not User.objects.filter(email=NEWCOMER["email"]).exists()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_sign_in_when_the_password_is_wrong(password: str, client: Client, dr_chen: Doctor, alice: Patient) -> None:
    pick(client, dr_chen, at("09:30"))

    response = client.post(DETAILS, {"enter": "sign-in", "login": "alice@example.org", "password": password})

    assert response.status_code == 200
    assert "error-summary" in response.content.decode()
    assert 'value="alice@example.org"' in response.content.decode()
    assert response.wsgi_request.user.is_anonymous
    assert held_by(client) is not None


def test_sign_in_when_the_address_is_not_proved(client: Client, dr_chen: Doctor) -> None:
    """The right password alone lets nobody in: a code is mailed, and asked for here. (case 071)"""
    make_user(email="carla@example.org", verified=False)
    pick(client, dr_chen, at("09:30"))

    client.post(DETAILS, {"enter": "sign-in", "login": "carla@example.org", "password": PASSWORD})

    assert "Enter the code" in text_of(client.get(DETAILS))
    enter_code(client, mailed_code())
    assert "The visit is for" in text_of(client.get(DETAILS))


def test_sign_up_when_the_address_is_known(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    """The page shows the same as for a new address; no code lets anybody in. (case 068)"""
    pick(client, dr_chen, at("09:30"))

    response = sign_up(client, email="alice@example.org")

    assert response.headers["Location"] == DETAILS
    page = client.get(DETAILS)
    assert "We have sent a code to alice@example.org" in text_of(page)
    assert "Send a new code" in text_of(page)
    assert [message.to for message in mail.outbox] == [["alice@example.org"]]
    assert "Incorrect code" in text_of(enter_code(client, "123456"))
    assert client.get(DETAILS).wsgi_request.user.is_anonymous


def test_code_when_it_is_wrong(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    sign_up(client)
    wrong = "000000" if mailed_code() != "000000" else "111111"

    response = enter_code(client, wrong)

    assert "Code: Incorrect code." in text_of(response)
    enter_code(client, mailed_code())
    assert "The visit is for Carla Cole" in text_of(client.get(DETAILS))


def test_code_when_it_is_wrong_too_often(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    sign_up(client)
    code = mailed_code()
    wrong = "000000" if code != "000000" else "111111"

    for _ in range(3):
        response = enter_code(client, wrong)

    assert response.headers["Location"] == DETAILS
    assert "I have an account" in text_of(client.get(DETAILS))
    enter_code(client, code)
    assert client.get(DETAILS).wsgi_request.user.is_anonymous
    assert held_by(client) is not None


def test_code_when_a_new_one_is_wanted(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    pick(client, dr_chen, at("09:30"))
    sign_up(client)
    old = mailed_code()
    clock.shift(11)

    response = client.post(DETAILS, {"enter": "code", "action": "resend"})

    assert response.headers["Location"] == DETAILS
    assert len(mail.outbox) == 2
    if mailed_code() != old:
        assert "Incorrect code" in text_of(enter_code(client, old))
    enter_code(client, mailed_code())
    assert "The visit is for Carla Cole" in text_of(client.get(DETAILS))


def test_code_when_another_address_is_better(client: Client, dr_chen: Doctor) -> None:
    pick(client, dr_chen, at("09:30"))
    sign_up(client)

    client.post(DETAILS, {"enter": "start-over"})

    assert "I am new here" in text_of(client.get(DETAILS))
    assert held_by(client) is not None


def test_code_when_the_hold_ran_out_meanwhile(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    """The code counts all the same; then the same time is offered first."""
    pick(client, dr_chen, at("09:30"))
    sign_up(client)
    clock.shift(timedelta(minutes=11))

    assert "Enter the code" in text_of(client.get(DETAILS))
    enter_code(client, mailed_code())

    page = client.get(DETAILS)
    assert page.wsgi_request.user.is_authenticated
    assert "We kept your time as long as we could" in text_of(page)
    assert "Dr. Wei Chen Mon 1 March 2027 Berlin Mitte (CET) 09:30 , Mon" in text_of(page)


@pytest.mark.parametrize("action", ["sign-in", "sign-up", "code", "start-over", "x", ""])
def test_enter_when_the_form_is_out_of_place(action: str, client: Client, dr_chen: Doctor, alice: Patient) -> None:
    """Sent twice, or from an old tab: no error, no change."""
    pick(client, dr_chen, at("09:30"))
    client.force_login(alice.user)

    response = client.post(DETAILS, {"enter": action, "code": "123456"})

    assert response.headers["Location"] == DETAILS
    assert held_by(client) is not None


def test_enter_when_next_leads_elsewhere(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    pick(client, dr_chen, at("09:30"))
    told = {"enter": "sign-in", "login": "alice@example.org", "password": PASSWORD, "next": "https://evil.example/"}

    response = client.post(DETAILS + "?next=https://evil.example/", told)

    assert response.headers["Location"] == DETAILS
