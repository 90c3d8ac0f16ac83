"""Signing in through a real OpenID Connect server: there and back, by script."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.factors import code_of, set_up_app
from accounts.tests.letters import code_in
from accounts.tests.openid import (
    CALLBACK,
    agree,
    changed,
    come_back,
    leave,
    openid_server,
    parameter,
    sign_in,
    turn_back,
)

pytestmark = pytest.mark.django_db

VERA = {"sub": "vera-1", "given_name": "Vera", "family_name": "Vale", "email": "Vera@Example.org"}
PROVED = VERA | {"email_verified": True}
UNPROVED = VERA | {"sub": "vera-2", "email_verified": False}
UNSAID = VERA | {"sub": "vera-3"}
IN_WORDS = VERA | {"sub": "vera-4", "email_verified": "true"}
NAMELESS = {"sub": "nobody-1", "email": "nameless@example.org", "email_verified": True}
BARE = {"sub": "bare-1"}
GREEDY = PROVED | {
    "sub": "greedy-1",
    "email": "greedy@example.org",
    "role": "doctor",
    "is_staff": True,
    "is_superuser": True,
    "groups": ["admin"],
    "phone_number": "+49301234567",
    "birthdate": "1980-01-01",
}


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[str]:
    with openid_server(PROVED, UNPROVED, UNSAID, IN_WORDS, NAMELESS, BARE, GREEDY) as address:
        yield address


def is_signed_in(client: Client) -> bool:
    """Whether the browser has somebody's session."""
    return "_auth_user_id" in client.session


def test_sign_in_when_somebody_is_new(client: Client) -> None:
    """Promises S0-3 and S0-4."""
    response = sign_in(client, "vera-1", next="/appointments/")

    assert response.headers["Location"] == "/appointments/"
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("vera@example.org", "Vera", "Vale")
    assert (user.role, user.is_staff, user.has_usable_password()) == (Role.PATIENT, False, False)
    assert (user.patient.first_name, user.patient.email) == ("Vera", "vera@example.org")
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("vera@example.org", True, True)]
    assert client.session["_auth_user_id"] == str(user.pk)
    assert not mail.outbox
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["accounts.user.signed_up", "accounts.identity.linked", "accounts.session.signed_in"]


def test_sign_in_keeps_nothing_but_the_identity(client: Client, server: str) -> None:
    sign_in(client, "greedy-1")

    account = SocialAccount.objects.get()
    assert (account.provider, account.uid) == ("oidc", f"greedy-1 {server}")
    assert account.extra_data == {"username": "greedy@example.org"}
    assert not SocialToken.objects.exists()


def test_sign_in_gives_no_role_when_one_is_claimed(client: Client, alice: Patient) -> None:
    # case 074
    Patient.objects.create(first_name="Vera", last_name="Vale", phone="+49301234567", date_of_birth="1980-01-01")

    sign_in(client, "greedy-1")

    user = User.objects.get(email="greedy@example.org")
    assert (user.role, user.is_staff, user.is_superuser, str(user.phone)) == (Role.PATIENT, False, False, "")
    assert set(user.groups.values_list("name", flat=True)) <= {"patient"}
    assert (user.patient.date_of_birth, str(user.patient.phone)) == (None, "")
    assert Patient.objects.count() == 3


def test_sign_in_when_it_is_the_second_time(client: Client) -> None:
    """Promise S0-5."""
    sign_in(client, "vera-1")
    first = User.objects.get()
    client.logout()

    sign_in(client, "vera-1")

    assert User.objects.get() == first
    assert (Patient.objects.count(), SocialAccount.objects.count()) == (1, 1)
    assert client.session["_auth_user_id"] == str(first.pk)


def test_sign_in_when_the_address_has_changed_there(client: Client) -> None:
    sign_in(client, "vera-1")
    first = User.objects.get()
    client.logout()
    with openid_server(PROVED | {"email": "elsewhere@example.org"}) as address:
        SocialAccount.objects.update(uid=f"vera-1 {address}")

        sign_in(client, "vera-1")

    assert User.objects.get() == first
    assert first.email == "vera@example.org"


