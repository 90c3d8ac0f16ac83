"""Doctors' days by mail, in the morning of each time zone."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import outbox
from accounts.models import Message, Patient
from clinic import agenda, doctors, reminders
from clinic.models import Approval, Doctor, Status
from clinic.tests.factories import MONDAY, at, make_appointment, make_doctor, make_hours, make_site

SECOND = timedelta(seconds=1)


@pytest.fixture
def eager(dr_chen: Doctor, alice: Patient) -> Doctor:
    """Dr. Chen, who wants his day by mail, with a visit on Monday."""
    make_appointment(dr_chen, alice, at("09:30"))
    return doctors.want_agenda(dr_chen, True, by=dr_chen.user)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at("06:00") - SECOND, 0),
        (at("06:00"), 1),
        (at("11:59"), 1),
        (at("12:00"), 0),
        (at("06:00", MONDAY + timedelta(days=1)), 0),
    ],
)
def test_plan_when_looked(eager: Doctor, now: datetime, expected: int) -> None:
    assert agenda.plan(now=now) == expected


def test_plan_is_the_same_however_often(eager: Doctor, settings: Any) -> None:
    settings.REMINDER_HOURS_BEFORE = ()

    assert [reminders.plan(now=at("06:00") + minute * timedelta(minutes=1)) for minute in range(3)] == [1, 0, 0]

    outbox.deliver_due(at("06:02"))
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["chen@example.org"], "Your day: Mon 1 March 2027")
    assert Message.objects.get().not_after == at("00:00", MONDAY + timedelta(days=1))


def test_plan_for_who_does_not_want_it(eager: Doctor) -> None:
    doctors.want_agenda(eager, False, by=eager.user)

    assert agenda.plan(now=at("06:00")) == 0


@pytest.mark.parametrize("approval", [Approval.PENDING, Approval.REJECTED])
def test_plan_for_who_is_not_let_in(eager: Doctor, approval: Approval) -> None:
    Doctor.objects.filter(pk=eager.pk).update(approval=approval)

    assert agenda.plan(now=at("06:00")) == 0


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_plan_when_nobody_comes(eager: Doctor, status: Status) -> None:
    eager.appointments.update(status=status)

    assert agenda.plan(now=at("06:00")) == 0


def test_plan_for_two_time_zones(eager: Doctor, alice: Patient) -> None:
    """Each at six of its own clock."""
    sydney = make_site(time_zone="Australia/Sydney")
    make_hours(eager, sydney)
    make_appointment(eager, alice, at("10:00", MONDAY, sydney), site=sydney)

    assert agenda.plan(now=at("06:00", MONDAY, sydney)) == 1
    assert agenda.plan(now=at("06:00")) == 1

    zones = {message.context["zone"] for message in Message.objects.all()}
    assert zones == {"Australia/Sydney", "Europe/Berlin"}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2027, 3, 28)),
        ("Europe/Berlin", date(2027, 10, 31)),
        ("America/New_York", date(2027, 3, 14)),
        ("America/New_York", date(2027, 11, 7)),
        ("Australia/Sydney", date(2027, 10, 3)),
        ("Australia/Sydney", date(2027, 4, 4)),
    ],
)
def test_plan_when_the_clocks_change(zone: str, day: date, alice: Patient, dr_chen: Doctor) -> None:
    site = make_site(time_zone=zone)
    make_appointment(dr_chen, alice, at("00:30", day, site), site=site)
    make_appointment(dr_chen, alice, at("23:30", day, site), site=site)
    make_appointment(dr_chen, alice, at("00:30", day + timedelta(days=1), site), site=site)
    doctors.want_agenda(dr_chen, True, by=dr_chen.user)

    assert agenda.plan(now=at("06:00", day, site) - SECOND) == 0
    assert agenda.plan(now=at("06:00", day, site)) == 1
    assert [visit.starts_at for visit in agenda.of_day(day, zone)] == [at("00:30", day, site), at("23:30", day, site)]


def test_plan_asks_as_often_for_many(eager: Doctor, alice: Patient) -> None:
    def asked(now: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            agenda.plan(now=now)
        return len(queries)

    few = asked(at("06:00"))
    later = MONDAY + timedelta(days=1)
    for number in range(5):
        doctor = make_doctor(wants_agenda=True)
        make_hours(doctor, eager.weekly_hours.first().site)
        make_appointment(doctor, alice, at(f"{10 + number}:00", later))

    assert asked(at("06:00", later)) == few
    assert Message.objects.count() == 6
