"""Idempotency-Key on bookings and holds."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.models import Patient
from clinic.models import Appointment, Doctor, IdempotencyKey, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")
KEY = {"HTTP_IDEMPOTENCY_KEY": "k1"}
LONG = {"HTTP_IDEMPOTENCY_KEY": "0f8fad5b-d9cb-469f-a165-70867728950e"}


def wanted(doctor: Doctor, clock: str = "09:30", **more: Any) -> dict[str, Any]:
    """A body that asks for a time on Monday."""
    return {"doctor": str(doctor.pk), "starts_at": f"2027-03-01T{clock}:00+01:00", **more}


def test_book_twice_with_one_key(dr_chen: Doctor, alice: Patient) -> None:  # case 041
    caller = Caller(alice.user)

    first = caller.post("appointments/", wanted(dr_chen), **KEY)
    second = caller.post("appointments/", wanted(dr_chen), **KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert first.headers["ETag"] == second.headers["ETag"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Appointment.objects.count() == 1


def test_book_another_time_with_one_key(dr_chen: Doctor, alice: Patient) -> None:  # case 041
    caller = Caller(alice.user)
    caller.post("appointments/", wanted(dr_chen), **KEY)

    answer = caller.post("appointments/", wanted(dr_chen, "10:00"), **KEY)

    assert refusal(answer) == (422, "idempotency_mismatch")
    assert list(answer.json()["error"]["fields"]) == ["Idempotency-Key"]
    assert Appointment.objects.count() == 1


def test_key_of_another(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:  # case 041
    Caller(alice.user).post("appointments/", wanted(dr_chen), **KEY)

    same = Caller(bob.user).post("appointments/", wanted(dr_chen), **KEY)
    own = Caller(bob.user).post("appointments/", wanted(dr_chen, "10:00"), **KEY)

    assert refusal(same) == (409, "slot_taken")
    assert (own.status_code, own.json()["patient_name"]) == (201, "Bob Baker")


def test_key_of_a_refused_request_is_free(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    other = make_appointment(dr_chen, bob, at("09:30"))
    caller = Caller(alice.user)
    assert refusal(caller.post("appointments/", wanted(dr_chen), **KEY)) == (409, "slot_taken")
    assert not IdempotencyKey.objects.exists()
    Appointment.objects.filter(pk=other.pk).update(status=Status.CANCELLED)

    assert caller.post("appointments/", wanted(dr_chen), **KEY).status_code == 201


def test_key_after_a_day(dr_chen: Doctor, alice: Patient) -> None:
    Caller(alice.user).post("appointments/", wanted(dr_chen), **KEY)

    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        answer = Caller(alice.user).post("appointments/", wanted(dr_chen, "10:00"), **KEY)

    assert answer.status_code == 201


def test_key_again_shows_how_it_stands_now(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)
    booked = caller.post("appointments/", wanted(dr_chen), **KEY).json()
    caller.delete(f"appointments/{booked['id']}/")

    again = caller.post("appointments/", wanted(dr_chen), **KEY)

    assert (again.status_code, again.json()["id"], again.json()["status"]) == (201, booked["id"], "cancelled")


def test_key_again_asks_who_may_see_it(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("11:00"))
    caller = Caller(dr_chen.user)
    booked = caller.post("appointments/", wanted(dr_chen, patient=str(alice.pk)), **KEY).json()
    Appointment.objects.filter(pk=booked["id"]).update(doctor=dr_diaz)

    again = caller.post("appointments/", wanted(dr_chen, patient=str(alice.pk)), **KEY)

    assert refusal(again) == (404, "not_found")


def test_key_again_though_the_doctor_left(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)
    first = caller.post("appointments/", wanted(dr_chen), **KEY)
    dr_chen.user.is_active = False
    dr_chen.user.save()

    assert caller.post("appointments/", wanted(dr_chen), **KEY).json() == first.json()


@pytest.mark.parametrize("key", ["", "a b", "k" * 201, "\xe9"])
def test_key_that_is_none(dr_chen: Doctor, alice: Patient, key: str) -> None:
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen), HTTP_IDEMPOTENCY_KEY=key)

    assert refusal(answer) == (400, "bad_idempotency_key")
    assert not Appointment.objects.exists()


def test_hold_twice_with_one_key_by_a_stranger(dr_chen: Doctor) -> None:
    first = Caller().post("holds/", wanted(dr_chen), **LONG)
    second = Caller().post("holds/", wanted(dr_chen), **LONG)
    without = Caller().post("holds/", wanted(dr_chen))

    assert (first.status_code, second.json()) == (201, first.json())
    assert refusal(without) == (429, "one_hold_at_a_time")


def test_hold_with_a_short_key_by_a_stranger(dr_chen: Doctor) -> None:
    assert refusal(Caller().post("holds/", wanted(dr_chen), **KEY)) == (400, "bad_idempotency_key")
    assert not Appointment.objects.exists()


def test_hold_again_with_the_key_after_its_end(dr_chen: Doctor) -> None:
    Caller().post("holds/", wanted(dr_chen), **LONG)

    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        again = Caller().post("holds/", wanted(dr_chen), **LONG)

    assert refusal(again) == (400, "hold_expired")


def test_keys_of_holds_and_bookings_are_apart(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)

    held = caller.post("holds/", wanted(dr_chen), **KEY)
    booked = caller.post("appointments/", wanted(dr_chen), **KEY)

    assert (held.status_code, booked.status_code) == (201, 201)


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
def test_book_ten_times_at_once_with_one_key(dr_chen: Doctor, alice: Patient) -> None:  # case 041
    together, answers = threading.Barrier(10), []
    callers = [Caller(alice.user) for _number in range(10)]

    def ask(caller: Caller) -> None:
        together.wait(timeout=20)
        try:
            answers.append(caller.post("appointments/", wanted(dr_chen), **KEY))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert [answer.status_code for answer in answers] == [201] * 10
    assert len({answer.content for answer in answers}) == 1
    assert Appointment.objects.count() == 1