def test_sign_in_when_another_server_knows_the_same_subject(client: Client) -> None:
    sign_in(client, "vera-1")
    client.logout()
    with openid_server(PROVED | {"email": "mallory@example.org"}):
        sign_in(client, "vera-1")

    assert client.session["_auth_user_id"] == str(User.objects.get(email="mallory@example.org").pk)
    assert User.objects.count() == 2


@pytest.mark.parametrize("sub", ["vera-2", "vera-3", "vera-4"])
def test_sign_in_when_the_address_is_not_proved(sub: str, client: Client) -> None:
    # case 069, case 071
    response = sign_in(client, sub, next="/appointments/")

    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    assert not EmailAddress.objects.get().verified
    assert not SocialAccount.objects.exists()

    response = client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})

    assert response.headers["Location"] == "/appointments/"
    assert is_signed_in(client)
    assert EmailAddress.objects.get().verified
    assert SocialAccount.objects.get().user == User.objects.get()


def test_sign_in_when_it_is_the_second_time_and_nothing_was_proved(client: Client) -> None:
    # case 071
    sign_in(client, "vera-2")
    other = Client()

    sign_in(other, "vera-2")

    assert User.objects.count() == 1
    assert not is_signed_in(other)
    other.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(other)


@pytest.mark.parametrize("sub", ["vera-2", "vera-3", "vera-4"])
def test_sign_in_when_an_address_that_is_not_proved_is_somebodys(sub: str, client: Client) -> None:
    # case 069, fault B0-11
    victim = make_user(email="vera@example.org")
    stranger = Client()
    unknown = _shape(sign_in(stranger, sub), stranger)
    User.objects.exclude(pk=victim.pk).delete()
    mail.outbox.clear()

    known = _shape(sign_in(client, sub), client)

    assert known == unknown
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert list(User.objects.all()) == [victim]
    assert [letter.to for letter in mail.outbox] == [["vera@example.org"]]
    assert client.post("/accounts/confirm-email/", {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)


def _shape(response: Any, client: Client) -> tuple[Any, ...]:
    page = client.get("/accounts/confirm-email/")
    return response.status_code, response.headers["Location"], page.status_code, len(page.content)


@pytest.mark.parametrize("is_proved_here", [True, False])
def test_sign_in_when_a_proved_address_is_somebodys(is_proved_here: bool, client: Client) -> None:
    # fault B0-11
    victim = make_user(Role.RECEPTIONIST, email="vera@example.org", verified=is_proved_here)

    response = sign_in(client, "vera-1", next="/book/")

    assert response.status_code == 200
    assert "You have an account already" in response.content.decode()
    assert "/accounts/login/?next=%2Fbook%2F" in response.content.decode()
    assert not is_signed_in(client)
    assert list(User.objects.all()) == [victim]
    assert not SocialAccount.objects.exists()


def test_sign_in_when_an_attacker_has_signed_up_before(client: Client) -> None:
    # case 067
    attacker = Client()
    form = {"first_name": "Mal", "last_name": "Lory", "email": "vera@example.org", "password1": PASSWORD}
    attacker.post("/accounts/signup/", form)
    squatted = User.objects.get()
    mailed = code_in(mail.outbox[-1])

    response = sign_in(client, "vera-1")

    assert response.status_code == 302
    user = User.objects.get()
    assert user.pk != squatted.pk
    assert (user.first_name, user.patient.last_name, user.has_usable_password()) == ("Vera", "Vale", False)
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "never confirmed it" in client.get("/").content.decode()
    login = {"login": "vera@example.org", "password": PASSWORD}
    assert Client().post("/accounts/login/", login).status_code == 200
    attacker.post("/accounts/confirm-email/", {"code": mailed})
    assert not is_signed_in(attacker)
    body = {"email": "vera@example.org", "password": PASSWORD}
    assert attacker.post("/api/v1/auth/login/", body, content_type="application/json").status_code == 401


def test_take_over_when_an_attacker_came_with_an_unproved_address(client: Client) -> None:
    """The owner sets a password by mail: the attacker's identity opens nothing."""
    # case 067
    attacker = Client()
    sign_in(attacker, "vera-2")
    client.post("/accounts/password/reset/", {"email": "vera@example.org"})
    link = next(word for word in str(mail.outbox[-1].body).split() if "/password/reset/key/" in word)
    there = client.get("/" + link.split("/", 3)[3])
    client.post(there.headers["Location"], {"password1": "another-clinic-2", "password2": "another-clinic-2"})
    EmailAddress.objects.filter(email="vera@example.org").update(verified=True)
    assert User.objects.get().check_password("another-clinic-2")

    again = sign_in(attacker, "vera-2")

    assert not is_signed_in(attacker)
    assert not SocialAccount.objects.exists()
    assert again.headers["Location"] == "/accounts/confirm-email/"


def test_sign_in_when_the_provider_tells_no_name(client: Client) -> None:
    response = sign_in(client, "nobody-1", next="/appointments/")
    assert response.headers["Location"] == "/accounts/3rdparty/signup/"
    page = client.get("/accounts/3rdparty/signup/").content.decode()
    assert "First name" in page
    assert 'name="email"' not in page
    assert not User.objects.exists()
    refused = client.post("/accounts/3rdparty/signup/", {"first_name": "Nora", "last_name": ""})
    assert refused.status_code == 200

    form = {"first_name": "Nora", "last_name": "Names", "email": "admin@example.org", "role": "admin"}
    response = client.post("/accounts/3rdparty/signup/", form)

    assert response.headers["Location"] == "/appointments/"
    user = User.objects.get()
    assert (user.email, user.first_name, user.role) == ("nameless@example.org", "Nora", Role.PATIENT)
    assert is_signed_in(client)


def test_sign_in_when_the_provider_tells_nothing(client: Client) -> None:
    sign_in(client, "bare-1")
    form = {"first_name": "Nora", "last_name": "Names", "email": "nora@example.org"}

    response = client.post("/accounts/3rdparty/signup/", form)

    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})
    assert is_signed_in(client)
    assert SocialAccount.objects.get().user.email == "nora@example.org"


