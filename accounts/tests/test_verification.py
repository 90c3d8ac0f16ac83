from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import Settings

from accounts import registration, verification
from accounts.models import Role, User
from accounts.tests.factories import make_user
from accounts.tests.letters import code_in
from accounts.tests.threads import at_the_same_time

NOW = timezone.now()


def refused() -> pytest.RaisesExc[ValidationError]:
    return pytest.RaisesExc(ValidationError, check=lambda error: error.code == "invalid_code")


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org", verified=False)


def test_verify_marks_the_address_as_allauth_does(alice: User) -> None:
    code = verification.new_code(alice, now=NOW)

    verification.verify("Alice@Example.org", f" {code} ", now=NOW)

    assert list(EmailAddress.objects.values_list("user", "email", "primary", "verified")) == [
        (alice.pk, "alice@example.org", True, True)
    ]


def test_verify_makes_the_row_that_allauth_wants(alice: User) -> None:
    EmailAddress.objects.all().delete()
    code = verification.new_code(alice, now=NOW)

    verification.verify(alice.email, code, now=NOW)

    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [(alice.email, True, True)]


def test_verify_takes_a_code_once(alice: User) -> None:
    code = verification.new_code(alice, now=NOW)
    verification.verify(alice.email, code, now=NOW)
    EmailAddress.objects.update(verified=False)

    with refused():
        verification.verify(alice.email, code, now=NOW)

    assert not EmailAddress.objects.get().verified


def test_verify_is_refused_alike_for_whatever_is_wrong(alice: User) -> None:
    make_user(email="bob@example.org")
    code = verification.new_code(alice, now=NOW)
    attempts: list[tuple[str, str, Any]] = [
        (alice.email, another(code), NOW),
        (alice.email, "", NOW),
        (alice.email, "١٢٣٤٥٦", NOW),
        (alice.email, code, NOW + timedelta(minutes=15)),
        ("bob@example.org", code, NOW),
        ("nobody@example.org", code, NOW),
    ]

    sentences = set()
    for email, said, now in attempts:
        with refused() as refusal:
            verification.verify(email, said, now=now)
        sentences |= set(refusal.value.messages)

    assert len(sentences) == 1
    assert not EmailAddress.objects.get(user=alice).verified


def test_verify_is_refused_after_five_guesses(alice: User) -> None:
    code = verification.new_code(alice, now=NOW)
    for _ in range(5):
        with refused():
            verification.verify(alice.email, another(code), now=NOW)

    with refused():
        verification.verify(alice.email, code, now=NOW)

    assert not EmailAddress.objects.get().verified


def test_verify_takes_a_new_code_after_too_many_guesses(alice: User) -> None:
    for _ in range(6):
        with refused():
            verification.verify(alice.email, "guess", now=NOW)
    code = verification.new_code(alice, now=NOW)

    verification.verify(alice.email, code, now=NOW)

    assert EmailAddress.objects.get().verified


def test_verify_takes_the_newest_code_only(alice: User) -> None:
    old = verification.new_code(alice, now=NOW)
    new = verification.new_code(alice, now=NOW)

    with refused():
        verification.verify(alice.email, another(new) if old == new else old, now=NOW)

    verification.verify(alice.email, new, now=NOW)


def test_verify_is_refused_when_somebody_else_has_proved_the_address(alice: User) -> None:
    code = verification.new_code(alice, now=NOW)
    EmailAddress.objects.create(user=make_user(), email=alice.email, verified=True)

    with refused():
        verification.verify(alice.email, code, now=NOW)

    assert not EmailAddress.objects.get(user=alice, email=alice.email).verified


def test_a_code_does_not_prove_the_address_for_an_account_that_started_over(db: None) -> None:  # case 067
    person = {"email": "alice@example.org", "first_name": "A", "last_name": "B", "now": NOW}
    mallory = registration.sign_up(**person, password="known to mallory")
    code = verification.new_code(mallory, now=NOW)
    registration.sign_up(**person, password="a long sentence")

    with refused():
        verification.verify("alice@example.org", code, now=NOW)

    assert not EmailAddress.objects.get().verified


def test_neither_code_nor_address_is_in_the_cache(alice: User) -> None:  # case 175
    code = verification.new_code(alice, now=NOW)

    entry = cache.get(verification._key(alice.email))
    assert alice.email not in verification._key(alice.email)
    assert entry["digest"] != code
    assert set(entry) == {"user", "digest", "expires_at", "round"}


def test_write_to_mails_a_code_whose_subject_tells_nothing(alice: User, in_request: None) -> None:  # case 176
    verification.write_to(alice.email, now=NOW)

    assert mail.outbox[0].to == [alice.email]
    code = code_in(mail.outbox[0])
    assert code not in mail.outbox[0].subject
    verification.verify(alice.email, code, now=NOW)


@pytest.mark.parametrize("fields", [{"verified": True}, {"password": None, "role": Role.DOCTOR, "verified": False}])
def test_write_to_tells_of_an_account_that_is_there(fields: dict[str, Any], in_request: None) -> None:
    make_user(**{"email": "alice@example.org"} | fields)

    verification.write_to("ALICE@example.org", now=NOW)

    assert "You have one already" in mail.outbox[0].body
    assert mail.outbox[0].to == ["alice@example.org"]


def test_write_to_writes_to_no_stranger(in_request: None) -> None:
    verification.write_to("nobody@example.org", now=NOW)

    assert not mail.outbox


@pytest.fixture
def seldom(fresh_counters: None, settings: Settings) -> Iterator[None]:
    """Mails to one address: one within ten seconds, five an hour."""
    limits = settings.ACCOUNT_RATE_LIMITS
    settings.ACCOUNT_RATE_LIMITS = limits | {"confirm_email": "1/10s/key,5/h/key"}
    yield
    settings.ACCOUNT_RATE_LIMITS = limits


def test_write_to_leaves_the_code_good_when_it_wrote_just_now(alice: User, in_request: None, seldom: None) -> None:
    verification.write_to(alice.email, now=NOW)
    verification.write_to(alice.email, now=NOW)

    assert len(mail.outbox) == 1
    verification.verify(alice.email, code_in(mail.outbox[0]), now=NOW)


def test_write_to_sends_one_address_no_bomb(alice: User, in_request: None, seldom: None, time_machine: Any) -> None:
    # case 091
    for second in range(0, 3000, 11):
        time_machine.move_to(NOW + timedelta(seconds=second), tick=False)
        verification.write_to(alice.email, now=timezone.now())

    assert len(mail.outbox) == 5


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_time_are_five_at_most() -> None:
    alice = make_user(verified=False)
    code = verification.new_code(alice, now=NOW)
    key = f"{verification._key(alice.email)}:{cache.get(verification._key(alice.email))['round']}"

    guesses = at_the_same_time(20, lambda: verification._claim_attempt(key))

    assert guesses.count(True) == 5
    with refused():
        verification.verify(alice.email, code, now=NOW)
