"""Who must have a second factor, what a code is worth, and how a lost one is taken away."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts import second_factor, tokens
from accounts.models import AuditEntry, Role, TokenFamily, User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.factors import code_of, factors_of, recovery_codes, set_up_app, wrong_code
from accounts.tests.threads import at_the_same_time

NOW = datetime(2027, 3, 1, 9, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
REQUIRED = ("doctor", "receptionist", "admin")


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


@pytest.fixture
def demanded(settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = REQUIRED


def entries(verb: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=f"accounts.{verb}"))


@pytest.mark.usefixtures("demanded")
@pytest.mark.parametrize("role", Role)
def test_is_missing_when_the_role_demands_one(db: None, role: Role) -> None:
    person = make_user(role)

    assert second_factor.is_missing(person) == (role in REQUIRED)


@pytest.mark.usefixtures("demanded")
def test_is_missing_when_there_is_an_app_or_a_passkey_or_only_codes(db: None) -> None:
    with_app, with_passkey, with_codes = (make_user(Role.DOCTOR) for _ in range(3))
    set_up_app(with_app)
    WebAuthn.add(with_passkey, "My phone", {})
    recovery_codes(with_codes)

    assert not second_factor.is_missing(with_app)
    assert not second_factor.is_missing(with_passkey)
    assert second_factor.is_missing(with_codes)


@pytest.mark.usefixtures("demanded")
def test_is_missing_asks_nothing_about_those_who_need_none(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert not second_factor.is_missing(alice)
        assert not second_factor.is_missing(AnonymousUser())


def test_is_missing_when_nobody_needs_one(db: None, settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = ()

    assert not second_factor.is_missing(make_user(Role.ADMIN))


def test_with_factor_tells_of_all_in_one_query(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    set_up_app(make_user())
    recovery_codes(make_user())

    with django_assert_num_queries(1):
        told = [user.has_factor for user in second_factor.with_factor(User.objects.order_by("created_at"))]

    assert told == [False, True, False]


def test_secrets_are_encrypted_at_rest(alice: User) -> None:
    secret = set_up_app(alice)
    codes = recovery_codes(alice)

    kept = [str(row.data) for row in Authenticator.objects.all()]
    assert not any(word in row for row in kept for word in (secret, *codes))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_spend_takes_the_code_of_this_half_minute_and_its_neighbours(alice: User, steps: int) -> None:  # case 096
    secret = set_up_app(alice)

    found = second_factor.spend(alice, code_of(secret, steps=steps, now=NOW), now=NOW)

    assert found == Authenticator.objects.get(user=alice)


@pytest.mark.parametrize("steps", [-2, 2])
def test_spend_refuses_older_and_later_ones(alice: User, steps: int) -> None:  # case 096
    secret = set_up_app(alice)

    assert second_factor.spend(alice, code_of(secret, steps=steps, now=NOW), now=NOW) is None


@pytest.mark.parametrize("code", ["", " ", "12345", "1234567", "٣٣٣٣٣٣", "\x00", "x" * 64, "------"])
def test_spend_refuses_what_is_no_code(alice: User, code: str) -> None:
    set_up_app(alice)
    recovery_codes(alice)

    assert second_factor.spend(alice, code, now=NOW) is None


def test_spend_takes_a_code_once_only_however_it_is_written(alice: User) -> None:  # case 096
    secret = set_up_app(alice)
    code = code_of(secret, now=NOW)
    assert second_factor.spend(alice, f"{code[:3]} {code[3:]}", now=NOW)

    # Also after the half minute for which a cache would remember it, while it would count as the one before.
    assert second_factor.spend(alice, code, now=NOW) is None
    assert second_factor.spend(alice, f"{code[:3]}-{code[3:]}", now=NOW + STEP) is None


def test_spend_takes_none_that_is_older_than_the_last(alice: User) -> None:  # case 096
    secret = set_up_app(alice)
    assert second_factor.spend(alice, code_of(secret, steps=1, now=NOW), now=NOW)

    assert second_factor.spend(alice, code_of(secret, now=NOW), now=NOW) is None
    assert second_factor.spend(alice, code_of(secret, steps=2, now=NOW), now=NOW + STEP)


def test_spend_takes_each_recovery_code_once(alice: User) -> None:
    set_up_app(alice)
    first, second, *_rest = recovery_codes(alice)

    assert second_factor.spend(alice, first, now=NOW)
    assert second_factor.spend(alice, first, now=NOW) is None
    assert second_factor.spend(alice, second, now=NOW)
    assert {first, second}.isdisjoint(recovery_codes(alice))


def test_spend_takes_no_code_of_somebody_else(alice: User) -> None:
    set_up_app(alice)
    secret = set_up_app(make_user())

    assert second_factor.spend(alice, code_of(secret, now=NOW), now=NOW) is None


@pytest.mark.django_db(transaction=True)
def test_spend_when_many_send_the_same_code_at_once() -> None:  # case 096
    alice = make_user()
    code = code_of(set_up_app(alice), now=NOW)

    got = at_the_same_time(8, lambda: second_factor.spend(alice, code, now=NOW))

    assert [found for found in got if found] == [Authenticator.objects.get(user=alice)]


@pytest.mark.django_db(transaction=True)
def test_spend_when_many_send_the_same_recovery_code_at_once() -> None:  # case 096
    alice = make_user()
    code = recovery_codes(alice)[0]

    got = at_the_same_time(8, lambda: second_factor.spend(alice, code, now=NOW))

    assert len([found for found in got if found]) == 1
    assert code not in recovery_codes(alice)


@pytest.fixture
def admin(db: None) -> User:
    return make_user(Role.ADMIN)


@pytest.mark.usefixtures("in_request")
def test_reset_takes_all_away_and_ends_every_sign_in(
    alice: User, admin: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    tokens.sign_in(alice, now=timezone.now())
    set_up_app(alice)
    recovery_codes(alice)
    WebAuthn.add(alice, "My phone", {})

    with django_capture_on_commit_callbacks(execute=True):
        second_factor.reset(alice, by=admin, now=timezone.now())

    assert factors_of(alice) == []
    assert not TokenFamily.objects.filter(revoked_at=None).exists()
    assert not UserSession.objects.filter(user=alice).exists()
    assert browser.get("/appointments/").status_code == 302
    assert [letter.to for letter in mail.outbox] == [[alice.email]]
    (entry,) = entries("user.second_factor_reset")
    assert (entry.actor, entry.object_id) == (admin.pk, str(alice.pk))
    assert entry.changes == {"types": [["recovery_codes", "totp", "webauthn"], []]}


def test_reset_refuses_whoever_may_not_manage_the_account(alice: User, admin: User) -> None:
    root = make_user(Role.ADMIN, is_superuser=True)
    set_up_app(alice)
    set_up_app(root)
    gone = make_user(Role.ADMIN, is_active=False)
    pairs = [(alice, make_user(Role.RECEPTIONIST)), (alice, alice), (alice, gone), (root, admin)]

    for person, by in pairs:
        with pytest.raises(PermissionDenied):
            second_factor.reset(person, by=by, now=NOW)

    assert factors_of(alice) == factors_of(root) == ["totp"]
    assert not entries("user.second_factor_reset")


def test_reset_refuses_ones_own_and_none(alice: User, admin: User) -> None:
    set_up_app(admin)

    for person, code in ((admin, "own_account"), (alice, "no_second_factor")):
        with pytest.raises(ValidationError) as refusal:
            second_factor.reset(person, by=admin, now=NOW)
        assert refusal.value.code == code
    assert factors_of(admin) == ["totp"]


def test_wrong_code_is_no_code(alice: User) -> None:
    """The control for the tests that guess."""
    secret = set_up_app(alice)

    assert second_factor.spend(alice, wrong_code(secret), now=timezone.now()) is None
