"""The second screen: who comes; strangers sign in or up on the page; the visit is booked, once."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD, make_user
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment, make_time_off, make_visit_type
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


def test_keep_once(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    pick(client, dr_chen, at("09:30"))
    clock.shift(timedelta(minutes=5))

    assert "Keep it longer" in text_of(client.get(DETAILS))
    client.post(reverse("keep"))

    assert held_by(client).hold_expires_at == NOW + timedelta(minutes=15)
    page = client.get(DETAILS)
    assert "The time is kept for you a little longer." in text_of(page)
    assert "Keep it longer" not in text_of(page)


def test_keep_twice(client: Client, dr_chen: Doctor, clock: time_machine.Traveller) -> None:
    pick(client, dr_chen, at("09:30"))
    client.post(reverse("keep"))
    clock.shift(timedelta(minutes=5))

    client.post(reverse("keep"))

    assert "This time can be kept longer only once." in text_of(client.get(DETAILS))
    assert held_by(client).hold_expires_at == NOW + timedelta(minutes=10)


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
