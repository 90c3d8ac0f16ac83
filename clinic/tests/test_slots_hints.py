"""From when on it is worth looking: hints change nothing of what is found, whatever is done to calendars."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic import availability, booking, slots
from clinic.models import Appointment, Doctor, ExceptionKind, OpeningHint, ScheduleException, Site, Status, WeeklyHours
from clinic.slots import Slot, hints
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_doctor, make_hours, make_site, make_time_off

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def found(doctors: list[Doctor], now: datetime, **more: Any) -> list[tuple[str, str]]:
    """Who is free first, and when."""
    firsts = slots.first_openings(doctors, now=now, **more)
    return [(str(pk), f"{slot.starts_at} {slot.site}") for pk, times in firsts.items() for slot in times]


@contextmanager
def without_hints(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As it was before there were any."""
    with monkeypatch.context() as patch:
        patch.setattr(hints, "known", lambda _doctors, **_more: {})
        yield


def hint_of(doctor: Doctor) -> datetime | None:
    return OpeningHint.objects.filter(doctor=doctor).values_list("free_from", flat=True).first()


def test_refresh_finds_the_first_free_minute(dr_chen: Doctor, dr_diaz: Doctor, berlin: Site, alice: Patient) -> None:
    make_time_off(NOW, at("09:40"), dr_chen)
    make_appointment(dr_chen, alice, at("09:40"))
    make_appointment(dr_chen, None, at("10:10"), status=Status.HELD, hold_expires_at=NOW + DAY)
    make_time_off(NOW - DAY, NOW + timedelta(days=999), dr_diaz)

    assert hints.refresh(now=NOW) == 2

    # Holds are ignored, since nobody says so when they expire.
    assert hint_of(dr_chen) == at("10:10")
    horizon = hint_of(dr_diaz)
    assert horizon is not None
    assert horizon > NOW + timedelta(days=180)
    assert hints.refresh(now=NOW + timedelta(minutes=59)) == 0
    assert hints.refresh(now=NOW + timedelta(minutes=61)) == 2


def test_hints_of_a_later_clock_are_not_believed(dr_chen: Doctor) -> None:
    hints.refresh(now=NOW + timedelta(days=30))

    assert found([dr_chen], NOW)[0][1].startswith("2027-02-22")


def test_cancel_and_move_lower_the_hint(dr_chen: Doctor, alice: Patient, bob: Patient, rita: User) -> None:
    make_time_off(NOW, at("10:00"), dr_chen)
    first = make_appointment(dr_chen, alice, at("10:00"))
    second = make_appointment(dr_chen, bob, at("10:30"))
    hints.refresh(now=NOW)
    assert hint_of(dr_chen) == at("11:00")

    booking.reschedule(second, starts_at=at("11:30"), by=rita, now=NOW)
    assert hint_of(dr_chen) == at("10:30")
    booking.cancel(first, by=rita, now=NOW, reason="ill")
    assert hint_of(dr_chen) == at("10:00")


def test_no_show_lowers_the_hint(dr_chen: Doctor, alice: Patient, rita: User) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))
    now = at("10:00") + timedelta(minutes=5)
    hints.refresh(now=now)
    assert hint_of(dr_chen) == at("10:30")

    booking.no_show(visit, by=rita, now=now)

    assert hint_of(dr_chen) == at("10:00")


