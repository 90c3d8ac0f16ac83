"""Keys that make a request take effect once."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import User
from accounts.tests.factories import make_user
from clinic import idempotency
from clinic.idempotency import LIFETIME, Caller
from clinic.models import IdempotencyKey
from clinic.tests.factories import NOW

LONG = "k" * 32


class Maker:
    """Counts how often it acts."""

    def __init__(self) -> None:
        self.made: list[UUID] = []

    def __call__(self) -> UUID:
        """Make something."""
        self.made.append(uuid4())
        return self.made[-1]


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller.person(make_user())


def code_of(error: ValidationError) -> str | None:
    """The code of a refusal at the key."""
    return error.error_dict["Idempotency-Key"][0].code


def test_once_acts_the_first_time(caller: Caller) -> None:
    make = Maker()

    outcome = idempotency.once(caller, "booking", "k", {"a": 1}, now=NOW, act=make)

    assert (outcome.made, outcome.is_repeated) == (make.made[0], False)
    assert IdempotencyKey.objects.get().object_id == make.made[0]


def test_once_answers_what_was_made_when_it_comes_again(caller: Caller) -> None:  # case 041
    make = Maker()
    first = idempotency.once(caller, "booking", "k", {"a": 1, "b": 2}, now=NOW, act=make)

    again = idempotency.once(caller, "booking", "k", {"b": 2, "a": 1}, now=NOW + timedelta(hours=23), act=make)

    assert (again.made, again.is_repeated, len(make.made)) == (first.made, True, 1)


@pytest.mark.parametrize("body", [{"a": 2}, {"a": "1"}, {"a": 1, "b": None}, {}, [], None])
def test_once_refuses_another_body(caller: Caller, body: object) -> None:  # case 041
    make = Maker()
    idempotency.once(caller, "booking", "k", {"a": 1}, now=NOW, act=make)

    with pytest.raises(ValidationError) as refused:
        idempotency.once(caller, "booking", "k", body, now=NOW, act=make)

    assert code_of(refused.value) == "idempotency_mismatch"
    assert (len(make.made), IdempotencyKey.objects.count()) == (1, 1)


def test_once_keeps_callers_and_operations_apart(caller: Caller) -> None:  # case 041
    make = Maker()
    other = Caller.person(make_user())

    for one, operation in ((caller, "booking"), (other, "booking"), (caller, "hold")):
        idempotency.once(one, operation, "k", {"a": operation}, now=NOW, act=make)

    assert len(make.made) == 3


def test_once_forgets_after_a_day(caller: Caller) -> None:
    make = Maker()
    idempotency.once(caller, "booking", "k", {"a": 1}, now=NOW, act=make)

    outcome = idempotency.once(caller, "booking", "k", {"a": 2}, now=NOW + LIFETIME, act=make)

    assert (outcome.is_repeated, len(make.made), IdempotencyKey.objects.count()) == (False, 2, 1)


def test_once_remembers_nothing_of_what_failed(caller: Caller) -> None:
    def fail() -> UUID:
        make_user(email="half@example.org")
        raise ValidationError("no", code="slot_taken")

    with pytest.raises(ValidationError):
        idempotency.once(caller, "booking", "k", {}, now=NOW, act=fail)

    assert not IdempotencyKey.objects.exists()
    assert not User.objects.filter(email="half@example.org").exists()
    assert not idempotency.once(caller, "booking", "k", {}, now=NOW, act=Maker()).is_repeated


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "k" * 201, "clé", "\x00"])
def test_once_refuses_a_key_that_is_none(caller: Caller, key: str) -> None:
    make = Maker()

    with pytest.raises(ValidationError) as refused:
        idempotency.once(caller, "booking", key, {}, now=NOW, act=make)

    assert code_of(refused.value) == "bad_idempotency_key"
    assert not make.made


def test_once_asks_strangers_for_long_keys(db: None) -> None:
    make, stranger = Maker(), Caller.address("10.0.0.1")

    with pytest.raises(ValidationError) as refused:
        idempotency.once(stranger, "hold", LONG[:-1], {}, now=NOW, act=make)
    idempotency.once(stranger, "hold", LONG, {}, now=NOW, act=make)

    assert code_of(refused.value) == "bad_idempotency_key"
    assert len(make.made) == 1


def test_once_keeps_neither_body_nor_address(db: None) -> None:
    idempotency.once(Caller.address("10.0.0.1"), "hold", LONG, {"reason": "CNRY"}, now=NOW, act=Maker())

    kept = str(IdempotencyKey.objects.values().get())
    assert "CNRY" not in kept
    assert "10.0.0.1" not in kept


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_once_when_ten_come_together() -> None:  # case 041
    caller, make = Caller.person(make_user()), Maker()
    together, outcomes = threading.Barrier(10), []

    def ask() -> None:
        together.wait(timeout=20)
        try:
            outcomes.append(idempotency.once(caller, "booking", "k", {"a": 1}, now=NOW, act=make))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len(make.made) == 1
    assert [outcome.made for outcome in outcomes] == make.made * 10
    assert sorted(outcome.is_repeated for outcome in outcomes) == [False] + [True] * 9
