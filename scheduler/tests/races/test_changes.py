"""Moving and cancelling while others do the same: every end is one that could have come about in turn."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from clinic.models import Appointment, Doctor, Status
from scheduler.tests.races.clients import Client, doubles, starts, statuses, together

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
NOBODY = (0, 0)
LONGEST = 5
"""Seconds."""
Patients = Callable[[int], list[Client]]


def booked(client: Client, doctor: Doctor, number: int) -> str:
    """The id of a new appointment."""
    answer = client.book(doctor, starts(number + 1)[number])
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return str(answer.json()["id"])


def assert_quick(answers: list[httpx.Response]) -> None:
    assert all(answer.elapsed.total_seconds() < LONGEST for answer in answers)


def where() -> dict[str, tuple[object, object]]:
    """Who is where."""
    return {str(one.pk): (one.doctor_id, one.starts_at) for one in Appointment.objects.all()}


def test_move_when_two_swap_places(  # case 049
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor
) -> None:
    alice, bob = patients(2)
    first, second, third = starts(3)
    hers, his = booked(alice, doctor, 0), booked(bob, doctor, 1)
    alices, bobs = [second, third, first], [first, second, third]  # now at each other's place, now round in a circle

    for number in range(100):
        answers = together(
            crew, partial(alice.move, hers, alices[number % 3]), partial(bob.move, his, bobs[number % 3])
        )
        assert set(statuses(answers)) <= {200, 409}
        assert_quick(answers)

    places = where()
    assert places[hers] != places[his]
    assert {start for _doctor, start in places.values()} <= {first, second, third}
    assert doubles() == NOBODY


def test_move_when_two_change_doctors_crosswise(  # case 049
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, other_doctor: Doctor
) -> None:
    alice, bob = patients(2)
    hers, his = booked(alice, doctor, 0), booked(bob, other_doctor, 1)
    times, doctors = starts(4), [doctor, other_doctor]

    for number in range(1, 101):
        # Each goes to a free time of the doctor from whom the other comes.
        answers = together(
            crew,
            partial(alice.move, hers, times[number % 2 * 2], doctors[number % 2]),
            partial(bob.move, his, times[number % 2 * 2 + 1], doctors[(number + 1) % 2]),
        )
        assert statuses(answers) == {200: 2}
        assert_quick(answers)

    assert where() == {hers: (doctor.pk, times[0]), his: (other_doctor.pk, times[1])}


def test_move_when_two_swap_doctors_at_one_time(
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor, other_doctor: Doctor
) -> None:
    alice, bob = patients(2)
    start = starts(1)[0]
    hers, his = booked(alice, doctor, 0), booked(bob, other_doctor, 0)
    before = where()

    for _number in range(50):
        answers = together(crew, partial(alice.move, hers, start, other_doctor), partial(bob.move, his, start, doctor))
        assert statuses(answers) == {409: 2}
        assert_quick(answers)

    assert where() == before


def test_cancel_while_others_cancel_and_move(  # case 051
    crew: ThreadPoolExecutor, patients: Patients, reception: Client, doctor: Doctor
) -> None:
    [alice] = patients(1)
    times = starts(100)

    for number in range(50):
        hers = booked(alice, doctor, number)
        cancelled, moved, cancelled_too = together(
            crew,
            partial(alice.cancel, hers),
            partial(reception.move, hers, times[50 + number]),
            partial(reception.cancel, hers),
        )
        now = Appointment.objects.get(pk=hers)
        assert statuses([cancelled, cancelled_too]) == {200: 1, 409: 1}
        assert moved.status_code in (200, 409)
        assert now.status == Status.CANCELLED
        assert now.starts_at == times[50 + number if moved.status_code == 200 else number]
        assert now.sequence == (moved.status_code == 200)

    # What was given up, and what was never taken, can all be booked again.
    again = [alice.book(doctor, start) for start in times[:5] + times[50:55]]
    assert statuses(again) == {201: 10}


def test_cancel_while_others_book_the_slot(  # case 052
    crew: ThreadPoolExecutor, patients: Patients, doctor: Doctor
) -> None:
    alice, *others = patients(9)

    for number, start in enumerate(starts(30)):
        hers = booked(alice, doctor, number)
        cancelled, *answers = together(
            crew, partial(alice.cancel, hers), *(partial(one.book, doctor, start) for one in others)
        )
        assert cancelled.status_code == 200
        assert set(statuses(answers)) <= {201, 409}
        assert statuses(answers).get(201, 0) <= 1
        live = Appointment.objects.filter(starts_at=start).exclude(status=Status.CANCELLED)
        assert live.count() == statuses(answers).get(201, 0)

    assert doubles() == NOBODY