class Clinic:
    """Does at random what staff do to calendars."""

    def __init__(self, seed: int, doctors: list[Doctor], sites: list[Site], by: User) -> None:
        self.draw, self.now, self.doctors, self.sites, self.by = Random(seed), NOW, doctors, sites, by
        self.patients = [make_patient() for _number in range(3)]
        self.verbs = [self.book] * 3 + [self.cancel, self.cancel, self.move, self.close, self.add, self.change_hours]
        self.verbs += [self.open_again] * 2

    def act(self) -> bool:
        """One thing; whether it could be done."""
        try:
            self.draw.choice(self.verbs)()
        except (ValidationError, IndexError):
            return False
        return True

    def moment(self) -> datetime:
        """Within three weeks."""
        return self.now.replace(minute=0) + timedelta(minutes=30 * self.draw.randrange(48 * 20))

    def opening(self, **more: Any) -> Slot:
        """One of the first free times of somebody; IndexError if he has none."""
        firsts = slots.first_openings([self.draw.choice(self.doctors)], now=self.now, count=3, **more)
        return self.draw.choice([slot for times in firsts.values() for slot in times])

    def visit(self) -> Appointment:
        """One that is booked; IndexError if there is none."""
        booked = Appointment.objects.filter(status=Status.SCHEDULED, starts_at__gt=self.now)
        return self.draw.choice(list(booked.order_by("starts_at", "doctor__user__email")))

    def book(self) -> None:
        slot, patient = self.opening(), self.draw.choice(self.patients)
        booking.book(doctor=slot.doctor, patient=patient, starts_at=slot.starts_at, by=self.by, now=self.now)

    def cancel(self) -> None:
        booking.cancel(self.visit(), by=self.by, now=self.now, reason="x")

    def move(self) -> None:
        slot = self.opening(start=self.moment())
        booking.reschedule(self.visit(), starts_at=slot.starts_at, doctor=slot.doctor, by=self.by, now=self.now)

    def close(self) -> None:
        start, whose = self.moment(), self.draw.choice([*self.doctors, None])
        times = {"starts_at": start, "ends_at": start + DAY * self.draw.choice([1, 5, 30]), "reason": "x"}
        place = self.draw.choice([*self.sites, None])
        off = ScheduleException(doctor=whose, site=place, kind=ExceptionKind.TIME_OFF, **times)
        availability.set_exception(off, by=self.by, now=self.now)

    def add(self) -> None:
        start = self.moment()
        extra = {"kind": ExceptionKind.EXTRA_HOURS, "starts_at": start, "ends_at": start + timedelta(hours=2)}
        row = ScheduleException(doctor=self.draw.choice(self.doctors), site=self.sites[1], slot_minutes=30, **extra)
        availability.set_exception(row, by=self.by, now=self.now)

    def open_again(self) -> None:
        rows = list(ScheduleException.objects.order_by("starts_at", "ends_at"))
        availability.remove_exception(self.draw.choice(rows), by=self.by, now=self.now)

    def change_hours(self) -> None:
        rows = list(WeeklyHours.objects.order_by("doctor__user__email", "weekday", "starts"))
        if self.draw.random() < 0.5:
            availability.remove_hours(self.draw.choice(rows), by=self.by, now=self.now)
            return
        told = {"weekday": self.draw.randrange(7), "starts": time(self.draw.randrange(22)), "ends": time(22)}
        hours = WeeklyHours(doctor=self.draw.choice(self.doctors), site=self.sites[0], slot_minutes=30, **told)
        availability.set_hours(hours, by=self.by, now=self.now)


@pytest.mark.parametrize("seed", range(3))
def test_hints_change_nothing_of_what_is_found(
    seed: int,
    dr_chen: Doctor,
    dr_diaz: Doctor,
    berlin: Site,
    adam: User,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.BOOKING_HORIZON_DAYS = 25
    lisbon, third = make_site(name="Lisbon", time_zone="Europe/Lisbon"), make_doctor()
    make_hours(third, lisbon, "22:00", "02:00", weekdays=[5])
    doctors = [dr_chen, dr_diaz, third]
    # Hints that lie far ahead, and are as sharp as can be: so that one too late would be seen.
    for whose, days in ((dr_chen, 9), (dr_diaz, 15), (third, 20), (None, 4)):
        make_time_off(NOW - DAY, NOW + days * DAY, whose)
    monkeypatch.setattr(hints, "STALE", timedelta())
    clinic = Clinic(seed, doctors, [berlin, lisbon], adam)

    done = 0
    for _step in range(30):
        now = clinic.now
        hints.refresh(now=now)
        done += clinic.act()
        start = clinic.draw.choice([None, MONDAY])
        hinted = found(doctors, now, start=start, count=2)
        soonest = found(doctors, now, start=start, limit=1)[:1]
        with without_hints(monkeypatch):
            assert hinted == found(doctors, now, start=start, count=2)
            assert soonest == found(doctors, now, start=start)[:1]
        clinic.now += clinic.draw.choice([timedelta(), timedelta(minutes=50), DAY])
    assert done > 10


def test_first_openings_look_where_it_is_worth_it(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    make_time_off(NOW - DAY, NOW + timedelta(days=150))
    with CaptureQueriesContext(connection) as before:
        plain = found([dr_chen, dr_diaz], NOW)
    hints.refresh(now=NOW)

    with CaptureQueriesContext(connection) as after:
        assert found([dr_chen, dr_diaz], NOW) == plain

    # The hints, then one look.
    assert len(after) == 5 < len(before)
