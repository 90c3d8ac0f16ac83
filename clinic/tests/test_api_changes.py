"""Moving and cancelling through the API."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Patient, User
from accounts.tests.factories import make_user
from clinic.models import Appointment, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import MONDAY, at, make_appointment, make_hours, make_site, make_time_off

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def hers(dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice with Dr. Chen, Monday at 10."""
    return make_appointment(dr_chen, alice, at("10:00"))


def row(appointment: Appointment) -> dict[str, Any]:
    """All that the database holds of it."""
    return dict(Appointment.objects.filter(pk=appointment.pk).values().get())


def monday(clock: str, **more: Any) -> dict[str, Any]:
    """A body that asks for a time on Monday."""
    return {"starts_at": f"2027-03-01T{clock}:00+01:00", **more}


def test_move_by_the_patient(hers: Appointment, dr_chen: Doctor) -> None:  # case 033; fault B3-8
    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", monday("11:00"))

    hers.refresh_from_db()
    body = answer.json()
    assert answer.status_code == 200
    assert (body["id"], body["reference"], body["sequence"]) == (str(hers.pk), hers.reference, 1)
    assert (body["starts_at"], hers.starts_at) == ("2027-03-01T11:00:00+01:00", at("11:00"))
    assert answer.headers["ETag"] == hers.etag
    free = Caller().get("slots/", query_params={"doctor": str(dr_chen.pk), "from": "2027-03-01", "to": "2027-03-02"})
    assert [slot["starts_at"][11:16] for slot in free.json()["results"]] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
        "11:30",
    ]


def test_move_to_another_doctor(hers: Appointment, dr_diaz: Doctor) -> None:
    body = monday("10:00", doctor=str(dr_diaz.pk))

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", body)

    assert (answer.status_code, answer.json()["doctor_name"], answer.json()["id"]) == (
        200,
        "Dr. Ana Diaz",
        str(hers.pk),
    )


def test_move_onto_itself_overlapping(hers: Appointment, dr_chen: Doctor) -> None:  # fault B3-8
    dr_chen.weekly_hours.update(slot_minutes=15)

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", monday("10:15"))

    assert answer.json()["starts_at"] == "2027-03-01T10:15:00+01:00"


def test_move_to_a_time_that_is_taken(hers: Appointment, dr_chen: Doctor, bob: Patient) -> None:  # case 034
    make_appointment(dr_chen, bob, at("09:00"))
    before = row(hers)

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", monday("09:00"))

    assert refusal(answer) == (409, "slot_taken")
    assert len(answer.json()["error"]["alternatives"]) == 3
    assert row(hers) == before


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "invalid", "starts_at"),
        (monday("08:00"), "outside_hours", "starts_at"),
        (monday("09:10"), "off_grid", "starts_at"),
        ({"starts_at": "2027-03-01T09:00:00"}, "no_offset", "starts_at"),
        ({"starts_at": "2027-02-01T09:00:00+01:00"}, "in_the_past", "starts_at"),
        (monday("09:00", doctor="x"), "invalid", "doctor"),
        (monday("09:00", doctor=None), "invalid", "doctor"),
    ],
)
def test_move_to_where_it_cannot_be(hers: Appointment, body: dict[str, Any], code: str, field: str) -> None:
    before = row(hers)

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", body)

    assert refusal(answer) == (400, code)
    assert list(answer.json()["error"]["fields"]) == [field]
    assert row(hers) == before


def test_move_after_the_hours_were_shortened(hers: Appointment, dr_chen: Doctor) -> None:  # case 019
    dr_chen.weekly_hours.update(starts="10:30")
    caller = Caller(hers.patient.user)

    assert caller.get(f"appointments/{hers.pk}/").json()["status"] == "scheduled"
    assert refusal(caller.post(f"appointments/{hers.pk}/reschedule/", monday("09:30"))) == (400, "outside_hours")
    assert caller.post(f"appointments/{hers.pk}/reschedule/", monday("10:30")).status_code == 200


