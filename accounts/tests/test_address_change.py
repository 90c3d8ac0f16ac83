"""Another e-mail address for an account."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import address_change, registration, tokens
from accounts.models import AuditEntry, Patient, Role, User
from accounts.tests.factories import PASSWORD, make_patient, make_user
from accounts.tests.letters import code_in

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
PAGE = "/accounts/email/"


@pytest.fixture
def alice() -> Patient:
    return make_patient(first_name="Alice", last_name="Adler", email="alice@example.org")


def addresses(patient: Patient) -> set[str]:
    """Whatever the clinic takes for the patient's address, everywhere."""
    user = User.objects.get(pk=patient.user_id)
    rows = EmailAddress.objects.filter(user=user, verified=True, primary=True).values_list("email", flat=True)
    return {user.email, Patient.objects.get(pk=patient.pk).email, *rows}


def a_stranger_without_proof(email: str = "new@example.org") -> User:
    user = registration.sign_up(email=email, password="correct horse 1", first_name="M", last_name="L", now=NOW)
    assert user is not None
    return user


def test_change_moves_every_address_at_once(alice: Patient) -> None:
    # fault B2-14
    address_change.change(alice.user, " New@Example.ORG ", by=alice.user, now=NOW)

    assert addresses(alice) == {"new@example.org"}
    assert EmailAddress.objects.filter(user=alice.user).count() == 1
    entry = AuditEntry.objects.get(verb="accounts.user.address_changed")
    assert entry.changes == {"fields": ["email"]}


def test_change_has_the_patient_before_it_writes(alice: Patient) -> None:
    """Who books has locked the patient and then refers to the account: in the other order both would wait."""
    with CaptureQueriesContext(connection) as queries:
        address_change.change(alice.user, "new@example.org", by=alice.user, now=NOW)

    asked = [query["sql"] for query in queries]
    locked = next(i for i, sql in enumerate(asked) if sql.startswith("SELECT") and 'FROM "accounts_patient"' in sql)
    assert locked < next(i for i, sql in enumerate(asked) if sql.startswith('UPDATE "accounts_user"'))
    assert not [sql for sql in asked if sql.endswith("FOR UPDATE") and 'FROM "accounts_user"' in sql]


def test_change_when_it_is_somebody_elses_account(alice: Patient) -> None:
    # fault B2-14
    for role in Role:
        with pytest.raises(PermissionDenied):
            address_change.change(alice.user, "new@example.org", by=make_user(role), now=NOW)

    assert addresses(alice) == {"alice@example.org"}


@pytest.mark.parametrize("email", ["bob@example.org", "BOB@example.org", "\uff42ob@example.org"])
def test_change_when_somebody_proved_it_before(alice: Patient, email: str) -> None:
    # case 068
    make_user(email="bob@example.org")

    with pytest.raises(ValidationError) as refusal:
        address_change.change(alice.user, email, by=alice.user, now=NOW)

    assert refusal.value.error_dict["email"][0].code == "email_taken"
    assert addresses(alice) == {"alice@example.org"}


def test_change_when_a_stranger_never_proved_it(alice: Patient) -> None:
    stranger = a_stranger_without_proof()

    address_change.change(alice.user, "new@example.org", by=alice.user, now=NOW)

    assert addresses(alice) == {"new@example.org"}
    assert not User.objects.filter(pk=stranger.pk).exists()


def test_change_when_it_was_given_by_the_organisation(alice: Patient) -> None:
    appointed = make_user(Role.DOCTOR, email="doctor@example.org", verified=False)

    with pytest.raises(ValidationError):
        address_change.change(alice.user, "doctor@example.org", by=alice.user, now=NOW)

    appointed.refresh_from_db()
    assert appointed.email == "doctor@example.org"
    assert addresses(alice) == {"alice@example.org"}


def test_is_open_tells_who_may_have_an_address(alice: Patient) -> None:
    make_user(email="bob@example.org")
    a_stranger_without_proof("unproved@example.org")

    assert address_change.is_open("free@example.org", to=alice.user)
    assert address_change.is_open("unproved@example.org", to=alice.user)
    assert not address_change.is_open("Bob@example.org", to=alice.user)


# --- On the page ------------------------------------------------------------------------------------------------------


@pytest.fixture
def visitor(client: Client, alice: Patient, fresh_counters: None) -> Client:
    """Alice is signed in, and gave her password again when she was asked."""
    client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(PAGE)  # with what there was to say so far
    return client


def ask_for(visitor: Client, email: str) -> None:
    """Ask for another address."""
    mail.outbox.clear()
    response = visitor.post(PAGE, {"action_add": "", "email": email})
    assert response.status_code == 302, response.content.decode()
    assert response.headers["Location"] == "/accounts/confirm-email/"


def test_page_asks_for_the_password_first(client: Client, alice: Patient) -> None:
    client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    response = client.post(PAGE, {"action_add": "", "email": "new@example.org"})

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    assert mail.outbox == []


