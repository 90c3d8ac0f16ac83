"""Many want one time: one gets it, the others are told so kindly, and nobody sees an error."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from uuid import uuid4

import httpx
import pytest

from clinic.models import Appointment, Doctor, VisitType
from scheduler.tests.races.clients import Client, doubles, starts, statuses, together

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
ROUNDS = 40
NOBODY = (0, 0)
Patients = Callable[[int], list[Client]]


def assert_one_won(answers: list[httpx.Response]) -> None:
    """One 201; all others 409, with three other times."""
    assert statuses(answers) == {201: 1, 409: len(answers) - 1}
    for answer in answers:
        if answer.status_code == httpx.codes.CONFLICT:
            error = answer.json()["error"]
            assert error["code"] == "slot_taken"
            assert len(error["alternatives"]) == 3


@pytest.mark.parametrize("number", [2, 8, 20])
def test_book_when_all_want_the_same_slot(  # case 045, fault B0-21, fault B1-12, fault B3-9
    number: int, crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, visits: tuple[VisitType, VisitType]
) -> None:
    clients = patients(number)

    for start in starts(ROUNDS):
        assert_one_won(together(crew, *(partial(one.book, doctor, start, visits[0]) for one in clients)))

    assert Appointment.objects.count() == ROUNDS
    assert doubles() == NOBODY


@pytest.mark.parametrize("number", [2, 8, 20])
def test_book_when_the_starts_differ_but_the_visits_overlap(
    number: int, crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, visits: tuple[VisitType, VisitType]
) -> None:
    """Five visits of 30 and 45 minutes that all cover the minutes 30 to 45 after the start."""
    half, three_quarters = visits
    wishes = [(0, three_quarters), (30, half), (15, three_quarters), (15, half), (30, three_quarters)]
    clients = patients(number)
    grid = starts(8 * ROUNDS, minutes=15)

    for first in range(0, 8 * ROUNDS, 8):
        calls = []
        for position, client in enumerate(clients):
            minutes, visit = wishes[position % len(wishes)]
            calls.append(partial(client.book, doctor, grid[first + minutes // 15], visit))
        assert_one_won(together(crew, *calls))

    assert Appointment.objects.count() == ROUNDS
    assert doubles() == NOBODY


def test_book_when_everybody_wants_a_slot_of_his_own(  # case 046
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, visits: tuple[VisitType, VisitType]
) -> None:
    clients = patients(40)

    def timed(client: Client, number: int) -> tuple[httpx.Response, float]:
        began = monotonic()
        return client.book(doctor, wanted[number], visits[0]), monotonic() - began

    wanted = starts(40)
    answers = together(crew, *(partial(timed, client, number) for number, client in enumerate(clients)))

    assert statuses([answer for answer, _took in answers]) == {201: 40}
    assert sorted(took for _answer, took in answers)[37] < 3
    assert doubles() == NOBODY


def test_book_when_one_patient_wants_two_doctors_at_once(
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, other_doctor: Doctor
) -> None:
    [alice] = patients(1)

    for start in starts(ROUNDS):
        answers = together(crew, *(partial(alice.book, one, start) for one in (doctor, other_doctor)))
        assert statuses(answers) == {201: 1, 409: 1}

    assert doubles() == NOBODY


def test_book_when_one_patient_sends_it_twice(crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor) -> None:
    [alice] = patients(1)

    for start in starts(ROUNDS):
        answers = together(crew, *[partial(alice.book, doctor, start)] * 3)
        assert statuses(answers) == {201: 1, 409: 2}

    assert doubles() == NOBODY


def test_book_when_one_key_comes_ten_times_at_once(  # case 041
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor
) -> None:
    [alice] = patients(1)

    for start in starts(10):
        answers = together(crew, *[partial(alice.book, doctor, start, key=uuid4().hex)] * 10)
        assert statuses(answers) == {201: 10}
        assert len({answer.json()["id"] for answer in answers}) == 1

    assert Appointment.objects.count() == 10


def test_hold_when_others_book_the_same_slot(crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor) -> None:
    clients = patients(8)

    for start in starts(15):
        calls = [partial(one.hold if number % 2 else one.book, doctor, start) for number, one in enumerate(clients)]
        assert_one_won(together(crew, *calls))

    assert doubles() == NOBODY