def test_sign_in_asks_for_the_second_factor(client: Client) -> None:
    sign_in(client, "vera-1")
    secret = set_up_app(User.objects.get())
    client.logout()

    response = sign_in(client, "vera-1", next="/appointments/")

    assert response.headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)
    assert client.get("/appointments/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_signed_in(client)


def test_sign_in_changes_the_session_key(client: Client) -> None:
    # case 082
    there = leave(client)
    before = client.session.session_key

    come_back(client, agree(there, "vera-1"))

    assert is_signed_in(client)
    assert client.session.session_key != before


def test_sign_in_when_deactivated(client: Client) -> None:
    sign_in(client, "vera-1")
    client.logout()
    User.objects.update(is_active=False)

    response = sign_in(client, "vera-1")

    assert response.headers["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("next_url", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"])
def test_sign_in_when_next_leads_elsewhere(next_url: str, client: Client) -> None:
    response = sign_in(client, "vera-1", next=next_url)

    assert response.headers["Location"] == "/start/"


def test_sign_in_with_a_password_when_there_is_none(client: Client) -> None:
    # fault B0-10
    sign_in(client, "vera-1")
    client.logout()
    body = {"email": "vera@example.org", "password": "!"}

    for password in ("", "!", PASSWORD, User.objects.get().password):
        form = client.post("/accounts/login/", {"login": "vera@example.org", "password": password})
        assert form.status_code == 200
        answer = client.post("/api/v1/auth/login/", body | {"password": password}, content_type="application/json")
        assert answer.status_code in (400, 401)
    assert not is_signed_in(client)


def _tampered(way: str, back: str) -> str:
    if way == "missing":
        return back.replace("state=", "was=")
    return changed(back, "state", "foreign")


