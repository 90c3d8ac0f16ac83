"""Weekly hours over the API."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic.models import Appointment, Doctor, Site, ToBeMoved, WeeklyHours
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import at, make_appointment

pytestmark = pytest.mark.usefixtures("clock")


def said(where: Site, **fields: Any) -> dict[str, Any]:
    """Hours on a Monday afternoon."""
    times = {"site": str(where.pk), "weekday": 0, "starts": "14:00", "ends": "15:50", "slot_minutes": 30}
    return times | fields


def hours_of(doctor: Doctor) -> list[tuple[int, time, time]]:
    return list(doctor.weekly_hours.order_by("weekday", "starts").values_list("weekday", "starts", "ends"))


def test_create_names_slots_and_what_is_left_over(dr_chen: Doctor, berlin: Site) -> None:  # case 005
    answer = Caller(dr_chen.user).post("availability/", said(berlin), format="json")

    assert answer.status_code == 201
    told = answer.json()
    made = WeeklyHours.objects.get(pk=told.pop("id"))
    assert (made.doctor, made.starts, made.ends) == (dr_chen, time(14), time(15, 50))
    assert told == said(berlin) | {
        "doctor": str(dr_chen.pk),
        "doctor_name": "Dr. Wei Chen",
        "site_name": "Berlin Mitte",
        "valid_from": None,
        "valid_until": None,
        "slots": ["14:00", "14:30", "15:00"],
        "unused_minutes": 20,
        "to_be_moved": [],
    }


def test_create_across_midnight(adam: User, dr_chen: Doctor, berlin: Site) -> None:  # fault B3-5, fault B3-10
    body = said(berlin, doctor=str(dr_chen.pk), starts="23:00", ends="00:45", slot_minutes=45)

    told = Caller(adam).post("availability/", body, format="json").json()

    assert (told["slots"], told["unused_minutes"]) == (["23:00", "23:45"], 15)


def test_create_when_the_same_is_there(dr_chen: Doctor, berlin: Site) -> None:  # fault B3-6
    caller = Caller(dr_chen.user)
    first = caller.post("availability/", said(berlin), format="json")

    again = caller.post("availability/", said(berlin), format="json")

    assert again.status_code == 200
    assert again.json() == first.json()
    assert dr_chen.weekly_hours.count() == 6


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({"starts": "11:30"}, 409, "hours_overlap", "starts"),
        ({"ends": "14:00"}, 400, "bad_span", "ends"),
        ({"slot_minutes": 111}, 400, "slot_longer_than_hours", "slot_minutes"),
        ({"slot_minutes": 9}, 400, "invalid", "slot_minutes"),
        ({"slot_minutes": "30"}, 400, "invalid", "slot_minutes"),
        ({"starts": "99:99"}, 400, "invalid", "starts"),
        ({"starts": "9:00"}, 400, "invalid", "starts"),
        ({"starts": "14:00:30"}, 400, "invalid", "starts"),
        ({"ends": "24:00"}, 400, "invalid", "ends"),
        ({"ends": "15:50Z"}, 400, "invalid", "ends"),
        ({"weekday": 7}, 400, "invalid", "weekday"),
        ({"weekday": "Monday"}, 400, "invalid", "weekday"),
        ({"site": "00000000-0000-4000-8000-000000000000"}, 400, "invalid", "site"),
        ({"doctor": "00000000-0000-4000-8000-000000000000"}, 400, "invalid", "doctor"),
        ({"valid_until": "9999-12-31"}, 400, "bad_date", "valid_until"),
        ({"valid_from": "2027-03-02", "valid_until": "2027-03-01"}, 400, "bad_span", "valid_until"),
    ],
)
def test_create_when_it_makes_no_sense(
    adam: User, dr_chen: Doctor, berlin: Site, fields: dict[str, Any], status: int, code: str, field: str
) -> None:  # case 148, case 150, fault B0-23, fault B4-5
    before = hours_of(dr_chen)

    answer = Caller(adam).post("availability/", {"doctor": str(dr_chen.pk)} | said(berlin, **fields), format="json")

    assert refusal(answer) == (status, code)
    assert list(answer.json()["error"]["fields"]) == [field]
    assert hours_of(dr_chen) == before


def test_create_by_an_administrator_who_names_nobody(adam: User, berlin: Site) -> None:
    assert refusal(Caller(adam).post("availability/", said(berlin), format="json")) == (400, "invalid")


def test_change_keeps_visits_and_tells_which_lie_outside(
    dr_chen: Doctor, alice: Patient, bob: Patient
) -> None:  # case 016, case 019
    late, early = make_appointment(dr_chen, alice, at("11:30")), make_appointment(dr_chen, bob, at("09:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)

    answer = Caller(dr_chen.user).patch(f"availability/{monday.pk}/", {"ends": "11:00"}, format="json")

    assert answer.status_code == 200
    assert answer.json()["slots"] == ["09:00", "09:30", "10:00", "10:30"]
    assert answer.json()["to_be_moved"] == [
        {
            "id": str(late.pk),
            "reference": late.reference,
            "starts_at": "2027-03-01T11:30:00+01:00",
            "ends_at": "2027-03-01T12:00:00+01:00",
        }
    ]
    assert set(Appointment.objects.values_list("status", "starts_at")) == {
        ("scheduled", late.starts_at),
        ("scheduled", early.starts_at),
    }


def test_put_writes_anew(dr_chen: Doctor, berlin: Site) -> None:
    monday, caller = dr_chen.weekly_hours.get(weekday=0), Caller(dr_chen.user)

    lacking = caller.put(f"availability/{monday.pk}/", {"ends": "11:00"}, format="json")
    answer = caller.put(f"availability/{monday.pk}/", said(berlin), format="json")

    assert refusal(lacking) == (400, "invalid")
    assert (answer.status_code, answer.json()["starts"]) == (200, "14:00")


def test_delete(dr_chen: Doctor, alice: Patient) -> None:
    visit = make_appointment(dr_chen, alice, at("09:00"))
    monday, tuesday, *_rest = dr_chen.weekly_hours.order_by("weekday")
    caller = Caller(dr_chen.user)

    with_a_visit = caller.delete(f"availability/{monday.pk}/")
    without = caller.delete(f"availability/{tuesday.pk}/")

    assert [one["id"] for one in with_a_visit.json()["to_be_moved"]] == [str(visit.pk)]
    # The visit waits still: it is told again.
    assert without.status_code == 200
    assert caller.get(f"availability/{monday.pk}/").status_code == 404
    ToBeMoved.objects.all().delete()
    assert caller.delete(f"availability/{dr_chen.weekly_hours.get(weekday=4).pk}/").status_code == 204


def test_hours_of_another_doctor(
    dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, alice: Patient, rita: User
) -> None:  # case 119, case 120, fault B0-5, fault B3-1
    hers, his = dr_diaz.weekly_hours.get(weekday=0), dr_chen.weekly_hours.get(weekday=0)
    before = (hours_of(dr_chen), hours_of(dr_diaz))

    for user in (dr_chen.user, alice.user, rita):
        caller = Caller(user)
        assert refusal(caller.patch(f"availability/{hers.pk}/", {"ends": "11:00"}, format="json"))[0] == 403
        assert refusal(caller.delete(f"availability/{hers.pk}/"))[0] == 403
        assert refusal(caller.post("availability/", said(berlin, doctor=str(dr_diaz.pk)), format="json"))[0] == 403
        assert refusal(caller.patch(f"availability/{his.pk}/", {"doctor": str(dr_diaz.pk)}, format="json"))[0] == 403
    assert refusal(Caller().post("availability/", said(berlin, doctor=str(dr_diaz.pk)), format="json"))[0] == 401

    assert (hours_of(dr_chen), hours_of(dr_diaz)) == before
    assert Caller(dr_chen.user).patch(f"availability/{his.pk}/", {"ends": "11:00"}, format="json").status_code == 200


def test_list(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, rita: User) -> None:
    def found(user: User | None, query: str = "") -> int:
        answer = Caller(user).get(f"availability/{query}")
        return answer.json()["count"] if answer.status_code == 200 else answer.status_code

    for user in (None, alice.user):
        for query in ("", "?doctor=", "?doctor=%20"):
            assert refusal(Caller(user).get(f"availability/{query}")) == (400, "whose")
        assert found(user, f"?doctor={dr_chen.pk}") == 5
        assert found(user, f"?doctor={dr_chen.pk}&weekday=1") == 1
    assert [found(dr_chen.user), found(dr_chen.user, f"?doctor={dr_diaz.pk}"), found(rita)] == [5, 5, 10]
    assert found(None, "?doctor=00000000-0000-4000-8000-000000000000") == 0


def test_list_when_the_doctor_is_not_let_in(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    Doctor.objects.filter(pk=dr_chen.pk).update(approval="rejected")
    row = dr_chen.weekly_hours.first()
    assert row is not None

    assert Caller(alice.user).get(f"availability/?doctor={dr_chen.pk}").json()["count"] == 0
    assert Caller(alice.user).get(f"availability/{row.pk}/").status_code == 404
    assert Caller(rita).get(f"availability/?doctor={dr_chen.pk}").json()["count"] == 5
    assert refusal(Caller(dr_chen.user).patch(f"availability/{row.pk}/", {"ends": "11:00"}, format="json"))[0] == 403


def queries(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert ask().status_code < 300
    return len(asked)


def test_queries_do_not_grow(dr_chen: Doctor, berlin: Site) -> None:
    caller = Caller(dr_chen.user)
    caller.get("availability/")
    few = queries(lambda: caller.get("availability/"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    make_appointment(dr_chen, make_patient(), at("11:00"))
    for_one = queries(lambda: caller.patch(f"availability/{monday.pk}/", {"ends": "11:00"}, format="json"))
    caller.patch(f"availability/{monday.pk}/", {"ends": "12:00"}, format="json")
    for clock in ("11:30", "10:30", "10:00"):
        make_appointment(dr_chen, make_patient(), at(clock))
    caller.post("availability/", said(berlin), format="json")

    assert queries(lambda: caller.get("availability/")) == few
    assert queries(lambda: caller.patch(f"availability/{monday.pk}/", {"ends": "10:00"}, format="json")) <= for_one