def test_move_into_time_off(hers: Appointment, dr_chen: Doctor) -> None:
    make_time_off(at("09:00"), at("09:30"), dr_chen)

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", monday("09:00"))

    assert refusal(answer) == (400, "time_off")


def test_move_by_a_doctor_into_anothers_calendar(hers: Appointment, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    before = row(hers)  # case 120

    answer = Caller(dr_chen.user).post(f"appointments/{hers.pk}/reschedule/", monday("09:00", doctor=str(dr_diaz.pk)))

    assert refusal(answer) == (403, "permission_denied")
    assert row(hers) == before


@pytest.mark.parametrize(("verb", "body"), [("cancel", {}), ("reschedule", monday("09:00"))])
def test_change_of_anothers(  # case 101; fault B0-4
    hers: Appointment, bob: Patient, dr_diaz: Doctor, verb: str, body: dict[str, Any]
) -> None:
    before = row(hers)

    for user in (bob.user, dr_diaz.user, make_user()):
        assert refusal(Caller(user).post(f"appointments/{hers.pk}/{verb}/", body)) == (404, "not_found")
    assert refusal(Caller().post(f"appointments/{hers.pk}/{verb}/", body)) == (401, "not_authenticated")

    assert row(hers) == before


def test_cancel_by_the_patient(hers: Appointment, dr_chen: Doctor) -> None:  # fault B1-14, B4-11
    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/cancel/", {"reason": "I am well again."})

    hers.refresh_from_db()
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert answer.json()["cancel_reason"] == "I am well again."
    assert (hers.status, hers.cancelled_by) == (Status.CANCELLED, hers.patient.user)
    assert answer.headers["ETag"] == hers.etag


def test_cancel_without_a_body(hers: Appointment) -> None:
    assert Caller(hers.patient.user).post(f"appointments/{hers.pk}/cancel/").status_code == 200


def test_delete_cancels_and_keeps_the_row(hers: Appointment) -> None:
    answer = Caller(hers.patient.user).delete(f"appointments/{hers.pk}/")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert row(hers)["status"] == Status.CANCELLED


def test_cancel_frees_the_time_for_others(hers: Appointment, dr_chen: Doctor, bob: Patient) -> None:  # case 037, 038
    Caller(hers.patient.user).post(f"appointments/{hers.pk}/cancel/")
    wanted = {"doctor": str(dr_chen.pk), **monday("10:00")}

    assert Caller(bob.user).post("appointments/", wanted).status_code == 201
    again = Caller(hers.patient.user).post(f"appointments/{hers.pk}/reschedule/", monday("09:00"))

    assert refusal(again) == (409, "already_final")
    assert row(hers)["status"] == Status.CANCELLED


def test_cancel_twice(hers: Appointment) -> None:
    caller = Caller(hers.patient.user)
    caller.post(f"appointments/{hers.pk}/cancel/", {"reason": "first"})
    before = row(hers)

    assert refusal(caller.post(f"appointments/{hers.pk}/cancel/", {"reason": "second"})) == (409, "already_final")
    assert row(hers) == before


def test_cancel_too_late(hers: Appointment, rita: User) -> None:  # case 040
    before = row(hers)

    with time_machine.travel(at("10:00") - timedelta(hours=23), tick=False):
        patient, desk = Caller(hers.patient.user), Caller(rita)
        cancelled = patient.post(f"appointments/{hers.pk}/cancel/")
        moved = patient.post(f"appointments/{hers.pk}/reschedule/", monday("11:00"))
        after_refusals = row(hers)
        by_desk = desk.post(f"appointments/{hers.pk}/cancel/", {"reason": "The doctor is ill."})

    assert refusal(cancelled) == refusal(moved) == (400, "too_late_to_cancel")
    assert after_refusals == before
    assert by_desk.status_code == 200
    assert row(hers)["cancel_reason"] == "The doctor is ill."


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}])
def test_cancel_at_the_desk_without_a_reason(hers: Appointment, rita: User, body: dict[str, str]) -> None:
    for answer in (
        Caller(rita).post(f"appointments/{hers.pk}/cancel/", body),
        Caller(rita).delete(f"appointments/{hers.pk}/", body),
        Caller(hers.doctor.user).post(f"appointments/{hers.pk}/cancel/", body),
    ):
        assert refusal(answer) == (400, "reason_required")
        assert list(answer.json()["error"]["fields"]) == ["reason"]

    assert row(hers)["status"] == Status.SCHEDULED


