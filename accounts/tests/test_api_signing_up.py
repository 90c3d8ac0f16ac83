import re
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from rest_framework.throttling import ScopedRateThrottle

from accounts.models import Patient, Role, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import code_in

pytestmark = pytest.mark.django_db
ALICE: dict[str, Any] = {
    "email": "alice@example.org",
    "password": "a long sentence",
    "first_name": "Alice",
    "last_name": "Archer",
}
ANSWER = {"email": "alice@example.org", "first_name": "Alice", "last_name": "Archer", "role": "patient"}
EXTRA = {
    "id": "00000000-0000-0000-0000-000000000001",
    "is_staff": True,
    "is_superuser": True,
    "is_active": False,
    "groups": ["admin"],
    "user_permissions": [1],
    "email_verified": True,
    "verified": True,
    "last_login": "2020-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z",
    "user": "00000000-0000-0000-0000-000000000001",
    "patient": "00000000-0000-0000-0000-000000000001",
    "status": "approved",
    "approval": "approved",
    "hashed_password": "plain",
}


def test_register_answers_who_signed_up_and_mails_a_code(api: Clerk) -> None:  # fault B2-3
    answer = api.send("auth/register/", **ALICE)

    assert (answer.status_code, answer.json()) == (201, ANSWER)
    assert answer["Cache-Control"].startswith("no-store")
    assert mail.outbox[0].to == ["alice@example.org"]
    assert code_in(mail.outbox[0])


def test_register_takes_all_that_a_patient_may_tell(api: Clerk) -> None:  # fault B0-17
    told = {
        "password_confirm": "a long sentence",
        "phone": "030 1234567",
        "date_of_birth": "1990-05-17",
        "insurance_provider": "AOK",
        "insurance_number": "A 123",
        "role": "Patient",
    }

    answer = api.send("auth/register/", **ALICE, **told)

    assert answer.json() == ANSWER
    patient = Patient.objects.get()
    assert (str(patient.phone), str(patient.date_of_birth)) == ("+49301234567", "1990-05-17")
    assert (patient.insurance_provider, patient.insurance_number) == ("AOK", "A 123")


@pytest.mark.parametrize("role", ["patient", "PATIENT", "Member", "user", " Patient "])
def test_register_knows_each_word_for_a_patient(api: Clerk, role: str) -> None:  # fault B2-1
    answer = api.send("auth/register/", **ALICE, role=role)

    assert answer.json() == ANSWER
    assert User.objects.get().role == Role.PATIENT


@pytest.mark.parametrize("role", ["admin", "Admin", "ADMIN", "receptionist"])
def test_register_for_a_staff_role_is_refused_and_makes_nobody(api: Clerk, role: str) -> None:
    # fault B1-1, B1-2, B2-2, B4-1
    answer = api.send("auth/register/", **ALICE, role=role)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert not User.objects.exists()
    assert not mail.outbox


def test_register_as_a_doctor_gives_a_patients_rights(api: Clerk) -> None:  # fault B0-3, B3-2
    answer = api.send("auth/register/", **ALICE, role="Doctor")

    assert answer.json() == ANSWER
    assert User.objects.get().role == Role.PATIENT


def test_register_shows_no_secret(api: Clerk) -> None:  # fault B0-1
    answer = api.send("auth/register/", **ALICE, insurance_number="A 123")

    assert set(answer.json()) == {"email", "first_name", "last_name", "role"}


def test_register_stores_nothing_that_was_not_asked_for(api: Clerk) -> None:  # case 129, fault B0-2, B1-3
    answer = api.send("auth/register/", **ALICE, **EXTRA)

    assert answer.json() == ANSWER
    user = User.objects.get()
    assert str(user.pk) != EXTRA["id"]
    assert (user.is_superuser, user.is_staff, user.is_active, user.last_login) == (False, False, True, None)
    assert [group.name for group in user.groups.all()] == ["patient"]
    assert not user.user_permissions.exists()
    assert not EmailAddress.objects.get().verified
    assert user.created_at.year > 2020
    assert user.check_password("a long sentence")


def test_register_takes_nothing_from_the_query_nor_from_forms(api: Clerk) -> None:  # case 129
    answer = api.post("/api/v1/auth/register/?role=admin&is_superuser=1", ALICE, format="json")
    as_form = api.post("/api/v1/auth/register/", {**ALICE, "email": "eve@example.org"}, format="multipart")

    assert answer.json() == ANSWER
    assert (User.objects.get().role, User.objects.get().is_superuser) == (Role.PATIENT, False)
    assert as_form.status_code == 415


def test_register_answers_the_same_for_a_known_address_and_tells_its_owner(api: Clerk) -> None:  # case 068
    make_user(email="alice@example.org", first_name="Ali", last_name="A.")
    before = User.objects.values().get()

    answer = api.send("auth/register/", **ALICE)

    assert (answer.status_code, answer.json()) == (201, ANSWER)
    assert User.objects.values().get() == before
    assert User.objects.get().check_password(PASSWORD)
    assert [(letter.to, "You have one already" in letter.body) for letter in mail.outbox] == [
        (["alice@example.org"], True)
    ]


