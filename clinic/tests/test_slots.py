"""Which times are free: hours, exceptions, visits and holds put together."""

from datetime import timedelta

import pytest

from accounts.models import Patient
from clinic import slots
from clinic.models import Appointment, Doctor, Site, Status, WeeklyHours
from clinic.tests.calendars import ALL_HALF_HOURS, DAY, SUNDAY, clocks, code_of_check, free, on
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

pytestmark = pytest.mark.django_db


def test_search_when_nothing_is_booked(dr_chen: Doctor) -> None:  # case 001, fault B4-3
    found = on(MONDAY, dr_chen)

    assert clocks(found) == ALL_HALF_HOURS
    assert found[0].starts_at.isoformat() == "2027-03-01T08:00:00+00:00"
    assert {slot.ends_at - slot.starts_at for slot in found} == {timedelta(minutes=30)}


def test_search_when_the_last_block_is_too_short(berlin: Site) -> None:  # case 005
    doctor = make_doctor()
    make_hours(doctor, berlin, "09:00", "10:50")

    assert free(doctor) == ["09:00", "09:30", "10:00"]


def test_search_when_there_are_several_windows_on_a_day(berlin: Site) -> None:  # fault B0-16
    doctor = make_doctor()
    make_hours(doctor, berlin, "09:00", "10:00")
    make_hours(doctor, berlin, "14:00", "15:00")

    assert free(doctor) == ["09:00", "09:30", "14:00", "14:30"]


def test_search_when_one_slot_is_booked(alice: Patient, dr_chen: Doctor) -> None:  # fault B0-15: minutes, not days
    make_appointment(dr_chen, alice, at("10:00"))

    assert free(dr_chen) == ["09:00", "09:30", "10:30", "11:00", "11:30"]
    assert free(dr_chen, MONDAY + DAY) == ALL_HALF_HOURS


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_search_when_a_visit_was_given_up(alice: Patient, dr_chen: Doctor, status: Status) -> None:  # fault B1-10
    make_appointment(dr_chen, alice, at("10:00"), status=status)

    assert free(dr_chen) == ALL_HALF_HOURS


