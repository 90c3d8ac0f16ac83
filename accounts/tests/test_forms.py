"""Signing up and in on the pages: allauth's, with our form and adapter."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import Patient, Role, User
from accounts.tests.conftest import Clerk
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.letters import code_in

pytestmark = pytest.mark.django_db
ALICE = {
    "email": "alice@example.org",
    "password1": "a long sentence",
    "first_name": "Alice",
    "last_name": "Archer",
}
CODE_PAGE = "/accounts/confirm-email/"


def sign_up(client: Client, **told: Any) -> Any:
    return client.post("/accounts/signup/", ALICE | told)


def test_sign_up_then_the_code_signs_the_patient_in(client: Client) -> None:
    page = sign_up(client)
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[0])})

    assert page["Location"].endswith(CODE_PAGE)
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert Patient.objects.get().first_name == "Alice"
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [("alice@example.org", True, True)]


def test_who_signed_up_on_the_page_signs_in_through_the_api(client: Client, api: Clerk) -> None:
    sign_up(client)
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[0])})

    assert api.send("auth/login/", email="alice@example.org", password="a long sentence").status_code == 200


def test_who_signed_up_through_the_api_proves_his_address_on_the_page(client: Client, api: Clerk) -> None:
    api.send("auth/register/", email="alice@example.org", password="a long sentence", first_name="A", last_name="B")

    client.post("/accounts/login/", {"login": "alice@example.org", "password": "a long sentence"})
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[1])})

    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


@pytest.mark.parametrize(
    "email", ["ALICE@Example.org", " alice@example.org ", "Alice@EXAMPLE.ORG", "alice@ｅxample.org"]
)
def test_sign_up_with_a_known_address_written_otherwise_changes_nothing(client: Client, email: str) -> None:
    # case 068
    make_user(email="alice@example.org", first_name="Ali", last_name="A.")
    before = User.objects.values().get()

    page = sign_up(client, email=email)

    assert page["Location"].endswith(CODE_PAGE)
    assert User.objects.values().get() == before
    assert EmailAddress.objects.count() == 1
    assert [(letter.to, "You have one already" in letter.body) for letter in mail.outbox] == [
        (["alice@example.org"], True)
    ]
    assert "_auth_user_id" not in client.session


def test_sign_up_again_with_another_password_starts_over(client: Client) -> None:  # case 067
    sign_up(Client(), first_name="Mallory", password1="known to mallory")

    sign_up(client)
    client.post(CODE_PAGE, {"code": code_in(mail.outbox[1])})

    assert User.objects.get().check_password("a long sentence")
    assert Patient.objects.get().first_name == "Alice"


def test_sign_up_takes_the_same_work_for_any_address(hashings: list[str]) -> None:  # case 086
    sign_up(Client())
    for_a_new_one = len(hashings)
    EmailAddress.objects.update(verified=True)
    hashings.clear()

    sign_up(Client())

    assert len(hashings) == for_a_new_one


def test_sign_up_stores_nothing_that_was_not_asked_for(client: Client) -> None:  # case 129
    extra = {"role": "admin", "is_staff": "on", "is_superuser": "on", "is_active": "", "groups": "1", "verified": "on"}

    sign_up(client, **extra)

    user = User.objects.get()
    assert (user.role, user.is_superuser, user.is_active) == (Role.PATIENT, False, True)
    assert not EmailAddress.objects.get().verified


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password1", "password"),
        ("password1", "seven77"),
        ("password1", "alice@example.org"),
        ("password1", "ArcherAlice"),
        pytest.param("password1", "x" * 1025, id="password1-long"),
        ("first_name", ""),
        ("first_name", "nul\x00"),
        ("first_name", "Alice\r\nBcc: eve@example.org"),
        pytest.param("last_name", "x" * 101, id="last_name-long"),
        ("email", "no address"),
        pytest.param("email", f"{'a' * 250}@example.org", id="email-long"),
    ],
)
def test_sign_up_refuses_bad_input_at_the_field(client: Client, field: str, value: str) -> None:  # case 083, 162
    page = sign_up(client, **{"first_name": "ArcherAlice", field: value})

    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert len(page.context["form"].errors[field]) >= 1
    assert not User.objects.exists()


def test_sign_up_goes_on_when_the_mail_server_does_not(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)

    page = sign_up(client)

    assert page["Location"].endswith(CODE_PAGE)


def test_change_of_password_ends_sign_ins_through_the_api(client: Client, api: Clerk) -> None:  # case 089
    alice = make_user(email="alice@example.org")
    pair = tokens.sign_in(alice, now=timezone.now())
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    page = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "a long sentence", "password2": "a long sentence"},
    )

    assert page.status_code == 302
    assert api.send("auth/token/refresh/", refresh_token=pair.refresh_token).status_code == 401


def test_change_of_password_with_a_wrong_one_ends_nothing(client: Client, api: Clerk) -> None:  # case 085
    alice = make_user(email="alice@example.org")
    pair = tokens.sign_in(alice, now=timezone.now())
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    client.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": "a long sentence", "password2": "a long sentence"},
    )

    assert api.send("auth/token/refresh/", refresh_token=pair.refresh_token).status_code == 200


def test_reset_of_password_ends_sign_ins_through_the_api(client: Client, api: Clerk) -> None:
    alice = make_user(email="alice@example.org")
    pair = tokens.sign_in(alice, now=timezone.now())
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = next(line for line in str(mail.outbox[0].body).splitlines() if "/password/reset/key/" in line)

    form = client.get(link.strip().removeprefix("http://testserver"), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "a long sentence", "password2": "a long sentence"})

    alice.refresh_from_db()
    assert alice.check_password("a long sentence")
    assert api.send("auth/token/refresh/", refresh_token=pair.refresh_token).status_code == 401


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!unusable"}])
def test_sign_in_is_refused_to_who_may_not(client: Client, change: dict[str, Any]) -> None:  # fault B4-4
    alice = make_user(email="alice@example.org")
    User.objects.filter(pk=alice.pk).update(**change)

    client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert "_auth_user_id" not in client.session
