"""Holding a time through the API."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import override_settings

from accounts.models import Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type

pytestmark = pytest.mark.usefixtures("clock")


def wanted(doctor: Doctor, clock: str = "09:30", **more: Any) -> dict[str, Any]:
    """A body that asks for a time on Monday."""
    return {"doctor": str(doctor.pk), "starts_at": f"2027-03-01T{clock}:00+01:00", **more}


def test_hold_by_a_stranger(dr_chen: Doctor) -> None:
    answer = Caller().post("holds/", wanted(dr_chen))

    hold = Appointment.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(hold.pk),
        "doctor": str(dr_chen.pk),
        "doctor_name": "Dr. Wei Chen",
        "site": str(hold.site_id),
        "site_name": "Berlin Mitte",
        "visit_type": None,
        "visit_type_name": None,
        "starts_at": "2027-03-01T09:30:00+01:00",
        "ends_at": "2027-03-01T10:00:00+01:00",
        "expires_at": "2027-02-22T09:10:00+01:00",
        "hold_key": booking.hold_key(hold.pk),
    }
    assert (hold.status, hold.patient_id) == (Status.HELD, None)


def test_hold_keeps_the_time_from_others(dr_chen: Doctor, alice: Patient) -> None:
    Caller().post("holds/", wanted(dr_chen))

    answer = Caller(alice.user).post("holds/", wanted(dr_chen))

    assert refusal(answer) == (409, "slot_taken")
    error = answer.json()["error"]
    assert list(error["fields"]) == ["starts_at"]
    assert [slot["starts_at"][11:16] for slot in error["alternatives"]] == ["09:00", "10:00", "10:30"]
    assert set(error["alternatives"][0]) == {
        *("doctor", "doctor_name", "site", "site_name", "starts_at", "ends_at", "visit_type", "status")
    }
    assert Appointment.objects.count() == 1


def test_hold_of_a_visit_of_its_own_length(dr_chen: Doctor) -> None:
    kind = make_visit_type(minutes=45, name="First visit")
    dr_chen.visit_types.add(kind)

    answer = Caller().post("holds/", wanted(dr_chen, visit_type=str(kind.pk)))

    assert (answer.json()["ends_at"], answer.json()["visit_type_name"]) == ("2027-03-01T10:15:00+01:00", "First visit")


def test_second_hold_of_an_address(dr_chen: Doctor) -> None:
    Caller().post("holds/", wanted(dr_chen))

    answer = Caller().post("holds/", wanted(dr_chen, "11:00"))

    assert refusal(answer) == (429, "one_hold_at_a_time")
    assert answer.headers["Retry-After"] == "600"
    assert Appointment.objects.get().starts_at == at("09:30")


def test_second_hold_of_a_person_replaces_the_first(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)
    caller.post("holds/", wanted(dr_chen))

    answer = caller.post("holds/", wanted(dr_chen, "11:00"))

    assert answer.status_code == 201
    assert Appointment.objects.get().starts_at == at("11:00")


def test_same_hold_again_by_a_person_keeps_its_deadline(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)
    first = caller.post("holds/", wanted(dr_chen))

    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        again = caller.post("holds/", wanted(dr_chen))

    assert again.json() == first.json()


def test_holds_of_addresses_behind_a_trusted_proxy(dr_chen: Doctor) -> None:
    with override_settings(TRUSTED_PROXIES=1):
        first = Caller(HTTP_X_FORWARDED_FOR="spoofed, 10.0.0.1").post("holds/", wanted(dr_chen))
        same = Caller(HTTP_X_FORWARDED_FOR="other, 10.0.0.1").post("holds/", wanted(dr_chen, "10:00"))
        other = Caller(HTTP_X_FORWARDED_FOR="10.0.0.2").post("holds/", wanted(dr_chen, "10:00"))

    assert [first.status_code, same.status_code, other.status_code] == [201, 429, 201]


def test_hold_when_no_proxy_is_trusted(dr_chen: Doctor) -> None:
    Caller(HTTP_X_FORWARDED_FOR="10.0.0.1").post("holds/", wanted(dr_chen))

    answer = Caller(HTTP_X_FORWARDED_FOR="10.0.0.2").post("holds/", wanted(dr_chen, "10:00"))

    assert refusal(answer) == (429, "one_hold_at_a_time")


def test_anonymous_holds_are_capped_for_each_doctor(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    with override_settings(MAX_ANONYMOUS_HOLDS_PER_DOCTOR=1):
        first = Caller(REMOTE_ADDR="10.0.0.1").post("holds/", wanted(dr_chen))
        second = Caller(REMOTE_ADDR="10.0.0.2").post("holds/", wanted(dr_chen, "10:00"))
        other = Caller(REMOTE_ADDR="10.0.0.2").post("holds/", wanted(dr_diaz))

    assert [first.status_code, other.status_code] == [201, 201]
    assert refusal(second) == (429, "too_many_holds")


def test_holds_are_nobodys_appointments(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    hold = Caller(alice.user).post("holds/", wanted(dr_chen)).json()

    for caller in (Caller(alice.user), Caller(dr_chen.user), Caller(rita)):
        assert caller.get("appointments/").json()["count"] == 0
        assert refusal(caller.get(f"appointments/{hold['id']}/")) == (404, "not_found")


@pytest.mark.parametrize("by_header", [True, False])
def test_release_with_the_key(dr_chen: Doctor, by_header: bool) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()
    body = {} if by_header else {"hold_key": hold["hold_key"]}
    caller = Caller(HTTP_HOLD_KEY=hold["hold_key"]) if by_header else Caller()

    answer = caller.delete(f"holds/{hold['id']}/", body)

    assert (answer.status_code, answer.content) == (204, b"")
    assert not Appointment.objects.exists()


def test_extend_with_the_key_once(dr_chen: Doctor) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()
    path, key = f"holds/{hold['id']}/extend/", {"hold_key": hold["hold_key"]}

    with time_machine.travel(NOW + timedelta(minutes=9), tick=False):
        first, second = Caller().post(path, key), Caller().post(path, key)

    assert first.status_code == 200
    assert first.json()["expires_at"] == "2027-02-22T09:20:00+01:00"
    assert "hold_key" not in first.json()
    assert refusal(second) == (400, "already_extended")


@pytest.mark.parametrize(("method", "tail"), [("delete", ""), ("post", "extend/")])
def test_hold_of_others_is_as_good_as_none(dr_chen: Doctor, alice: Patient, rita: User, method: str, tail: str) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()
    before = Appointment.objects.values().get()

    refused = [
        getattr(caller, method)(f"holds/{pk}/{tail}", {"hold_key": key})
        for caller in (Caller(), Caller(alice.user), Caller(rita))
        for pk, key in ((hold["id"], "x"), (hold["id"], booking.hold_key(uuid4())), (uuid4(), hold["hold_key"]))
    ]

    assert {answer.content for answer in refused} == {refused[0].content}
    assert refusal(refused[0]) == (404, "not_found")
    assert Appointment.objects.values().get() == before


@pytest.mark.parametrize(("method", "tail"), [("delete", ""), ("post", "extend/")])
def test_hold_that_has_expired(dr_chen: Doctor, method: str, tail: str) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()

    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        answer = getattr(Caller(), method)(f"holds/{hold['id']}/{tail}", {"hold_key": hold["hold_key"]})

    assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("key", [None, 5, [], {}, "\x00", "k" * 201])
def test_release_with_nonsense_for_a_key(dr_chen: Doctor, key: Any) -> None:  # case 144, 145
    hold = Caller().post("holds/", wanted(dr_chen)).json()

    answer = Caller().delete(f"holds/{hold['id']}/", {"hold_key": key})

    assert refusal(answer) == (400, "invalid")
    assert Appointment.objects.exists()


@pytest.mark.parametrize("path", ["holds/1/", "holds/x/extend/", "holds/%00/", f"holds/{'9' * 400}/"])
def test_hold_at_an_address_that_is_none(db: None, path: str) -> None:  # case 145
    assert refusal(Caller().post(path, {"hold_key": "x"})) == (404, "not_found")


def test_list_of_holds(adam: User) -> None:
    assert refusal(Caller(adam).get("holds/")) == (405, "method_not_allowed")


def test_hold_in_the_way_of_a_patients_own_appointment(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    make_appointment(dr_diaz, alice, at("09:30"))

    answer = Caller(alice.user).post("holds/", wanted(dr_chen))

    assert refusal(answer) == (409, "patient_busy")
    assert not Appointment.objects.filter(status=Status.HELD).exists()
