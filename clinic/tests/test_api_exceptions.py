"""Time off and extra hours over the API."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Message, Patient, User
from accounts.tests.factories import make_patient
from clinic.models import Appointment, Doctor, ScheduleException, Site, Specialty, ToBeMoved
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import MONDAY, at, make_appointment, make_extra_hours, make_time_off

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)


def said(**fields: Any) -> dict[str, Any]:
    """A Monday morning off."""
    times = {"starts_at": "2027-03-01T08:00:00+01:00", "ends_at": "2027-03-01T12:00:00+01:00"}
    return {"kind": "time_off", "reason": "knee surgery"} | times | fields


def post(user: User, **fields: Any) -> Any:
    return Caller(user).post("exceptions/", said(**fields), format="json")


def test_create(dr_chen: Doctor, berlin: Site) -> None:
    answer = post(dr_chen.user, site=str(berlin.pk))

    assert answer.status_code == 201
    made = ScheduleException.objects.get()
    assert (made.doctor, made.site, made.starts_at, made.ends_at) == (dr_chen, berlin, at("08:00"), at("12:00"))
    assert answer.json() == said() | {
        "id": str(made.pk),
        "doctor": str(dr_chen.pk),
        "doctor_name": "Dr. Wei Chen",
        "site": str(berlin.pk),
        "site_name": "Berlin Mitte",
        "slot_minutes": 60,
        "to_be_moved": [],
    }


def test_create_when_the_same_is_there(dr_chen: Doctor) -> None:
    first = post(dr_chen.user)

    again = post(dr_chen.user)

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert ScheduleException.objects.count() == 1


def test_create_over_appointments(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient) -> None:  # case 016
    heart = Specialty.objects.create(name="Cardiology")
    for doctor in (dr_chen, dr_diaz):
        doctor.specialties.add(heart)
    hit = make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, bob, at("10:00", MONDAY + DAY))

    refused = post(dr_chen.user)

    assert refusal(refused) == (409, "appointments_in_the_way")
    [told] = refused.json()["error"]["appointments"]
    assert {name: told[name] for name in ("id", "reference", "starts_at")} == {
        "id": str(hit.pk),
        "reference": hit.reference,
        "starts_at": "2027-03-01T10:00:00+01:00",
    }
    assert [one["starts_at"] for one in told["alternatives"]] == [
        "2027-03-02T09:00:00+01:00",
        "2027-03-02T09:30:00+01:00",
        "2027-03-02T10:30:00+01:00",
    ]
    assert not ScheduleException.objects.exists()
    assert not ToBeMoved.objects.exists()
    assert not Message.objects.exists()

    confirmed = post(dr_chen.user, confirm=True)

    assert confirmed.status_code == 201
    assert [one["id"] for one in confirmed.json()["to_be_moved"]] == [str(hit.pk)]
    assert ToBeMoved.objects.get().appointment == hit
    assert Message.objects.get().kind == "to_be_moved"
    assert Appointment.objects.filter(status="scheduled").count() == 2


def test_change_and_withdraw(dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("11:30"))
    off = make_time_off(at("08:00"), at("10:00"), dr_chen)
    caller, path = Caller(dr_chen.user), f"exceptions/{off.pk}/"
    longer = {"ends_at": "2027-03-01T12:00:00+01:00"}

    assert refusal(caller.patch(path, longer, format="json")) == (409, "appointments_in_the_way")
    assert caller.patch(path, longer | {"confirm": True}, format="json").status_code == 200
    assert ToBeMoved.objects.get().resolved_at is None
    assert caller.delete(path).status_code == 204

    assert ToBeMoved.objects.get().resolved_at is not None
    assert not ScheduleException.objects.exists()


def test_withdraw_extra_hours_with_a_visit(dr_chen: Doctor, berlin: Site, alice: Patient) -> None:
    extra = make_extra_hours(dr_chen, berlin, at("14:00"), at("16:00"))
    visit = make_appointment(dr_chen, alice, at("14:00"))

    answer = Caller(dr_chen.user).delete(f"exceptions/{extra.pk}/")

    assert (answer.status_code, answer.json()["to_be_moved"][0]["id"]) == (200, str(visit.pk))


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"ends_at": "2027-03-01T08:00:00+01:00"}, "bad_span", "ends_at"),
        ({"ends_at": "2027-02-28T08:00:00+01:00"}, "bad_span", "ends_at"),
        ({"ends_at": "2037-03-01T08:00:00+01:00"}, "too_long", "ends_at"),
        ({"ends_at": "2300-03-01T08:00:00+01:00"}, "bad_date", "ends_at"),
        ({"ends_at": "2027-03-01T12:00:00"}, "no_offset", "ends_at"),
        ({"starts_at": "2027-03-01"}, "bad_instant", "starts_at"),
        ({"kind": "party"}, "invalid", "kind"),
        ({"kind": "extra_hours"}, "invalid", None),
        ({"site": "00000000-0000-4000-8000-000000000000"}, "invalid", "site"),
        ({"reason": "x" * 201}, "invalid", "reason"),
        ({"confirm": "yes"}, "invalid", "confirm"),
    ],
)
def test_create_when_it_makes_no_sense(
    adam: User, dr_chen: Doctor, fields: dict[str, Any], code: str, field: str | None
) -> None:  # case 148, case 150, fault B0-24
    answer = post(adam, **{"doctor": str(dr_chen.pk)} | fields)

    assert answer.status_code == 400, answer.content
    assert field is None or (answer.json()["error"]["code"], *answer.json()["error"]["fields"]) == (code, field)
    assert not ScheduleException.objects.exists()


def test_closures_are_an_administrators(adam: User, dr_chen: Doctor, berlin: Site, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    for fields in ({"doctor": None}, {"doctor": None, "site": str(berlin.pk)}):
        assert refusal(post(dr_chen.user, **fields))[0] == 403
        assert refusal(post(adam, **fields)) == (409, "appointments_in_the_way")
    closed = make_time_off(at("08:00"), at("09:00"))
    assert refusal(Caller(dr_chen.user).delete(f"exceptions/{closed.pk}/"))[0] == 403

    assert list(ScheduleException.objects.all()) == [closed]
    assert post(adam, doctor=None, confirm=True).status_code == 201


def test_exceptions_of_another_doctor(
    dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, rita: User
) -> None:  # case 119, case 120, fault B0-7
    hers, his = (make_time_off(at("08:00"), at("09:00"), doctor) for doctor in (dr_diaz, dr_chen))
    before = list(ScheduleException.objects.order_by("pk").values())

    for user in (dr_chen.user, alice.user, rita):
        caller = Caller(user)
        assert refusal(post(user, doctor=str(dr_diaz.pk)))[0] == 403
        assert refusal(caller.patch(f"exceptions/{hers.pk}/", {"kind": "time_off"}, format="json"))[0] == 403
        assert refusal(caller.delete(f"exceptions/{hers.pk}/"))[0] == 403
        assert refusal(caller.patch(f"exceptions/{his.pk}/", {"doctor": str(dr_diaz.pk)}, format="json"))[0] == 403
        assert refusal(caller.patch(f"exceptions/{his.pk}/", {"doctor": None}, format="json"))[0] == 403

    assert list(ScheduleException.objects.order_by("pk").values()) == before


def test_reason_is_for_the_doctor_and_staff(
    dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, rita: User, adam: User
) -> None:  # case 117
    off = make_time_off(at("08:00"), at("09:00"), dr_chen, reason="knee surgery")

    for user in (None, alice.user, dr_diaz.user):
        for path in (f"exceptions/?doctor={dr_chen.pk}", f"exceptions/{off.pk}/"):
            answer = Caller(user).get(path)
            assert answer.status_code == 200
            assert "knee" not in answer.content.decode()
    for user in (dr_chen.user, rita, adam):
        assert Caller(user).get(f"exceptions/{off.pk}/").json()["reason"] == "knee surgery"


def test_list(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    make_time_off(at("08:00"), at("09:00"), dr_chen)
    make_time_off(at("08:00", MONDAY + 7 * DAY), at("09:00", MONDAY + 7 * DAY), dr_chen)
    make_time_off(at("10:00"), at("11:00"))

    def found(user: User | None, query: str = "") -> int:
        return int(Caller(user).get(f"exceptions/{query}").json()["count"])

    assert refusal(Caller(alice.user).get("exceptions/")) == (400, "whose")
    assert (found(dr_chen.user), found(rita)) == (2, 3)
    assert found(alice.user, f"?doctor={dr_chen.pk}&from=2027-03-03") == 1
    assert found(alice.user, f"?doctor={dr_chen.pk}&to=2027-03-03T00:00:00Z") == 1
    assert found(alice.user, f"?doctor={dr_chen.pk}&kind=extra_hours") == 0


def test_queries_do_not_grow_with_what_is_in_the_way(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    heart = Specialty.objects.create(name="Cardiology")
    for doctor in (dr_chen, dr_diaz):
        doctor.specialties.add(heart)

    def queries() -> int:
        caller = Caller(dr_chen.user)
        with CaptureQueriesContext(connection) as asked:
            answer = caller.post("exceptions/", said(), format="json")
        assert len(answer.json()["error"]["appointments"]) == Appointment.objects.count()
        return len(asked)

    make_appointment(dr_chen, make_patient(), at("09:00"))
    few = queries()
    for clock in ("09:30", "10:00", "10:30", "11:00", "11:30"):
        make_appointment(dr_chen, make_patient(), at(clock))

    assert queries() == few