@pytest.mark.parametrize("reason", ["\x00", "x" * 501, 5, None, [], True])
def test_cancel_with_nonsense_for_a_reason(hers: Appointment, reason: Any) -> None:  # case 144
    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/cancel/", {"reason": reason})

    assert answer.status_code == 400
    assert row(hers)["status"] == Status.SCHEDULED


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED])
def test_change_what_is_over(dr_chen: Doctor, alice: Patient, status: Status) -> None:  # case 037; fault B2-7
    over = make_appointment(dr_chen, alice, at("10:00"), status=status)
    before = row(over)

    for verb, body in (("cancel", {}), ("reschedule", monday("09:00"))):
        assert refusal(Caller(alice.user).post(f"appointments/{over.pk}/{verb}/", body)) == (409, "already_final")

    assert row(over) == before


@pytest.mark.parametrize(("verb", "body"), [("cancel", {}), ("reschedule", monday("09:00"))])
def test_change_of_what_is_not_any_more_what_was_seen(hers: Appointment, verb: str, body: Any) -> None:  # case 036
    caller = Caller(hers.patient.user)
    seen = caller.get(f"appointments/{hers.pk}/").headers["ETag"]
    caller.post(f"appointments/{hers.pk}/reschedule/", monday("11:00"))
    before = row(hers)

    for tag in (seen, f'"{"0" * 32}"', "nonsense", ""):
        answer = caller.post(f"appointments/{hers.pk}/{verb}/", body, HTTP_IF_MATCH=tag)
        assert refusal(answer) == (409, "stale")

    assert row(hers) == before


def test_move_of_what_somebody_cancelled(hers: Appointment) -> None:  # case 036
    caller = Caller(hers.patient.user)
    seen = caller.get(f"appointments/{hers.pk}/").headers["ETag"]
    caller.delete(f"appointments/{hers.pk}/", HTTP_IF_MATCH=seen)

    answer = caller.post(f"appointments/{hers.pk}/reschedule/", monday("09:00"), HTTP_IF_MATCH=seen)

    assert refusal(answer) == (409, "stale")
    assert row(hers)["status"] == Status.CANCELLED


@pytest.mark.parametrize("said", ["{}", "W/{}", '"other", {}', "*"])
def test_change_of_what_was_seen(hers: Appointment, said: str) -> None:
    tag = said.format(hers.etag)

    answer = Caller(hers.patient.user).post(f"appointments/{hers.pk}/cancel/", HTTP_IF_MATCH=tag)

    assert answer.status_code == 200


def test_answers_are_on_the_clock_of_the_new_site(hers: Appointment, dr_chen: Doctor) -> None:
    make_hours(dr_chen, make_site(time_zone="Asia/Tokyo"), "20:00", "21:00")

    answer = Caller(hers.patient.user).post(
        f"appointments/{hers.pk}/reschedule/", {"starts_at": at("20:00", MONDAY).replace(hour=11).isoformat()}
    )

    assert answer.json()["starts_at"] == "2027-03-01T20:00:00+09:00"


def test_rights_are_read_at_each_request(hers: Appointment, rita: User) -> None:
    caller = Caller(rita)
    User.objects.filter(pk=rita.pk).update(role="patient")

    answer = caller.post(f"appointments/{hers.pk}/cancel/", {"reason": "x"})

    assert refusal(answer) == (404, "not_found")
    assert row(hers)["status"] == Status.SCHEDULED
