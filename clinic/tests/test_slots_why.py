"""Why a time cannot be booked: every rule is named, and they are those of booking."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from accounts.models import Patient
from clinic import slots
from clinic.booking import rules
from clinic.models import Approval, Availability, Doctor, Site, Status, VisitType
from clinic.tests.calendars import SUNDAY
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)

pytestmark = pytest.mark.django_db


def codes(
    doctor: Doctor, starts_at: datetime, visit_type: VisitType | None = None, *, patient: bool = True
) -> list[str]:
    """The rules that forbid a time."""
    found = slots.why(doctor, starts_at, visit_type=visit_type, now=NOW, by_patient=patient)
    return [reason.code for reason in found]


def refused_by_booking(doctor: Doctor, starts_at: datetime, visit_type: VisitType | None, *, patient: bool) -> str:
    """The words in which booking refuses; none if it accepts."""
    try:
        rules.doctor_takes(doctor, visit_type, online=patient)
        slots.check(doctor, starts_at, now=NOW, visit_type=visit_type, binds_patient=patient)
    except ValidationError as refused:
        return refused.messages[0]
    return ""


def test_why_when_it_can_be_booked(dr_chen: Doctor) -> None:
    assert codes(dr_chen, at("09:30")) == []


def test_why_when_the_doctor_takes_nobody(dr_chen: Doctor) -> None:
    dr_chen.status, dr_chen.approval = Availability.OCCUPIED, Approval.PENDING
    visit = make_visit_type(online_bookable=False)

    assert codes(dr_chen, at("09:30"), visit) == ["not_approved", "occupied", "not_offered", "not_online"]
    assert codes(dr_chen, at("09:30"), visit, patient=False) == ["not_approved", "not_offered"]


def test_why_when_the_account_is_closed(dr_chen: Doctor) -> None:
    dr_chen.user.is_active = False

    assert codes(dr_chen, at("09:30")) == ["account_closed"]


@pytest.mark.parametrize(
    ("starts_at", "found"),
    [
        (at("09:00", SUNDAY), ["outside_hours"]),
        (at("11:45"), ["outside_hours"]),
        (at("09:10"), ["off_grid"]),
        (at("09:00") + timedelta(seconds=1), ["not_whole_minutes", "off_grid"]),
        (at("09:00", NOW.date()), ["too_soon"]),
        (at("09:00", NOW.date() - timedelta(days=4)), ["in_the_past", "outside_hours"]),
        (at("09:00", NOW.date() - timedelta(days=3)), ["in_the_past"]),
        (at("09:00", MONDAY + timedelta(weeks=30)), ["too_far"]),
        (at("08:00", MONDAY + timedelta(weeks=30)), ["outside_hours", "too_far"]),
        (datetime(2199, 1, 1, tzinfo=UTC), ["beyond_reach"]),
    ],
)
def test_why_when_clock_or_hours_forbid_it(dr_chen: Doctor, starts_at: datetime, found: list[str]) -> None:
    dr_chen.weekly_hours.filter(weekday=3).delete()

    assert codes(dr_chen, starts_at) == found


def test_why_when_several_things_stand_there(dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    make_time_off(at("09:00"), at("09:45"), dr_chen, reason="A course")
    make_time_off(at("08:00"), at("18:00"), reason="Carnival")
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, bob, at("10:30"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=5))
    long = make_visit_type(minutes=45, buffer_after=20)
    dr_chen.visit_types.add(long)

    found = slots.why(dr_chen, at("09:20"), visit_type=long, now=NOW)

    assert [reason.code for reason in found] == ["time_off", "time_off", "booked", "off_grid"]
    assert found[0].details[1:] == ("Carnival",)
    assert found[1].details == ("Mon 1 March 2027, 09:00 (CET) to 09:45, Berlin Mitte", "A course")
    assert found[2].details == ("Mon 1 March 2027, 10:00 (CET) to 10:30, Berlin Mitte",)


def test_why_when_only_the_minutes_kept_free_are_touched(dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    visit = make_visit_type(buffer_after=10)
    dr_chen.visit_types.add(visit)

    assert codes(dr_chen, at("09:30"), visit) == ["buffer"]


def test_why_names_nobody(dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("10:00"), reason="CNRY knee")

    told = str(slots.why(dr_chen, at("10:00"), visit_type=None, now=NOW))

    assert "booked" in told
    assert "Archer" not in told
    assert "CNRY" not in told


@pytest.mark.parametrize("patient", [True, False])
def test_why_is_empty_if_and_only_if_booking_accepts(
    dr_chen: Doctor, berlin: Site, alice: Patient, bob: Patient, settings: Settings, patient: bool
) -> None:
    settings.BOOKING_HORIZON_DAYS = 10
    lisbon = make_site(name="Lisbon", time_zone="Europe/Lisbon")
    make_hours(dr_chen, lisbon, "14:00", "17:30", weekdays=[0, 2], slot_minutes=20)
    make_extra_hours(dr_chen, berlin, at("11:10"), at("12:50"), slot_minutes=25)
    make_time_off(at("08:00", MONDAY + timedelta(days=1)), at("10:20", MONDAY + timedelta(days=1)), dr_chen)
    make_time_off(at("15:00"), at("16:00"), site=lisbon)
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, bob, at("15:10"), minutes=20, is_overbooked=True, override_reason="urgent")
    make_appointment(dr_chen, bob, at("11:35"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=5))
    buffered = make_visit_type(minutes=25, buffer_before=15, buffer_after=5)
    dr_chen.visit_types.add(buffered)
    days = [NOW.date(), MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)]
    times = [at("08:40", day) + timedelta(minutes=5) * number for day in days for number in range(0, 120, 2)]

    accepted = 0
    for visit_type, starts_at in [(None, time) for time in times] + [(buffered, time) for time in times[::2]]:
        found = slots.why(dr_chen, starts_at, visit_type=visit_type, now=NOW, by_patient=patient)
        refused = refused_by_booking(dr_chen, starts_at, visit_type, patient=patient)
        accepted += not refused
        assert bool(found) == bool(refused), (starts_at, visit_type, found, refused)
        # The first is what booking says.
        assert not found or str(slots.obstacles.REFUSALS[found[0].code][2]) == refused
    assert 10 < accepted < len(times)
