import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import tokens
from accounts.models import Role, TokenFamily, User
from accounts.tests.factories import make_user
from accounts.tests.threads import at_the_same_time

NOW = timezone.now()
LATER = NOW + timedelta(minutes=1)


def refused(code: str = "invalid_token") -> pytest.RaisesExc[ValidationError]:
    return pytest.RaisesExc(ValidationError, check=lambda error: error.code == code)


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org")


def test_sign_in_gives_tokens_that_say_who_and_never_what_he_may_do(alice: User) -> None:  # fault B4-8
    pair = tokens.sign_in(alice, now=NOW)

    claims = tokens._backend().decode(pair.access_token)
    assert claims.keys() == {"typ", "family", "sub", "jti", "exp"}
    assert claims["sub"] == str(alice.pk)
    assert pair.expires_in == 15 * 60


def test_sign_in_keeps_no_token_in_the_database(alice: User) -> None:
    pair = tokens.sign_in(alice, now=NOW)

    family = TokenFamily.objects.get()
    assert family.current_jti_hash not in pair.refresh_token
    assert tokens._backend().decode(pair.refresh_token)["jti"] != family.current_jti_hash
    assert family.expires_at == NOW + timedelta(days=14)


def test_pair_shows_neither_tokens_nor_the_person_when_printed(alice: User) -> None:
    shown = repr(tokens.sign_in(alice, now=NOW))

    assert "eyJ" not in shown
    assert "Person" not in shown


def test_bearer_is_read_from_the_database_in_one_query(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:  # fault B0-9
    pair = tokens.sign_in(alice, now=NOW)
    User.objects.filter(pk=alice.pk).update(role=Role.RECEPTIONIST)

    with django_assert_num_queries(1):
        bearer = tokens.bearer(pair.access_token, now=LATER)

    assert bearer.role == Role.RECEPTIONIST


def test_bearer_is_refused_when_the_token_has_expired(alice: User) -> None:
    pair = tokens.sign_in(alice, now=NOW)

    with refused():
        tokens.bearer(pair.access_token, now=NOW + timedelta(minutes=15))


def test_bearer_is_refused_once_deactivated(alice: User) -> None:  # case 098
    pair = tokens.sign_in(alice, now=NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with refused():
        tokens.bearer(pair.access_token, now=LATER)


def test_bearer_is_refused_once_deleted(alice: User) -> None:  # case 078
    pair = tokens.sign_in(alice, now=NOW)
    alice.delete()

    with refused():
        tokens.bearer(pair.access_token, now=LATER)
    with refused():
        tokens.refresh(pair.refresh_token, now=LATER)


def test_neither_kind_of_token_passes_for_the_other(alice: User) -> None:  # case 077
    pair = tokens.sign_in(alice, now=NOW)

    with refused():
        tokens.bearer(pair.refresh_token, now=LATER)
    with refused():
        tokens.refresh(pair.access_token, now=LATER)

    assert tokens.bearer(pair.access_token, now=LATER) == alice


def test_refresh_gives_a_new_pair_of_the_same_family(alice: User) -> None:
    first = tokens.sign_in(alice, now=NOW)

    second = tokens.refresh(first.refresh_token, now=LATER)

    assert second.refresh_token != first.refresh_token
    assert tokens.bearer(second.access_token, now=LATER) == alice
    assert TokenFamily.objects.get().expires_at == LATER + timedelta(days=14)


def test_refresh_with_a_spent_token_ends_the_family(alice: User, caplog: pytest.LogCaptureFixture) -> None:  # case 078
    first = tokens.sign_in(alice, now=NOW)
    second = tokens.refresh(first.refresh_token, now=LATER)

    with refused():
        tokens.refresh(first.refresh_token, now=LATER)

    with refused():
        tokens.refresh(second.refresh_token, now=LATER)
    with refused():
        tokens.bearer(second.access_token, now=LATER)
    assert caplog.messages == [
        f"A spent refresh token came back: API sign-in {TokenFamily.objects.get().pk} has ended."
    ]


def test_refresh_with_a_spent_token_leaves_other_sign_ins_alone(alice: User) -> None:
    other = tokens.sign_in(alice, now=NOW)
    first = tokens.sign_in(alice, now=NOW)
    tokens.refresh(first.refresh_token, now=LATER)

    with refused():
        tokens.refresh(first.refresh_token, now=LATER)

    assert tokens.bearer(other.access_token, now=LATER) == alice


def test_refresh_is_refused_once_deactivated_and_ends_the_family(alice: User) -> None:  # case 098
    pair = tokens.sign_in(alice, now=NOW)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with refused():
        tokens.refresh(pair.refresh_token, now=LATER)

    assert TokenFamily.objects.get().revoked_at == LATER


def test_refresh_is_refused_when_the_token_has_expired(alice: User) -> None:
    pair = tokens.sign_in(alice, now=NOW)

    with refused():
        tokens.refresh(pair.refresh_token, now=NOW + timedelta(days=14))

    assert TokenFamily.objects.get().revoked_at is None


def test_revoke_all_ends_each_sign_in_of_that_user_alone(alice: User) -> None:
    mine = [tokens.sign_in(alice, now=NOW), tokens.sign_in(alice, now=NOW)]
    bob = make_user()
    his = tokens.sign_in(bob, now=NOW)

    tokens.revoke_all(alice, now=LATER)

    for pair in mine:
        with refused():
            tokens.bearer(pair.access_token, now=LATER)
    assert tokens.bearer(his.access_token, now=LATER) == bob


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_refresh_of_one_token_six_times_at_once_gives_one_pair() -> None:
    pair = tokens.sign_in(make_user(), now=NOW)
    looked = threading.Barrier(6, timeout=30)

    def look_then_write() -> tokens.Pair:
        family = TokenFamily.objects.get(revoked_at=None)
        looked.wait()
        family.current_jti_hash = "another"
        family.save()
        return pair

    # The control: whoever looks first and writes then lets all of them in.
    assert len(at_the_same_time(6, look_then_write)) == 6
    for _ in range(10):
        token = tokens.sign_in(make_user(), now=NOW).refresh_token
        winners = at_the_same_time(6, lambda token=token: tokens.refresh(token, now=LATER))
        assert len(winners) == 1
        # The others brought a spent token.
        with refused():
            tokens.bearer(winners[0].access_token, now=LATER)


@pytest.mark.parametrize(
    "change", [{"password": "another"}, {"role": Role.DOCTOR}, {"is_active": False}], ids=["password", "role", "active"]
)
def test_sign_in_when_the_person_changed_meanwhile(db: None, change: dict[str, Any]) -> None:
    # case 089
    user = make_user()
    User.objects.filter(pk=user.pk).update(**change)

    with refused():
        tokens.sign_in(user, now=NOW)

    assert not TokenFamily.objects.exists()
