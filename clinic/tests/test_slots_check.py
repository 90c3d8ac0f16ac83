"""Whether one particular time can be booked, and if not, why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import Patient
from clinic import slots
from clinic.models import Doctor, Site
from clinic.slots import Span
from clinic.tests.calendars import DAY, SUNDAY, code_of_check
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_doctor,
    make_extra_hours,
    make_hours,
    make_site,
    make_visit_type,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "starts", "ends"),
    [
        ("Pacific/Kiritimati", "00:00", "02:00"),  # 14 hours ahead of UTC: 10:00 of the day before
        ("Pacific/Niue", "20:00", "22:00"),  # 11 hours behind: 07:00 of the next day
        ("America/New_York", "20:30", "20:00"),  # nearly a whole day, until the evening of the next one
    ],
)
def test_check_agrees_with_search_where_utc_has_another_date(zone: str, starts: str, ends: str) -> None:
    doctor = make_doctor()
    make_hours(doctor, make_site(time_zone=zone), starts, ends, weekdays=[0])

    found = slots.search([doctor], Span(MONDAY - DAY, MONDAY + 3 * DAY), now=NOW)

    assert found
    assert [code_of_check(doctor, slot.starts_at) for slot in found] == [None] * len(found)


REFUSED: list[tuple[str, datetime, bool]] = [
    ("outside_hours", at("09:00", SUNDAY), True),
    ("outside_hours", at("08:30"), True),  # case 007
    ("outside_hours", at("12:00"), True),
    ("outside_hours", at("11:45"), True),
    ("outside_hours", at("11:45"), False),
    ("off_grid", at("09:10"), True),
    ("off_grid", at("09:00") + timedelta(seconds=1), True),
    ("off_grid", at("09:00") + timedelta(microseconds=1), False),
    ("in_the_past", NOW - timedelta(minutes=30), True),
    ("in_the_past", NOW - timedelta(minutes=30), False),
    ("in_the_past", datetime(1, 1, 1, tzinfo=UTC), False),  # fault B4-4
    ("too_soon", at("09:00", NOW.date()), True),
    ("too_far", at("09:00", date(2027, 8, 24)), True),
    ("too_far", datetime(9999, 12, 31, 23, 59, tzinfo=UTC), False),
]


@pytest.mark.parametrize(("code", "starts_at", "patient"), REFUSED)
def test_check_when_it_cannot_be(dr_chen: Doctor, code: str, starts_at: datetime, patient: bool) -> None:
    assert code_of_check(dr_chen, starts_at, patient=patient) == code


def test_check_when_staff_ask_for_a_time_off_the_grid(dr_chen: Doctor) -> None:
    found = slots.check(dr_chen, at("09:10"), now=NOW, binds_patient=False)

    assert (found.starts_at, found.ends_at) == (at("09:10"), at("09:40"))


def test_check_when_it_is_this_very_minute(dr_chen: Doctor, settings: Settings) -> None:  # case 008
    settings.BOOKING_MIN_NOTICE_MINUTES = 0

    assert code_of_check(dr_chen, at("10:00"), now=at("10:00")) is None
    assert code_of_check(dr_chen, at("10:00"), now=at("10:00") + timedelta(microseconds=1)) == "in_the_past"


def test_check_when_staff_book_whoever_stands_at_the_desk(dr_chen: Doctor) -> None:
    assert code_of_check(dr_chen, at("10:00"), now=at("10:00") + timedelta(seconds=59), patient=False) is None


def test_check_when_off_the_grid_of_one_block_and_on_anothers(dr_chen: Doctor, berlin: Site) -> None:
    make_extra_hours(dr_chen, berlin, at("09:10"), at("09:50"), slot_minutes=20)

    assert code_of_check(dr_chen, at("09:10")) is None
    assert slots.check(dr_chen, at("09:10"), now=NOW, binds_patient=True).ends_at == at("09:30")
    assert slots.check(dr_chen, at("09:10"), now=NOW, binds_patient=False).ends_at == at("09:30")


def test_check_when_the_visit_would_run_into_a_booking(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    long = make_visit_type(minutes=60)

    assert code_of_check(dr_chen, at("09:30"), visit_type=long) == "slot_taken"
    assert code_of_check(dr_chen, at("09:00"), visit_type=long) is None
    assert code_of_check(dr_chen, at("11:30"), visit_type=long) == "outside_hours"


def test_check_when_the_one_in_the_way_is_ignored(alice: Patient, dr_chen: Doctor) -> None:
    mine = make_appointment(dr_chen, alice, at("10:00"))

    assert code_of_check(dr_chen, at("10:00"), ignoring=[mine.pk]) is None
