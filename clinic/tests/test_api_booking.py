"""Booking through the API: directly, and what was held."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import override_settings

from accounts.models import Patient, User
from accounts.tests.factories import make_user
from clinic.models import Appointment, Availability, Doctor, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_doctor, make_hours, make_visit_type

pytestmark = pytest.mark.usefixtures("clock")


def wanted(doctor: Doctor, clock: str = "09:30", **more: Any) -> dict[str, Any]:
    """A body that asks for a time on Monday."""
    return {"doctor": str(doctor.pk), "starts_at": f"2027-03-01T{clock}:00+01:00", **more}


def test_book_by_a_patient(dr_chen: Doctor, alice: Patient) -> None:  # fault B2-4
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen, reason="A cough that stays."))

    booked = Appointment.objects.get()
    assert answer.status_code == 201
    body = answer.json()
    body.pop("updated_at")
    assert body == {
        "id": str(booked.pk),
        "reference": booked.reference,
        "doctor": str(dr_chen.pk),
        "doctor_name": "Dr. Wei Chen",
        "patient": str(alice.pk),
        "patient_name": "Alice Archer",
        "site": str(booked.site_id),
        "site_name": "Berlin Mitte",
        "visit_type": None,
        "visit_type_name": None,
        "starts_at": "2027-03-01T09:30:00+01:00",
        "ends_at": "2027-03-01T10:00:00+01:00",
        "status": "scheduled",
        "cancellable_until": "2027-02-28T09:30:00+01:00",
        "sequence": 0,
        "reason": "A cough that stays.",
        "cancel_reason": "",
    }
    assert answer.headers["ETag"] == booked.etag
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert (booked.starts_at, booked.booked_by) == (at("09:30"), alice.user)


def test_book_by_a_user_who_was_no_patient_yet(dr_chen: Doctor) -> None:
    newcomer = make_user(first_name="Nora", last_name="New")

    answer = Caller(newcomer).post("appointments/", wanted(dr_chen))

    assert (answer.status_code, answer.json()["patient_name"]) == (201, "Nora New")


@pytest.mark.parametrize("clock", ["10:15", "09:45", "10:00"])
def test_book_over_another_visit(dr_chen: Doctor, alice: Patient, bob: Patient, clock: str) -> None:  # case 002
    make_appointment(dr_chen, alice, at("10:00"))

    answer = Caller(bob.user).post("appointments/", wanted(dr_chen, clock))

    assert refusal(answer) == (409, "slot_taken")
    assert len(answer.json()["error"]["alternatives"]) == 3
    assert "Alice" not in answer.content.decode()
    assert Appointment.objects.count() == 1


def test_book_a_longer_visit_into_another(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:  # case 002
    make_appointment(dr_chen, alice, at("10:00"))
    long_visit = make_visit_type(minutes=90)
    dr_chen.visit_types.add(long_visit)

    answer = Caller(bob.user).post("appointments/", wanted(dr_chen, visit_type=str(long_visit.pk)))

    assert refusal(answer) == (409, "slot_taken")
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("clock", ["09:30", "10:30"])
def test_book_right_before_and_after(dr_chen: Doctor, alice: Patient, bob: Patient, clock: str) -> None:  # case 003
    make_appointment(dr_chen, alice, at("10:00"))

    assert Caller(bob.user).post("appointments/", wanted(dr_chen, clock)).status_code == 201


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("2027-03-06T09:00:00+01:00", "outside_hours"),  # case 007
        ("2027-03-01T08:30:00+01:00", "outside_hours"),
        ("2027-03-01T12:00:00+01:00", "outside_hours"),
        ("2027-03-01T11:45:00+01:00", "outside_hours"),
        ("2027-03-01T09:10:00+01:00", "off_grid"),  # fault B4-3
        ("2027-03-01T09:30:30+01:00", "off_grid"),
        ("2027-03-01T09:30:00.000001+01:00", "off_grid"),
        ("2027-02-22T08:30:00+01:00", "in_the_past"),  # case 008; fault B4-4
        ("2020-01-06T09:00:00+01:00", "in_the_past"),
        ("1970-01-01T00:00:00Z", "in_the_past"),
        ("2027-02-22T09:29:00+01:00", "too_soon"),
        ("2027-09-06T09:00:00+02:00", "too_far"),  # case 011
        ("2999-01-07T09:00:00+01:00", "too_far"),
        ("8999-12-31T23:59:00-23:59", "too_far"),
        ("2027-03-28T02:30:00+01:00", "outside_hours"),
    ],
)
def test_book_when_the_time_cannot_be(dr_chen: Doctor, alice: Patient, starts_at: str, code: str) -> None:
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"starts_at": starts_at})

    assert refusal(answer) == (400, code)
    assert list(answer.json()["error"]["fields"]) == ["starts_at"]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("2027-03-01T09:30:00", "no_offset"),  # fault B0-24
        ("2027-03-28T02:30", "no_offset"),
        ("0001-01-01T00:00:00+14:00", "out_of_range"),
        ("9999-12-31T23:59:59-14:00", "out_of_range"),
        ("2027-02-29T09:00:00+01:00", "bad_instant"),
        ("2027-03-01T24:00:00+01:00", "bad_instant"),
        ("2027-03-01T23:59:60+01:00", "bad_instant"),
        ("2027-03-01T99:99:00+01:00", "bad_instant"),  # fault B4-5
        ("2027-03-01T09:30:00+25:00", "bad_instant"),
        ("2027-W09-1T09:30:00+01:00", "bad_instant"),
        ("2027-060T09:30:00+01:00", "bad_instant"),
        ("20270301T093000+0100", "bad_instant"),
        ("2027-03-01T٠٩:٣٠:00+01:00", "bad_instant"),
        ("2027-03-01T09:30:00+01:00\n", "bad_instant"),
        ("2027-03-01T09:30:00 01:00", "bad_instant"),
        ("2027-03-01", "bad_instant"),
        ("tomorrow", "bad_instant"),
        ("", "bad_instant"),
        ("\x00", "bad_instant"),
        (1772355600, "bad_instant"),
        (True, "bad_instant"),
        (None, "invalid"),
        ([], "bad_instant"),
        ({}, "bad_instant"),
    ],
)
def test_book_when_the_time_is_none(dr_chen: Doctor, alice: Patient, starts_at: Any, code: str) -> None:  # case 150
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"starts_at": starts_at})

    assert refusal(answer) == (400, code)
    assert list(answer.json()["error"]["fields"]) == ["starts_at"]
    assert not Appointment.objects.exists()


def test_book_at_the_edge_of_the_notice(dr_chen: Doctor, alice: Patient) -> None:  # case 009
    caller = Caller(alice.user)
    body = wanted(dr_chen) | {"starts_at": "2027-02-23T09:00:00+01:00"}

    with override_settings(BOOKING_MIN_NOTICE_MINUTES=24 * 60):
        with time_machine.travel(NOW + timedelta(seconds=1), tick=False):
            late = caller.post("appointments/", body)
        in_time = caller.post("appointments/", body)

    assert refusal(late) == (400, "too_soon")
    assert in_time.status_code == 201


@pytest.mark.parametrize(("notice", "status"), [(0, 201), (1, 400)])
def test_book_now(dr_chen: Doctor, alice: Patient, notice: int, status: int) -> None:  # case 008
    with override_settings(BOOKING_MIN_NOTICE_MINUTES=notice):
        answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"starts_at": NOW.isoformat()})

    assert answer.status_code == status


@pytest.mark.parametrize("days", [60, 61])
def test_book_at_the_edge_of_the_horizon(dr_chen: Doctor, alice: Patient, days: int) -> None:  # case 011
    day = NOW.date() + timedelta(days=days)
    with override_settings(BOOKING_HORIZON_DAYS=60):
        answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"starts_at": at("09:00", day).isoformat()})

    assert answer.status_code == (201 if days == 60 else 400)


def test_book_for_a_summer_day_in_winter(dr_chen: Doctor, alice: Patient) -> None:  # case 029
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"starts_at": "2027-06-07T07:00:00Z"})

    assert answer.json()["starts_at"] == "2027-06-07T09:00:00+02:00"


def test_book_both_repeated_hours(berlin: Any, alice: Patient, bob: Patient) -> None:  # case 025
    doctor = make_doctor()
    make_hours(doctor, berlin, "01:00", "05:00", weekdays=[6])

    with override_settings(BOOKING_HORIZON_DAYS=365):
        answers = [
            Caller(one.user).post("appointments/", wanted(doctor) | {"starts_at": f"2027-10-31T02:30:00{offset}"})
            for one, offset in ((alice, "+02:00"), (bob, "+01:00"))
        ]

    assert [answer.json()["starts_at"][-6:] for answer in answers] == ["+02:00", "+01:00"]


def test_book_with_a_doctor_who_left(dr_chen: Doctor, alice: Patient) -> None:  # case 020
    dr_chen.user.is_active = False
    dr_chen.user.save()

    answer = Caller(alice.user).post("appointments/", wanted(dr_chen))

    assert refusal(answer) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == ["doctor"]


def test_book_with_a_doctor_who_takes_no_online_bookings(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)

    by_patient = Caller(alice.user).post("appointments/", wanted(dr_chen))
    by_staff = Caller(rita).post("appointments/", wanted(dr_chen, patient=str(alice.pk)))

    assert refusal(by_patient) == (400, "doctor_not_bookable")
    assert by_staff.status_code == 201


@pytest.mark.parametrize(
    "doctor",
    ["", "x", "1", 1, -1, 10**400, True, None, [], {}, "9" * 400, "\x00", "3f0c9a52-6d1e-4b7a-9c58-e2d4f60b1a37"],
)
def test_book_with_a_doctor_who_is_none(dr_chen: Doctor, alice: Patient, doctor: Any) -> None:  # case 145; fault B4-4
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"doctor": doctor})

    assert refusal(answer) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == ["doctor"]


def test_book_with_the_id_of_a_doctors_account(dr_chen: Doctor, alice: Patient) -> None:  # fault B0-13, B4-4
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen) | {"doctor": str(dr_chen.user_id)})

    assert refusal(answer) == (400, "invalid")


def test_book_with_another_doctor_at_the_same_time(
    dr_chen: Doctor, dr_diaz: Doctor, alice: Patient
) -> None:  # case 022
    make_appointment(dr_chen, alice, at("10:00"))
    long_visit = make_visit_type(minutes=60)
    dr_diaz.visit_types.add(long_visit)

    same = Caller(alice.user).post("appointments/", wanted(dr_diaz, "10:00"))
    touching = Caller(alice.user).post("appointments/", wanted(dr_diaz, "09:30", visit_type=str(long_visit.pk)))

    assert refusal(same) == refusal(touching) == (409, "patient_busy")
    assert Appointment.objects.count() == 1


def test_book_where_a_cancelled_visit_was(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:  # case 023, 038
    make_appointment(dr_chen, alice, at("10:00"), status=Status.CANCELLED)

    assert Caller(alice.user).post("appointments/", wanted(dr_chen, "10:00")).status_code == 201


def test_book_more_than_one_may(dr_chen: Doctor, alice: Patient) -> None:  # case 031
    caller, refused = Caller(alice.user), []
    with override_settings(MAX_UPCOMING_PER_PATIENT=3):
        for clock in ("09:00", "09:30", "10:00", "10:30", "11:00"):
            answer = caller.post("appointments/", wanted(dr_chen, clock))
            refused += [refusal(answer)] if answer.status_code != 201 else []

    assert refused == [(409, "too_many_upcoming")] * 2
    assert Appointment.objects.count() == 3


@pytest.mark.parametrize(
    "extra",
    [
        {"status": "completed"},  # fault B1-11
        {"id": "00000000-0000-4000-8000-000000000001"},
        {"booked_by": "someone", "is_overbooked": True, "sequence": 9, "reference": "AAAAAAAA"},
        {"created_at": "2020-01-01T00:00:00Z", "role": "admin", "is_staff": True, "user": 1},
        {"ends_at": "2027-03-01T23:00:00+01:00", "site": "x", "notes": "planted"},
    ],
)
def test_book_with_what_is_not_ones_to_say(dr_chen: Doctor, alice: Patient, extra: dict[str, Any]) -> None:  # case 129
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen, **extra))

    booked = Appointment.objects.get()
    assert answer.status_code == 201
    assert (booked.status, booked.patient, booked.booked_by, booked.is_overbooked, booked.sequence, booked.notes) == (
        *("scheduled", alice, alice.user, False, 0, ""),
    )
    assert str(booked.pk) != extra.get("id")
    assert (booked.reference, booked.ends_at) != (extra.get("reference"), at("23:00"))
    assert not User.objects.get(pk=alice.user_id).is_staff


def test_book_for_another(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:  # case 133; fault B1-11
    caller = Caller(alice.user)

    for patient in (bob.pk, uuid4(), dr_chen.pk, bob.user_id):
        answer = caller.post("appointments/", wanted(dr_chen, patient=str(patient)))
        assert refusal(answer) == (400, "invalid")
        assert list(answer.json()["error"]["fields"]) == ["patient"]

    assert not Appointment.objects.exists()
    assert caller.post("appointments/", wanted(dr_chen, patient=str(alice.pk))).status_code == 201


def test_book_for_a_patient_at_the_desk(dr_chen: Doctor, rita: User, adam: User, bob: Patient, alice: Patient) -> None:
    for staff, patient, clock in ((rita, alice, "09:00"), (adam, bob, "09:30")):
        answer = Caller(staff).post("appointments/", wanted(dr_chen, clock, patient=str(patient.pk), reason="pain"))

        assert answer.status_code == 201
        assert "reason" not in answer.json()  # case 112
        assert answer.json()["is_overbooked"] is False


def test_book_at_the_desk_without_saying_for_whom(dr_chen: Doctor, rita: User) -> None:
    answer = Caller(rita).post("appointments/", wanted(dr_chen))

    assert refusal(answer) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == ["patient"]


def test_book_a_follow_up_by_the_doctor(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:  # case 120
    make_appointment(dr_chen, alice, at("09:00", MONDAY - timedelta(days=7)), status=Status.COMPLETED)

    mine = Caller(dr_chen.user).post("appointments/", wanted(dr_chen, patient=str(alice.pk)))
    into_anothers = Caller(dr_chen.user).post("appointments/", wanted(dr_diaz, "11:00", patient=str(alice.pk)))
    of_anothers = Caller(dr_diaz.user).post("appointments/", wanted(dr_diaz, "11:00", patient=str(alice.pk)))

    assert mine.status_code == 201
    assert refusal(into_anothers) == (403, "permission_denied")
    assert refusal(of_anothers) == (400, "invalid")
    assert Appointment.objects.count() == 2


def test_overbook_at_the_desk(dr_chen: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    answer = Caller(rita).post("appointments/", wanted(dr_chen, "10:00", patient=str(bob.pk), override_reason="pain"))

    assert (answer.status_code, answer.json()["is_overbooked"], answer.json()["override_reason"]) == (201, True, "pain")


def test_overbook_by_others(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    by_patient = Caller(bob.user).post("appointments/", wanted(dr_chen, "10:00", override_reason="pain"))
    by_doctor = Caller(dr_chen.user).post(
        "appointments/", wanted(dr_chen, "10:00", patient=str(alice.pk), override_reason="pain")
    )

    assert refusal(by_patient) == refusal(by_doctor) == (403, "permission_denied")
    assert Appointment.objects.count() == 1


def test_book_by_a_stranger(dr_chen: Doctor) -> None:  # fault B3-1
    answer = Caller().post("appointments/", wanted(dr_chen))

    assert refusal(answer) == (401, "not_authenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not Appointment.objects.exists()


def test_book_with_a_token_that_is_none(dr_chen: Doctor) -> None:
    for header in ("Bearer x", "Bearer ", f"Bearer {'x' * 5000}"):
        answer = Caller(HTTP_AUTHORIZATION=header).post("appointments/", wanted(dr_chen))
        assert answer.status_code == 401

    assert not Appointment.objects.exists()


def test_book_in_a_browser_without_csrf_token(dr_chen: Doctor, alice: Patient) -> None:  # case 077
    browser = Caller(None)
    browser.handler.enforce_csrf_checks = True
    browser.force_login(alice.user)

    answer = browser.post("appointments/", wanted(dr_chen))

    assert refusal(answer) == (403, "csrf_failed")
    assert not Appointment.objects.exists()


def test_book_in_a_browser(dr_chen: Doctor, alice: Patient) -> None:
    browser = Caller(HTTP_X_CSRFTOKEN="a" * 32)
    browser.handler.enforce_csrf_checks = True
    browser.force_login(alice.user)
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32

    answer = browser.post("appointments/", wanted(dr_chen))

    assert (answer.status_code, Appointment.objects.get().booked_by) == (201, alice.user)


def test_book_what_a_stranger_held(dr_chen: Doctor, alice: Patient) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()

    body = {"hold": hold["id"], "hold_key": hold["hold_key"], "reason": "A cough."}
    answer, again = Caller(alice.user).post("appointments/", body), Caller(alice.user).post("appointments/", body)

    assert (answer.status_code, answer.json()["id"], answer.json()["reason"]) == (201, hold["id"], "A cough.")
    assert again.json() == answer.json()


def test_book_what_was_held_at_the_desk(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    caller = Caller(rita)
    hold = caller.post("holds/", wanted(dr_chen)).json()

    answer = caller.post("appointments/", {"hold": hold["id"], "hold_key": hold["hold_key"], "patient": str(alice.pk)})

    assert (answer.status_code, answer.json()["patient"]) == (201, str(alice.pk))


def test_book_what_others_held(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    hold = Caller(alice.user).post("holds/", wanted(dr_chen)).json()

    wrong_key = Caller(bob.user).post("appointments/", {"hold": hold["id"], "hold_key": "guess"})
    stolen_key = Caller(bob.user).post("appointments/", {"hold": hold["id"], "hold_key": hold["hold_key"]})
    no_hold = Caller(bob.user).post("appointments/", {"hold": str(uuid4()), "hold_key": "guess"})

    assert refusal(wrong_key) == refusal(stolen_key) == refusal(no_hold) == (400, "hold_expired")
    assert wrong_key.content == no_hold.content
    assert Appointment.objects.get().status == Status.HELD


def test_book_what_another_has_booked_of_a_hold(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()
    body = {"hold": hold["id"], "hold_key": hold["hold_key"]}
    Caller(alice.user).post("appointments/", body)

    answer = Caller(bob.user).post("appointments/", body)

    assert refusal(answer) == (400, "hold_expired")
    assert Appointment.objects.get().patient == alice


def test_book_a_hold_that_has_expired(dr_chen: Doctor, alice: Patient) -> None:
    hold = Caller().post("holds/", wanted(dr_chen)).json()

    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        answer = Caller(alice.user).post("appointments/", {"hold": hold["id"], "hold_key": hold["hold_key"]})

    assert refusal(answer) == (400, "hold_expired")


@pytest.mark.parametrize("hold", [None, 1, "x", [], {}, True, "9" * 400])
def test_book_a_hold_that_is_none(alice: Patient, hold: Any) -> None:  # case 145
    answer = Caller(alice.user).post("appointments/", {"hold": hold, "hold_key": "x"})

    assert refusal(answer) == (400, "invalid")
    assert list(answer.json()["error"]["fields"]) == ["hold"]


@pytest.mark.parametrize(
    "reason", ["\u202etxt.exe", "\u200b", "\U0001f600", "\u00e9" * 1000, "a\u0301" * 500, "\u2028", " ", "<b>{{7*7}}"]
)
def test_book_with_odd_text_keeps_it(dr_chen: Doctor, alice: Patient, reason: str) -> None:  # case 144
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen, reason=reason))

    assert answer.json()["reason"] == Appointment.objects.get().reason == reason


@pytest.mark.parametrize("reason", ["\x00", "a\x00b", "x" * 1001, 5, True, None, [], {}])
def test_book_with_text_that_is_none(dr_chen: Doctor, alice: Patient, reason: Any) -> None:  # case 144
    answer = Caller(alice.user).post("appointments/", wanted(dr_chen, reason=reason))

    assert refusal(answer) in {(400, "invalid"), (400, "null_characters_not_allowed")}
    assert list(answer.json()["error"]["fields"]) == ["reason"]
    assert not Appointment.objects.exists()


def test_book_by_somebody_who_was_let_go(dr_chen: Doctor, alice: Patient) -> None:
    caller = Caller(alice.user)
    User.objects.filter(pk=alice.user_id).update(is_active=False)

    assert caller.post("appointments/", wanted(dr_chen)).status_code == 401
    assert not Appointment.objects.exists()