def test_register_has_the_same_headers_for_a_known_address(api: Clerk) -> None:
    first = api.send("auth/register/", **ALICE)
    EmailAddress.objects.update(verified=True)

    second = api.send("auth/register/", **ALICE)

    assert dict(first.headers) | {"X-Request-ID": ""} == dict(second.headers) | {"X-Request-ID": ""}
    assert not second.cookies


def test_register_again_mails_a_new_code_to_who_has_not_proved_his_address(api: Clerk) -> None:
    api.send("auth/register/", **ALICE)

    answer = api.send("auth/register/", **ALICE)

    assert answer.json() == ANSWER
    assert User.objects.count() == 1
    proof = api.send("auth/verify-email/", email="alice@example.org", code=code_in(mail.outbox[1]))
    assert proof.status_code == 204


def test_who_proves_an_address_gets_nothing_of_who_took_it_before(api: Clerk, client: Client) -> None:  # case 067
    api.send("auth/register/", **ALICE | {"password": "known to mallory", "insurance_number": "M 1"})
    api.send("auth/register/", **ALICE)

    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "only alice knows", "password2": "only alice knows"})
    asked = api.send("auth/login/", email="alice@example.org", password="only alice knows")
    if asked.status_code == 401:
        api.send("auth/verify-email/", email="alice@example.org", code=code_in(mail.outbox[-1]))

    for password, status in (("known to mallory", 401), ("a long sentence", 401), ("only alice knows", 200)):
        assert api.send("auth/login/", email="alice@example.org", password=password).status_code == status
    assert Patient.objects.get().insurance_number == ""


@pytest.mark.parametrize("password", ["password", "seven77", "alice@example.org", "ArcherAlice", "x" * 1025])
def test_register_with_a_bad_password_makes_nobody(api: Clerk, password: str) -> None:  # case 083
    answer = api.send("auth/register/", **ALICE | {"password": password, "first_name": "ArcherAlice"})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["password"]
    assert not User.objects.exists()


@pytest.mark.parametrize("password", [" two  blanks ", "🌻🌻🌻🌻🌻🌻🌻🌻", "Zoe\u0308 im Cafe\u0301", "x-Y_7" * 25])
def test_a_password_is_taken_as_it_is_at_every_door(api: Clerk, client: Any, password: str) -> None:  # case 084
    api.send("auth/register/", **ALICE | {"password": password, "password_confirm": password})
    EmailAddress.objects.update(verified=True)

    form = urlencode({"username": "alice@example.org", "password": password})
    by_login = api.send("auth/login/", email="alice@example.org", password=password)
    by_form = api.post("/api/v1/auth/token/", form, content_type="application/x-www-form-urlencoded")
    by_page = client.post("/accounts/login/", {"login": "alice@example.org", "password": password})

    assert (by_login.status_code, by_form.status_code, by_page.status_code) == (200, 200, 302)


def test_register_goes_on_when_the_mail_server_does_not(
    api: Clerk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: Any) -> int:
        raise ConnectionRefusedError("alice@example.org")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)

    answer = api.send("auth/register/", **ALICE)

    assert answer.json() == ANSWER
    assert "alice" not in caplog.text


@pytest.mark.usefixtures("fresh_counters")
def test_register_is_limited(api: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:  # case 091
    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "sign-up", "2/hour")
    for number in range(2):
        api.send("auth/register/", **ALICE | {"email": f"p{number}@example.org"})

    answer = api.send("auth/register/", **ALICE)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    assert User.objects.count() == 2


def test_register_tells_nothing_by_the_work_it_does(api: Clerk, hashings: list[str]) -> None:
    # case 086
    api.send("auth/register/", **ALICE)
    for_a_new_one = len(hashings)
    EmailAddress.objects.update(verified=True)
    hashings.clear()

    api.send("auth/register/", **ALICE)

    assert len(hashings) == for_a_new_one
    assert len(mail.outbox) == 2


def test_register_twice_with_two_passwords_lets_neither_in(api: Clerk, db: None) -> None:  # case 067
    told = {"email": "victim@example.org", "first_name": "Vera", "last_name": "Vane"}
    api.send("auth/register/", **told, password="what the victim chose")
    mail.outbox.clear()

    answer = api.send("auth/register/", **told, password="what the stranger chose")

    assert answer.status_code == 201
    assert not User.objects.get().has_usable_password()
    assert not any(re.search(r"\b\d{6}\b", sent.body) for sent in mail.outbox)


def test_no_code_for_programs_lets_in_who_named_the_address_in_a_browser_after_another(
    api: Clerk, client: Client
) -> None:  # case 067
    told = {"email": "victim@example.org", "first_name": "Vera", "last_name": "Vane"}
    api.send("auth/register/", **told, password="what the victim chose")
    client.post("/accounts/signup/", told | {"password1": "what the stranger chose"})
    mail.outbox.clear()

    answer = api.send("auth/login/", email=told["email"], password="what the stranger chose")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "email_not_verified")
    assert not any(re.search(r"\b\d{6}\b", sent.body) for sent in mail.outbox)
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c"])
def test_register_with_a_line_break_in_the_address(api: Clerk, db: None, sign: str) -> None:  # case 162
    answer = api.send(
        "auth/register/",
        email=f'"a{sign}b"@example.org',
        first_name="A",
        last_name="B",
        password="a long sentence",
    )

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["email"])
    assert not User.objects.exists()
    assert not mail.outbox
