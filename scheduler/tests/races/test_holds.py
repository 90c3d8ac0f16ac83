"""Holds that run out while somebody books them, and holds that stand in each other's way.

The verbs are called directly: only so can they be told the time.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.tests.factories import make_patient
from clinic import booking
from clinic.booking import Visitor
from clinic.models import Appointment, Doctor, Status
from clinic.signals import appointment_changed
from scheduler.tests.races.clients import PATIENCE, deadlocks, starts, together

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")


def apart(call: Callable[[], T]) -> T:
    """Call it, and leave no connection behind."""
    try:
        return call()
    finally:
        connections.close_all()


def hold(doctor: Doctor, start: datetime, visitor: Visitor, now: datetime) -> UUID:
    """An anonymous hold."""
    return booking.hold(doctor=doctor, starts_at=start, visitor=visitor, by=None, now=now).pk


def wait_until_somebody_waits_for_a_row() -> None:
    """Until PostgreSQL has a statement that waits for another transaction."""
    pause = Event()
    with connection.cursor() as cursor:
        for _look in range(PATIENCE * 100):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND database IS NULL")
            if cursor.fetchone()[0]:
                return
            pause.wait(0.01)
    raise AssertionError("nobody waits")


def test_hold_when_the_old_one_is_being_booked(crew: ThreadPoolExecutor, doctor: Doctor, other_doctor: Doctor) -> None:
    """A hold is booked in its last second; the same browser, a second later, holds another time in another window. The
    new hold must not take along what has just become an appointment."""
    alice, visitor, first_seen = make_patient(), Visitor.session("browser"), timezone.now()
    last_second = first_seen + timedelta(minutes=10) - timedelta(seconds=1)
    here, there = starts(2)
    old = Appointment.objects.get(pk=hold(doctor, here, visitor, first_seen))
    new: list[Future[UUID]] = []

    def hold_another(**_news: Any) -> None:
        late = partial(hold, other_doctor, there, visitor, last_second + timedelta(seconds=2))
        new.append(crew.submit(apart, late))
        wait_until_somebody_waits_for_a_row()

    appointment_changed.connect(hold_another)
    try:
        booking.book_hold(old, patient=alice, by=alice.user, now=last_second)
    finally:
        appointment_changed.disconnect(hold_another)

    held = new[0].result(PATIENCE)
    assert Appointment.objects.get(pk=old.pk).status == Status.SCHEDULED
    assert Appointment.objects.get(pk=held).status == Status.HELD


def test_hold_when_two_clear_away_each_others(crew: ThreadPoolExecutor, doctor: Doctor, other_doctor: Doctor) -> None:
    """Each takes the time where the other's old hold has run out, and each gives up an old hold of his own there."""
    before, early = deadlocks(), timezone.now()
    late = early + timedelta(minutes=11)
    anna, ben = Visitor.session("anna"), Visitor.session("ben")

    for start in starts(40):
        Appointment.objects.all().delete()
        hold(other_doctor, start, anna, early)
        hold(doctor, start, ben, early)

        together(
            crew,
            partial(apart, partial(hold, doctor, start, anna, late)),
            partial(apart, partial(hold, other_doctor, start, ben, late)),
        )

        held = Appointment.objects.values_list("doctor", "visitor")
        assert set(held) == {(doctor.pk, anna.key), (other_doctor.pk, ben.key)}
    assert deadlocks() == before
