"""Sessions in browsers."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client, override_settings

from accounts import sessions, staffing, tokens
from accounts.models import AuditEntry, Role, User
from accounts.tests.factories import PASSWORD, make_patient, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
PRIVATE = "/accounts/sessions/"


@pytest.fixture
def alice() -> User:
    user = make_patient(first_name="Alice", last_name="Adler", email="alice@example.org").user
    assert user is not None
    return user


def browser(email: str = "alice@example.org", agent: str = FIREFOX) -> Client:
    """A browser in which somebody signed in."""
    client = Client(headers={"User-Agent": agent})
    answer = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return bool(client.get(PRIVATE).status_code == 200)


def test_of_lists_ones_own(alice: User, fresh_counters: None) -> None:
    make_user(email="bob@example.org")
    first, _second, _other = browser(), browser(agent="curl/8"), browser("bob@example.org")

    found = sessions.of(alice, this=first.session.session_key)

    assert [(session.device, session.is_this) for session in found] == [
        ("Unknown browser", False),
        ("Firefox on Windows", True),
    ]
    assert {session.address for session in found} == {"127.0.0.1"}


def test_of_lists_no_dead_ones(alice: User, fresh_counters: None) -> None:
    browser()
    Session.objects.all().delete()

    assert sessions.of(alice) == []


def test_end_ends_one(alice: User, fresh_counters: None) -> None:
    first, second = browser(), browser()

    sessions.end(UserSession.objects.get(session_key=first.session.session_key).pk, by=alice)

    assert not is_signed_in(first)
    assert is_signed_in(second)
    assert AuditEntry.objects.filter(verb="accounts.session.ended", actor=alice.pk).count() == 1


def test_end_when_it_is_anothers(alice: User, fresh_counters: None) -> None:
    bob = make_user(email="bob@example.org")
    hers = browser()
    pk = UserSession.objects.get(user=alice).pk

    with pytest.raises(UserSession.DoesNotExist):
        sessions.end(pk, by=bob)

    assert is_signed_in(hers)


def test_sign_out_everywhere_ends_all(alice: User, fresh_counters: None) -> None:
    # case 089
    make_user(email="bob@example.org")
    first, second, other = browser(), browser(), browser("bob@example.org")
    pair = tokens.sign_in(alice, now=NOW)

    sessions.sign_out_everywhere(alice, by=alice, now=NOW)

    assert not is_signed_in(first)
    assert not is_signed_in(second)
    assert is_signed_in(other)
    for spend in (tokens.bearer, lambda token, now: tokens.bearer(token, now=now)):
        with pytest.raises(Exception, match="not valid"):
            spend(pair.access_token, now=NOW)
    assert AuditEntry.objects.filter(verb="accounts.user.signed_out_everywhere").count() == 1


def test_sign_out_everywhere_when_it_is_somebody_else(alice: User, fresh_counters: None) -> None:
    hers = browser()

    with pytest.raises(PermissionDenied):
        sessions.sign_out_everywhere(alice, by=make_user(Role.ADMIN), now=NOW)

    assert is_signed_in(hers)


def test_sessions_when_deactivated(alice: User, fresh_counters: None) -> None:
    # case 098
    hers = browser()
    adam = make_user(Role.ADMIN)

    staffing.deactivate(alice, by=adam, now=NOW)

    assert not is_signed_in(hers)
    staffing.reactivate(alice, by=adam, now=NOW)
    assert not is_signed_in(hers)


def test_saw_when_the_session_is_used(alice: User, fresh_counters: None) -> None:
    hers = browser()

    sessions.saw(hers.session.session_key, now=NOW + timedelta(minutes=5))

    assert sessions.of(alice)[0].seen_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(("role", "minutes"), [(Role.PATIENT, 30), (Role.DOCTOR, 15), (Role.ADMIN, 15)])
def test_expiry_when_it_is_young(role: Role, minutes: int) -> None:
    # case 090
    began_at = int(NOW.timestamp())

    assert sessions.expiry(role, began_at=began_at, now=NOW + timedelta(hours=1)) == minutes * 60


def test_expiry_when_it_is_old() -> None:
    # case 090
    began_at = int(NOW.timestamp())

    found = sessions.expiry(Role.PATIENT, began_at=began_at, now=NOW + timedelta(hours=11, minutes=31))

    assert found == NOW + timedelta(hours=12)


@override_settings(SESSION_HOURS=1)
def test_expiry_when_the_policy_is_stricter() -> None:
    found = sessions.expiry(Role.ADMIN, began_at=int(NOW.timestamp()), now=NOW + timedelta(minutes=50))

    assert found == NOW + timedelta(hours=1)