@pytest.mark.parametrize("way", ["missing", "foreign"])
def test_come_back_when_the_state_is_not_ours(way: str, client: Client) -> None:
    # case 072
    back = agree(leave(client), "vera-1")

    response = come_back(client, _tampered(way, back))

    assert _is_refused(response, client)


def test_come_back_when_the_state_was_used(client: Client) -> None:
    # case 072
    back = agree(leave(client), "vera-1")
    come_back(client, back)
    client.logout()

    response = come_back(client, back)

    assert response.status_code == 401
    assert not is_signed_in(client)


def test_come_back_when_the_code_was_used(client: Client) -> None:
    # case 072
    there = leave(client)
    back = agree(there, "vera-1")
    come_back(client, back)
    client.logout()
    state = parameter(leave(client), "state")

    response = come_back(client, changed(back, "state", state))

    assert response.status_code == 401
    assert not is_signed_in(client)


def test_come_back_when_the_sign_in_was_another_browsers(client: Client) -> None:
    """Nobody is signed in as somebody else by a link."""
    # case 072
    back = agree(leave(Client()), "vera-1")

    response = come_back(client, back)

    assert _is_refused(response, client)


def test_come_back_when_the_code_is_another_sessions(client: Client) -> None:
    # case 072
    code = parameter(agree(leave(Client()), "greedy-1"), "code")
    back = agree(leave(client), "vera-1")

    response = come_back(client, changed(back, "code", code))

    assert _is_refused(response, client)


@pytest.mark.parametrize("nonce", ["", "tampered"])
def test_come_back_when_the_nonce_is_another(nonce: str, client: Client) -> None:
    # case 072
    there = leave(client)
    back = agree(changed(there, "nonce", nonce), "vera-1")

    response = come_back(client, back)

    assert _is_refused(response, client)


def test_leave_with_state_nonce_and_proof_of_possession(client: Client) -> None:
    there = leave(client)

    assert len(parameter(there, "state")) == 32
    assert len(parameter(there, "nonce")) == 64
    assert parameter(there, "code_challenge_method") == "S256"
    assert parameter(there, "response_type") == "code"
    assert set(parameter(there, "scope").split()) == {"openid", "profile", "email"}
    assert parameter(there, "redirect_uri") == f"http://testserver{CALLBACK}"


def test_leave_when_the_address_says_more(client: Client) -> None:
    """No link chooses what we ask the provider for."""
    path = "/accounts/oidc/oidc/login/?scope=admin&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example.org"

    there = client.post(path).headers["Location"]

    assert "evil" not in there
    assert "admin" not in there


def test_leave_when_it_is_a_link(client: Client) -> None:
    response = client.get("/accounts/oidc/oidc/login/?next=/book/")

    assert response.status_code == 200
    assert "Continue with Willow ID?" in response.content.decode()


def test_leave_when_there_is_no_token_of_the_form() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/oidc/oidc/login/")

    assert response.status_code == 403


def test_come_back_when_he_turned_back(client: Client) -> None:
    there = leave(client)
    back = f"{turn_back(there)}&state={parameter(there, 'state')}"

    response = client.get(back, follow=True)

    assert "You are not signed in" in response.content.decode()
    assert not is_signed_in(client)


def test_come_back_when_he_turned_back_while_booking(client: Client) -> None:
    there = leave(client, next="/book/")
    back = f"{turn_back(there)}&state={parameter(there, 'state')}"

    response = client.get(back)

    assert response.headers["Location"] == "/book/"
    assert "You turned back at the other site." in client.get("/").content.decode()


def test_come_back_when_the_server_refuses_while_booking(client: Client) -> None:
    state = parameter(leave(client, next="/book/"), "state")

    response = client.get(f"{CALLBACK}?code=x&state={state}")

    assert response.status_code == 401
    assert 'href="/book/"' in response.content.decode()


def _is_refused(response: Any, client: Client) -> bool:
    told = response.content.decode()
    return (
        response.status_code == 401
        and "This did not work" in told
        and not is_signed_in(client)
        and not User.objects.exists()
        and not SocialAccount.objects.exists()
    )