def test_page_when_the_code_is_right(visitor: Client, alice: Patient) -> None:
    pair = tokens.sign_in(alice.user, now=NOW)
    ask_for(visitor, "new@example.org")
    code = code_in(mail.outbox[-1])
    assert mail.outbox[-1].to == ["new@example.org"]
    assert addresses(alice) == {"alice@example.org"}

    response = visitor.post("/accounts/confirm-email/", {"code": code})

    assert response.headers["Location"] == PAGE
    assert addresses(alice) == {"new@example.org"}
    assert mail.outbox[-1].to == ["alice@example.org"]
    assert "new@example.org" not in mail.outbox[-1].body
    assert tokens.bearer(pair.access_token, now=NOW) == alice.user
    assert b"new@example.org" in visitor.get(PAGE).content


def test_page_when_the_code_is_wrong(visitor: Client, alice: Patient) -> None:
    ask_for(visitor, "new@example.org")
    code = code_in(mail.outbox[-1])

    response = visitor.post("/accounts/confirm-email/", {"code": "000000" if code != "000000" else "111111"})

    assert response.status_code == 200
    assert addresses(alice) == {"alice@example.org"}


def test_page_when_somebody_has_the_address(visitor: Client, alice: Patient) -> None:
    # case 068, case 086
    make_user(email="bob@example.org")

    ask_for(visitor, "Bob@example.org")

    assert [letter.to for letter in mail.outbox] == [["bob@example.org"]]
    assert "Somebody, perhaps you" in mail.outbox[0].body
    assert addresses(alice) == {"alice@example.org"}


def test_page_answers_alike_whether_the_address_is_free(visitor: Client, alice: Patient) -> None:
    # case 068, case 086
    make_user(email="bob@example.org")

    ask_for(visitor, "bob@example.org")
    taken = visitor.get("/accounts/confirm-email/")
    refused = visitor.post("/accounts/confirm-email/", {"code": "123456"})
    ask_for(visitor, "new@example.org")
    free = visitor.get("/accounts/confirm-email/")
    wrong = visitor.post("/accounts/confirm-email/", {"code": "123456"})

    def words(response: object) -> str:
        text = response.content.decode().replace("bob@example.org", "new@example.org")
        return "\n".join(line for line in text.splitlines() if "csrf" not in line)

    assert (taken.status_code, refused.status_code) == (free.status_code, wrong.status_code) == (200, 200)
    assert words(taken) == words(free)
    assert words(refused) == words(wrong)


def test_page_when_a_code_for_a_taken_address_is_guessed(visitor: Client, alice: Patient) -> None:
    make_user(email="bob@example.org")
    ask_for(visitor, "bob@example.org")
    code = visitor.session["account_email_verification_code"]["code"]

    response = visitor.post("/accounts/confirm-email/", {"code": code})

    assert response.status_code == 200
    assert addresses(alice) == {"alice@example.org"}


def test_page_when_somebody_proves_it_meanwhile(visitor: Client, alice: Patient) -> None:
    ask_for(visitor, "new@example.org")
    code = code_in(mail.outbox[-1])
    make_user(email="new@example.org")

    response = visitor.post("/accounts/confirm-email/", {"code": code})

    assert response.status_code == 200
    assert addresses(alice) == {"alice@example.org"}


def test_page_when_a_stranger_never_proved_the_address(visitor: Client, alice: Patient) -> None:
    a_stranger_without_proof()

    ask_for(visitor, "new@example.org")
    code = code_in(mail.outbox[-1])
    visitor.post("/accounts/confirm-email/", {"code": code})

    assert addresses(alice) == {"new@example.org"}


@pytest.mark.parametrize("action", ["action_remove", "action_primary", "action_send"])
def test_page_never_removes_the_one_address(visitor: Client, alice: Patient, action: str) -> None:
    visitor.post(PAGE, {action: "", "email": "alice@example.org"})

    assert addresses(alice) == {"alice@example.org"}


def test_reset_link_of_the_old_address_is_good_for_nothing(visitor: Client, alice: Patient, client: Client) -> None:
    stranger = Client()
    mail.outbox.clear()
    stranger.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)

    ask_for(visitor, "new@example.org")
    visitor.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[-1])})

    response = stranger.get(link.removeprefix("http://testserver"), follow=True)
    assert b'name="password1"' not in response.content


def test_change_when_somebody_is_quicker(alice: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(email="bob@example.org")
    monkeypatch.setattr(registration, "give_up", lambda *_args, **_options: True)  # as if he had come a moment later

    with pytest.raises(ValidationError) as refusal:
        address_change.change(alice.user, "bob@example.org", by=alice.user, now=NOW)

    assert refusal.value.error_dict["email"][0].code == "email_taken"
    assert addresses(alice) == {"alice@example.org"}
