"""How much is booked and how much is offered."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic import numbers
from clinic.models import Appointment, Department, Doctor, Site, Status
from clinic.numbers import Grouping, Row
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
)

WEEK = timedelta(weeks=1)


@pytest.fixture
def booked(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient) -> None:
    """In the week from MONDAY: two visits with Dr. Chen, of which one no-show; one with Dr. Diaz, cancelled."""
    visits = [
        make_appointment(dr_chen, alice, at("10:00")),
        make_appointment(dr_chen, alice, at("09:00", MONDAY + timedelta(days=1)), status=Status.NO_SHOW),
        make_appointment(dr_diaz, bob, at("09:00"), status=Status.CANCELLED),
        make_appointment(dr_chen, bob, at("11:00", MONDAY + WEEK), minutes=45, status=Status.COMPLETED),
    ]
    for visit, days in zip(visits, (1, 4, 9, 10), strict=True):
        Appointment.objects.filter(pk=visit.pk).update(created_at=visit.starts_at - timedelta(days=days))
    make_appointment(dr_chen, bob, at("11:30"), status=Status.HELD, hold_expires_at=NOW)


def told(row: Row) -> tuple[int, ...]:
    """Bookings, cancellations, no-shows, minutes booked and offered."""
    return row.bookings, row.cancellations, row.no_shows, row.booked_minutes, row.offered_minutes


def test_count_by_doctor(booked: None, dr_chen: Doctor, dr_diaz: Doctor, adam: User) -> None:
    found = numbers.count(MONDAY, MONDAY + 2 * WEEK, Grouping.DOCTOR, by=adam)

    assert {row.key: (*told(row), row.lead_days) for row in found.rows} == {
        str(dr_chen.pk): (3, 0, 1, 105, 1800, 4.0),
        str(dr_diaz.pk): (1, 1, 0, 0, 1800, None),
    }
    assert [row.label for row in found.rows] == ["Dr. Ana Diaz", "Dr. Wei Chen"]
    assert (*told(found.total), found.total.lead_days) == (4, 1, 1, 105, 3600, 4.0)
    assert found.total.utilisation == 105 / 3600


def test_count_by_week(booked: None, adam: User) -> None:
    found = numbers.count(MONDAY + timedelta(days=1), MONDAY + WEEK + timedelta(days=1), Grouping.WEEK, by=adam)

    assert [(row.key, *told(row), row.lead_days) for row in found.rows] == [
        ("2027-03-01", 1, 0, 1, 30, 4 * 2 * 180, 4.0),
        ("2027-03-08", 1, 0, 0, 45, 2 * 180, 10.0),
    ]


def test_count_by_department_counts_a_doctor_of_two_in_both(booked: None, dr_chen: Doctor, adam: User) -> None:
    departments = [Department.objects.create(name=name) for name in ("Heart", "Lungs")]
    dr_chen.departments.set(departments)

    found = numbers.count(MONDAY, MONDAY + WEEK, Grouping.DEPARTMENT, by=adam)

    assert [(row.label, *told(row)) for row in found.rows] == [
        ("Heart", 2, 0, 1, 60, 900),
        ("Lungs", 2, 0, 1, 60, 900),
        ("Without department", 1, 1, 0, 0, 900),
    ]
    assert told(found.total) == (3, 1, 1, 60, 1800)


def test_count_by_site_on_each_sites_clock(
    dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, alice: Patient, bob: Patient, adam: User
) -> None:
    auckland = make_site(name="Auckland", time_zone="Pacific/Auckland")
    make_hours(dr_diaz, auckland, "01:00", "02:00", weekdays=[0])
    dr_diaz.weekly_hours.filter(site=berlin).delete()
    # Monday there, and Sunday in Berlin and in UTC.
    make_appointment(dr_diaz, alice, at("01:00", site=auckland), site=auckland)
    make_appointment(dr_chen, bob, at("23:30", MONDAY - timedelta(days=1)), site=berlin)

    found = numbers.count(MONDAY, MONDAY + timedelta(days=1), Grouping.SITE, by=adam)

    assert [(row.label, *told(row)) for row in found.rows] == [
        ("Auckland", 1, 0, 0, 30, 60),
        ("Berlin Mitte", 0, 0, 0, 0, 180),
    ]
    week = numbers.count(MONDAY, MONDAY + timedelta(days=1), Grouping.WEEK, by=adam).rows
    assert [(row.key, *told(row)) for row in week] == [("2027-03-01", 1, 0, 0, 30, 240)]


def test_count_offered_is_hours_and_extra_hours_less_time_off(dr_chen: Doctor, berlin: Site, adam: User) -> None:
    make_extra_hours(dr_chen, berlin, at("11:30"), at("13:00"))
    make_time_off(at("08:00"), at("09:30"), dr_chen)
    make_time_off(at("09:15"), at("09:45"), site=berlin)
    make_time_off(at("11:00"), at("12:30"))
    hidden = make_doctor(approval="pending")
    make_hours(hidden, berlin)

    found = numbers.count(MONDAY, MONDAY + timedelta(days=1), Grouping.DOCTOR, by=adam)

    # 09:45 to 11:00 and 12:30 to 13:00.
    assert found.total.offered_minutes == 105
    assert {row.offered_minutes for row in found.rows} == {105, 0}


def test_count_when_nothing_is_offered(db: None, adam: User) -> None:
    found = numbers.count(MONDAY, MONDAY + WEEK, Grouping.WEEK, by=adam)

    assert found.total.utilisation is None
    assert [row.bookings for row in found.rows] == [0]


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (MONDAY, "bad_span"),
        (MONDAY - WEEK, "bad_span"),
        (MONDAY + timedelta(days=367), "too_long"),
        (date(9999, 12, 31), "bad_span"),
    ],
)
def test_count_when_the_period_makes_no_sense(adam: User, end: date, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        numbers.count(MONDAY, end, Grouping.WEEK, by=adam)

    assert refused.value.error_dict["to"][0].code == code


def test_count_is_for_administrators(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    for somebody in (rita, alice.user, dr_chen.user):
        assert somebody is not None
        with pytest.raises(PermissionDenied):
            numbers.count(MONDAY, MONDAY + WEEK, Grouping.WEEK, by=somebody)


@pytest.mark.parametrize("grouping", Grouping)
def test_count_asks_as_often_however_much_there_is(
    booked: None, dr_chen: Doctor, berlin: Site, adam: User, grouping: Grouping
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        numbers.count(MONDAY, MONDAY + WEEK, grouping, by=adam)
    for number in range(3):
        doctor = make_doctor()
        doctor.departments.add(Department.objects.create(name=f"Department {number}"))
        make_hours(doctor, make_site(time_zone="Europe/Lisbon"))
        make_appointment(doctor, make_patient(), at("10:00"))

    with CaptureQueriesContext(connection) as many:
        numbers.count(MONDAY, MONDAY + 50 * WEEK, grouping, by=adam)

    assert len(many) == len(few) <= 11