def test_search_when_a_visit_was_overbooked(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"), is_overbooked=True, override_reason="pain")

    assert "10:00" not in free(dr_chen)
    assert code_of_check(dr_chen, at("10:00")) == "slot_taken"


@pytest.mark.parametrize(("seconds", "is_free"), [(1, False), (0, True), (-60, True)])
def test_search_when_a_slot_is_held(dr_chen: Doctor, seconds: int, is_free: bool) -> None:
    deadline = NOW + timedelta(seconds=seconds)
    make_appointment(dr_chen, None, at("10:00"), status=Status.HELD, hold_expires_at=deadline)

    assert ("10:00" in free(dr_chen)) == is_free
    assert (code_of_check(dr_chen, at("10:00")) is None) == is_free


def test_search_when_the_doctor_has_a_day_off(dr_chen: Doctor) -> None:  # case 012
    make_time_off(at("00:00"), at("00:00", MONDAY + DAY), dr_chen)

    assert free(dr_chen) == []
    assert code_of_check(dr_chen, at("09:00")) == "time_off"
    assert free(dr_chen, MONDAY + DAY) == ALL_HALF_HOURS


def test_search_when_the_doctor_is_away_for_minutes(dr_chen: Doctor) -> None:  # case 013
    make_time_off(at("10:15"), at("10:20"), dr_chen)

    assert free(dr_chen) == ["09:00", "09:30", "10:30", "11:00", "11:30"]


def test_search_when_there_are_extra_hours_on_a_sunday(dr_chen: Doctor, berlin: Site) -> None:  # case 014, fault B0-29
    make_extra_hours(dr_chen, berlin, at("09:00", SUNDAY), at("10:30", SUNDAY))

    assert free(dr_chen, SUNDAY) == ["09:00", "09:30", "10:00"]
    assert free(dr_chen, SUNDAY + 7 * DAY) == []


def test_search_when_extra_hours_meet_time_off(dr_chen: Doctor, berlin: Site) -> None:
    make_extra_hours(dr_chen, berlin, at("09:00", SUNDAY), at("10:30", SUNDAY))
    make_time_off(at("09:45", SUNDAY), at("10:00", SUNDAY), dr_chen)

    assert free(dr_chen, SUNDAY) == ["09:00", "10:00"]


def test_search_when_extra_hours_begin_between_minutes(dr_chen: Doctor, berlin: Site) -> None:
    begins = at("09:00", SUNDAY) + timedelta(seconds=1, microseconds=5)
    make_extra_hours(dr_chen, berlin, begins, at("10:31", SUNDAY))

    found = on(SUNDAY, dr_chen)

    assert clocks(found) == ["09:01", "09:31", "10:01"]
    assert [code_of_check(dr_chen, slot.starts_at) for slot in found] == [None, None, None]


def test_search_when_what_is_booked_ends_between_minutes(alice: Patient, dr_chen: Doctor) -> None:
    end = at("10:30") + timedelta(microseconds=1)
    make_appointment(dr_chen, alice, at("10:00"), occupied_until=end)

    assert "10:30" not in free(dr_chen)


def test_search_when_the_slot_length_changes(alice: Patient, dr_chen: Doctor) -> None:  # case 017
    make_appointment(dr_chen, alice, at("10:00"))
    before = Appointment.objects.values().get()

    WeeklyHours.objects.update(slot_minutes=20)

    # 09:40 would end at 10:00; 10:00 and 10:20 would overlap the visit.
    assert free(dr_chen) == ["09:00", "09:20", "09:40", "10:40", "11:00", "11:20", "11:40"]
    assert Appointment.objects.values().get() == before


def test_search_when_a_visit_lies_outside_shortened_hours(alice: Patient, dr_chen: Doctor) -> None:  # case 019
    make_appointment(dr_chen, alice, at("11:00"))

    WeeklyHours.objects.update(ends="10:00")

    assert free(dr_chen) == ["09:00", "09:30"]
    assert code_of_check(dr_chen, at("11:30")) == "outside_hours"
    assert Appointment.objects.get().status == Status.SCHEDULED


def test_search_when_a_visit_is_longer_than_the_step(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:30"))

    assert free(dr_chen, visit_type=make_visit_type(minutes=60)) == ["09:00", "09:30", "11:00"]


def test_search_when_a_visit_needs_time_around_it(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    found = free(dr_chen, visit_type=make_visit_type(minutes=20, buffer_before=10, buffer_after=15))

    assert found == ["09:00", "11:00", "11:30"]  # 09:30 to 09:50 would keep the doctor until 10:05, 10:30 since 10:20


def test_search_when_a_site_is_closed(dr_chen: Doctor, dr_diaz: Doctor, berlin: Site) -> None:
    other = make_site()
    make_hours(dr_diaz, other, "14:00", "15:00")
    make_time_off(at("00:00"), at("00:00", MONDAY + DAY), site=berlin)

    found = on(MONDAY, dr_chen, dr_diaz)

    assert [(slot.doctor, slot.site) for slot in found] == [(dr_diaz, other), (dr_diaz, other)]


def test_search_when_everything_is_closed(dr_chen: Doctor) -> None:
    other = make_site()
    make_hours(dr_chen, other, "14:00", "15:00")
    make_time_off(at("00:00"), at("14:30"))

    assert free(dr_chen) == ["14:30"]


def test_search_when_a_doctor_is_away_from_one_site(dr_chen: Doctor, berlin: Site) -> None:
    other = make_site()
    make_hours(dr_chen, other, "14:00", "15:00")
    make_time_off(at("00:00"), at("00:00", MONDAY + DAY), dr_chen, site=berlin)

    assert free(dr_chen) == ["14:00", "14:30"]
    assert free(dr_chen, site=berlin.pk) == []


def test_search_at_one_site(dr_chen: Doctor, berlin: Site) -> None:
    other = make_site()
    make_hours(dr_chen, other, "14:00", "15:00")

    assert free(dr_chen, site=berlin.pk) == ALL_HALF_HOURS
    assert free(dr_chen, site=other.pk) == ["14:00", "14:30"]


def test_search_when_two_sites_offer_one_start(dr_chen: Doctor, berlin: Site) -> None:
    other = make_site(name="A second place")
    make_extra_hours(dr_chen, other, at("10:00"), at("12:30"))

    found = on(MONDAY, dr_chen)

    assert clocks(found) == [*ALL_HALF_HOURS, "12:00"]
    assert [slot.site for slot in found] == [berlin] * 6 + [other]
    assert on(MONDAY, dr_chen, site=other.pk) == found[6:]
    for slot in found:  # what is booked is what was offered
        assert slots.check(dr_chen, slot.starts_at, now=NOW, binds_patient=True) == slot


def test_search_when_one_of_two_sites_is_closed(dr_chen: Doctor, berlin: Site) -> None:
    other = make_site(name="A second place")
    make_extra_hours(dr_chen, other, at("10:00"), at("11:00"))
    make_time_off(at("00:00"), at("00:00", MONDAY + DAY), site=berlin)

    found = on(MONDAY, dr_chen)

    assert [(slot.site, slot.starts_at) for slot in found] == [(other, at("10:00")), (other, at("10:30"))]
    assert slots.check(dr_chen, at("10:00"), now=NOW, binds_patient=True) == found[0]
