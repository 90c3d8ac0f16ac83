"""Free times through the API."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from accounts.models import Patient, User
from clinic.models import Availability, Department, Doctor, Site, Specialty, Status
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)

pytestmark = pytest.mark.usefixtures("clock")
DAY = {"from": "2027-03-01", "to": "2027-03-02"}


def slots(**query: Any) -> Any:
    """What a stranger is answered."""
    return Caller().get("slots/", query_params={name: str(value) for name, value in query.items()})


def starts(answer: Any) -> list[str]:
    """The starts in an answer."""
    assert answer.status_code == 200, answer.content
    return [row["starts_at"] for row in answer.json()["results"]]


def clocks(answer: Any) -> list[str]:
    """The starts as a wall clock shows them."""
    return [start[11:16] for start in starts(answer)]


def test_slots_of_a_day(dr_chen: Doctor, berlin: Site) -> None:  # case 001
    answer = slots(doctor=dr_chen.pk, **DAY)

    assert starts(answer) == [
        f"2027-03-01T{clock}:00+01:00" for clock in ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")
    ]
    assert answer.json()["results"][0] == {
        "doctor": str(dr_chen.pk),
        "doctor_name": "Dr. Wei Chen",
        "site": str(berlin.pk),
        "site_name": "Berlin Mitte",
        "starts_at": "2027-03-01T09:00:00+01:00",
        "ends_at": "2027-03-01T09:30:00+01:00",
        "visit_type": None,
        "status": "free",
    }
    assert {key: answer.json()[key] for key in ("count", "next", "previous")} == {
        "count": 6,
        "next": None,
        "previous": None,
    }


def test_slots_when_the_last_would_end_after_the_hours(berlin: Site, db: None) -> None:  # case 005
    doctor = make_doctor()
    make_hours(doctor, berlin, "09:00", "10:50")

    assert clocks(slots(doctor=doctor.pk, **DAY)) == ["09:00", "09:30", "10:00"]


def test_slots_when_some_are_taken(dr_chen: Doctor, alice: Patient) -> None:  # case 003, 117
    make_appointment(dr_chen, alice, at("10:00"))

    answer = slots(doctor=dr_chen.pk, **DAY)

    assert clocks(answer) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    assert "Alice" not in answer.content.decode()


def test_slots_on_a_day_off(dr_chen: Doctor) -> None:  # case 012
    make_time_off(at("00:00"), at("00:00", MONDAY + timedelta(days=1)), dr_chen)

    assert starts(slots(doctor=dr_chen.pk, **DAY)) == []


def test_slots_around_a_short_time_off(dr_chen: Doctor) -> None:  # case 013
    make_time_off(at("10:15"), at("10:20"), dr_chen)

    assert clocks(slots(doctor=dr_chen.pk, **DAY)) == ["09:00", "09:30", "10:30", "11:00", "11:30"]


def test_slots_of_extra_hours(dr_chen: Doctor, berlin: Site) -> None:  # case 014
    sunday = date(2027, 3, 7)
    make_extra_hours(dr_chen, berlin, at("10:00", sunday), at("11:00", sunday))

    found = starts(slots(doctor=dr_chen.pk, **{"from": "2027-03-06", "to": "2027-03-29", "limit": 500}))

    weekend = [start for start in found if date.fromisoformat(start[:10]).weekday() > 4]
    assert weekend == ["2027-03-07T10:00:00+01:00", "2027-03-07T10:30:00+01:00"]


def test_slots_after_the_slot_length_changed(dr_chen: Doctor, alice: Patient) -> None:  # case 017
    make_appointment(dr_chen, alice, at("10:00"))
    dr_chen.weekly_hours.update(slot_minutes=20)

    found = clocks(slots(doctor=dr_chen.pk, **DAY))

    assert found == ["09:00", "09:20", "09:40", "10:40", "11:00", "11:20", "11:40"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2027-03-28", ["01:00+01", "01:30+01", "03:00+02", "03:30+02", "04:00+02", "04:30+02"]),  # case 024
        (
            "2027-10-31",  # case 025
            [
                *("01:00+02", "01:30+02", "02:00+02", "02:30+02", "02:00+01", "02:30+01"),
                *("03:00+01", "03:30+01", "04:00+01", "04:30+01"),
            ],
        ),
    ],
)
def test_slots_on_change_days(berlin: Site, day: str, expected: list[str]) -> None:
    doctor = make_doctor()
    make_hours(doctor, berlin, "01:00", "05:00", weekdays=[6])
    following = date.fromisoformat(day) + timedelta(days=1)

    with override_settings(BOOKING_HORIZON_DAYS=365):
        found = slots(doctor=doctor.pk, **{"from": day, "to": following})

    assert [start[11:16] + start[19:22] for start in starts(found)] == expected
    for row in found.json()["results"]:
        assert datetime.fromisoformat(row["ends_at"]) - datetime.fromisoformat(row["starts_at"]) == timedelta(
            minutes=30
        )


def test_slots_on_a_leap_day(berlin: Site) -> None:  # case 030
    doctor = make_doctor()
    make_hours(doctor, berlin, weekdays=[1])

    with override_settings(BOOKING_HORIZON_DAYS=730):
        found = slots(doctor=doctor.pk, **{"from": "2028-02-28", "to": "2028-03-02"})

    assert {start[:10] for start in starts(found)} == {"2028-02-29"}


def test_slots_beyond_the_horizon(dr_chen: Doctor) -> None:  # case 011
    with override_settings(BOOKING_HORIZON_DAYS=9):
        found = slots(doctor=dr_chen.pk, **{"from": "2027-03-01", "to": "2027-03-20", "limit": 500})

    assert {start[:10] for start in starts(found)} == {"2027-03-01", "2027-03-02", "2027-03-03"}


def test_slots_leave_out_what_is_too_near(dr_chen: Doctor) -> None:  # case 008
    with override_settings(BOOKING_MIN_NOTICE_MINUTES=60):
        found = slots(doctor=dr_chen.pk, **{"from": "2027-02-22", "to": "2027-02-23"})

    assert clocks(found) == ["10:00", "10:30", "11:00", "11:30"]


def test_slots_cover_a_week_unless_more_is_asked(dr_chen: Doctor) -> None:
    found = starts(slots(doctor=dr_chen.pk, limit=500))

    assert (found[0], found[-1]) == ("2027-02-22T09:30:00+01:00", "2027-02-26T11:30:00+01:00")


def test_slots_of_days_begin_at_midnight_of_each_site(dr_chen: Doctor) -> None:
    tokyo = make_site(time_zone="Asia/Tokyo", name="Tokyo")
    make_hours(dr_chen, tokyo, "00:00", "00:30", weekdays=[0])

    found = starts(slots(site=tokyo.pk, **DAY))

    assert found == ["2027-03-01T00:00:00+09:00"]


@pytest.mark.parametrize("sign", ["+", " "])
def test_slots_when_the_plus_became_a_blank(dr_chen: Doctor, sign: str) -> None:
    span = {"from": f"2027-03-01T10:00:00{sign}01:00", "to": f"2027-03-01T11:00:00{sign}01:00"}

    assert clocks(slots(doctor=dr_chen.pk, **span)) == ["10:00", "10:30"]


def test_slots_by_each_filter(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    heart, ward = Specialty.objects.create(name="Cardiology"), Department.objects.create(name="Heart Centre")
    long_visit = make_visit_type(minutes=60)
    dr_chen.specialties.add(heart)
    dr_chen.departments.add(ward)
    dr_chen.visit_types.add(long_visit)

    for query in ({"specialty": heart.pk}, {"department": ward.pk}):
        assert {row["doctor"] for row in slots(**query, **DAY).json()["results"]} == {str(dr_chen.pk)}
    found = slots(specialty=heart.pk, visit_type=long_visit.pk, **DAY)
    assert clocks(found) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert {row["visit_type"] for row in found.json()["results"]} == {str(long_visit.pk)}


def test_slots_of_a_doctor_who_takes_no_online_bookings(dr_chen: Doctor) -> None:
    Doctor.objects.update(status=Availability.OCCUPIED)

    assert starts(slots(doctor=dr_chen.pk, **DAY)) == []


def test_slots_of_a_doctor_who_left(dr_chen: Doctor) -> None:  # case 020
    dr_chen.user.is_active = False
    dr_chen.user.save()

    assert refusal(slots(doctor=dr_chen.pk)) == (404, "not_found")


@pytest.mark.parametrize("name", ["doctor", "specialty", "department", "site"])
def test_slots_of_something_that_does_not_exist(db: None, name: str) -> None:
    assert refusal(slots(**{name: uuid4()})) == (404, "not_found")


def test_slots_for_a_visit_that_only_staff_book(dr_chen: Doctor, rita: User) -> None:
    kind = make_visit_type(online_bookable=False)
    dr_chen.visit_types.add(kind)
    query = {"doctor": str(dr_chen.pk), "visit_type": str(kind.pk), **DAY}

    assert refusal(Caller().get("slots/", query_params=query)) == (404, "not_found")
    assert Caller(rita).get("slots/", query_params=query).status_code == 200


def test_slots_with_every_status_for_staff(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, None, at("09:30"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=5))
    make_time_off(at("10:00"), at("10:30"), dr_chen)
    Doctor.objects.update(status=Availability.OCCUPIED)

    query = {"doctor": str(dr_chen.pk), "status": "all", "limit": "4", **DAY}
    answer = Caller(rita).get("slots/", query_params=query)

    assert [row["status"] for row in answer.json()["results"]] == ["booked", "held", "off", "free"]
    assert "Alice" not in answer.content.decode()


def test_slots_with_every_status_for_others(dr_chen: Doctor, alice: Patient) -> None:
    query = {"doctor": str(dr_chen.pk), "status": "all"}

    for caller in (Caller(), Caller(alice.user), Caller(dr_chen.user)):
        assert refusal(caller.get("slots/", query_params=query)) == (403, "permission_denied")


def test_slots_without_whom(db: None) -> None:
    assert refusal(slots()) == (400, "whose")
    assert refusal(slots(doctor="")) == (400, "whose")


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"from": "2027-03-02", "to": "2027-03-01"}, "bad_span", "to"),
        ({"from": "2027-03-01", "to": "2027-03-01"}, "bad_span", "to"),
        ({"to": "2027-02-01"}, "bad_span", "to"),
        ({"from": "2027-03-01", "to": "2027-04-02"}, "too_long", "to"),
        ({"to": "2028-03-01"}, "too_long", "to"),
        ({"from": "2027-03-01", "to": "2027-03-02T00:00:00+01:00"}, "mixed", "to"),
        ({"from": "2027-03-01T09:00:00"}, "no_offset", "from"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "out_of_range", "from"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "out_of_range", "from"),
        ({"to": "9999-12-31T23:59:59-14:00"}, "out_of_range", "to"),
        ({"from": "2027-02-29"}, "bad_instant", "from"),
        ({"from": "2027-W09-1"}, "bad_instant", "from"),
        ({"from": "٢٠٢٧-٠٣-٠١"}, "bad_instant", "from"),
        ({"from": "2027-03-01T24:00:00Z"}, "bad_instant", "from"),
        ({"from": "2027-03-01T23:59:60Z"}, "bad_instant", "from"),
        ({"from": "2027-03-01T09:00:00+25:00"}, "bad_instant", "from"),
        ({"from": "1772355600"}, "bad_instant", "from"),
        ({"from": "tomorrow"}, "bad_instant", "from"),
        ({"from": "2027-03-01\x00"}, "bad_instant", "from"),
        ({"limit": "0"}, "invalid", "limit"),
        ({"limit": "501"}, "invalid", "limit"),
        ({"limit": "1" + "0" * 400}, "invalid", "limit"),
        ({"limit": "ten"}, "invalid", "limit"),
        ({"status": "booked"}, "invalid", "status"),
        ({"specialty": "' OR 1=1"}, "invalid", "specialty"),
        ({"specialty": "9" * 400}, "invalid", "specialty"),
        ({"visit_type": "\x00"}, "invalid", "visit_type"),
    ],
)
def test_slots_when_the_question_makes_no_sense(
    dr_chen: Doctor, query: dict[str, str], code: str, field: str
) -> None:  # case 145, 148, 150, 151; fault B4-5
    answer = slots(doctor=dr_chen.pk, **query)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert field in error["fields"]


@pytest.mark.parametrize(("days", "count"), [(31, 6 * 23), (30, 6 * 22)])
def test_slots_of_the_longest_span(dr_chen: Doctor, days: int, count: int) -> None:
    last = MONDAY + timedelta(days=days)

    assert slots(doctor=dr_chen.pk, **{"from": MONDAY, "to": last, "limit": 500}).json()["count"] == count


def test_slots_that_are_offered_can_be_booked(dr_chen: Doctor, alice: Patient) -> None:
    first, second = slots(doctor=dr_chen.pk, limit=2).json()["results"]

    for offered in (first, second):
        assert Caller(alice.user).post("appointments/", offered).status_code == 201

    assert first["starts_at"] not in starts(slots(doctor=dr_chen.pk))


def test_slots_do_not_read_a_body(dr_chen: Doctor) -> None:  # fault B0-19
    answer = Caller().generic("GET", "slots/", f'{{"doctor": "{dr_chen.pk}"}}', content_type="application/json")

    assert refusal(answer) == (400, "whose")


def test_next_of_each_doctor(dr_chen: Doctor, dr_diaz: Doctor, berlin: Site) -> None:
    make_time_off(NOW, at("10:00"), dr_chen)

    answer = Caller().get("slots/next/", query_params={"site": str(berlin.pk)})

    assert [(row["doctor_name"], row["starts_at"]) for row in answer.json()["results"]] == [
        ("Dr. Ana Diaz", "2027-02-22T09:30:00+01:00"),
        ("Dr. Wei Chen", "2027-03-01T10:00:00+01:00"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"from": "2027-04-01"}, ["2027-04-01T09:00:00+02:00"]),
        ({"from": "2027-03-06", "to": "2027-03-08"}, []),
        ({"from": "2027-03-06", "to": "2027-03-09"}, ["2027-03-08T09:00:00+01:00"]),
        ({"to": "2027-02-22T08:30:00Z"}, []),
        ({"to": "2027-02-22T08:31:00Z"}, ["2027-02-22T09:30:00+01:00"]),
    ],
)
def test_next_within_a_span(dr_chen: Doctor, query: dict[str, str], found: list[str]) -> None:
    assert starts(Caller().get("slots/next/", query_params={"doctor": str(dr_chen.pk)} | query)) == found


def test_next_of_so_many_only(dr_chen: Doctor, dr_diaz: Doctor, berlin: Site) -> None:
    make_time_off(NOW, at("10:00"), dr_diaz)

    answer = Caller().get("slots/next/", query_params={"site": str(berlin.pk), "limit": "1"})

    assert [row["doctor_name"] for row in answer.json()["results"]] == ["Dr. Wei Chen"]


def test_next_without_whom(db: None) -> None:
    assert refusal(Caller().get("slots/next/")) == (400, "whose")


def test_slots_by_post(dr_chen: Doctor) -> None:
    assert refusal(Caller().post("slots/", {"doctor": str(dr_chen.pk)})) == (405, "method_not_allowed")


def test_slots_of_many_doctors_are_bounded(berlin: Site) -> None:  # case 148
    for _number in range(20):
        make_hours(make_doctor(), berlin)

    found = starts(slots(site=berlin.pk, **{"from": "2027-02-22", "to": "2027-03-25", "limit": 500}))

    assert len(found) == 500
    assert found == sorted(found)
