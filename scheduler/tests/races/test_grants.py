"""Doctors who come and go while visits are booked, called off and taken back: grants and appointments agree."""

import threading
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts import staffing
from accounts.models import Patient, Role, User
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.models import Appointment, Doctor
from clinic.tests.factories import NOW, at
from records import access, charting
from records.access import grants
from records.models import RecordRevision
from records.tests.factories import book, during, make_record
from scheduler.tests.races.test_standing import wait_until_somebody_waits

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]

ROUNDS = 40


class Deed(threading.Thread):
    """Something done beside; refusals are no matter."""

    def __init__(self, *deeds: Callable[[], Any]) -> None:
        super().__init__()
        self.deeds, self.is_done = deeds, False

    def run(self) -> None:
        """Do it."""
        try:
            for deed in self.deeds:
                try:
                    deed()
                except (ValidationError, PermissionDenied):
                    continue
            self.is_done = True
        finally:
            connection.close()


def finish(*threads: Deed) -> None:
    for thread in threads:
        thread.join(timeout=60)
        # Or it died of an error, a deadlock say.
        assert thread.is_done


@pytest.mark.parametrize("leaving", ["deactivate", "change_role"])
def test_doctor_leaves_while_somebody_books_him(leaving: str, adam: User, alice: Patient, dr_chen: Doctor) -> None:
    goes: dict[str, Callable[[], Any]] = {
        "deactivate": lambda: staffing.deactivate(dr_chen.user, by=adam, now=NOW),
        "change_role": lambda: staffing.change_role(dr_chen.user, Role.PATIENT, by=adam, now=NOW),
    }
    other = Deed(goes[leaving])

    with transaction.atomic():
        book(dr_chen, alice)
        other.start()
        wait_until_somebody_waits()
    finish(other)

    assert grants.differences() == (set(), set())


def test_doctor_comes_back_while_his_visit_is_cancelled(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)
    staffing.deactivate(dr_chen.user, by=adam, now=NOW)
    other = Deed(lambda: staffing.reactivate(dr_chen.user, by=adam, now=NOW))

    with transaction.atomic():
        booking.cancel(visit, by=alice.user, now=NOW)
        other.start()
        wait_until_somebody_waits()
    finish(other)

    assert grants.differences() == (set(), set())


def test_everything_at_once(adam: User, rita: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    patients = [alice, *(make_patient() for _ in range(3))]
    doctors = [dr_chen, dr_diaz]

    def life(patient: Patient, seed: int) -> list[Callable[[], Any]]:
        dice = Random(seed)
        clocks = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]

        def deed() -> None:
            mine = list(Appointment.objects.filter(patient=patient))
            what = dice.choice(("book", "book", "cancel", "undo", "move", "no_show"))
            if what == "book" or not mine:
                book(dice.choice(doctors), patient, at(dice.choice(clocks)))
                return
            visit = dice.choice(mine)
            if what == "move":
                doctor, starts = dice.choice(doctors), at(dice.choice(clocks))
                booking.reschedule(visit, starts_at=starts, doctor=doctor, by=rita, now=NOW)
            elif what == "no_show":
                booking.no_show(visit, by=rita, now=during(visit))
                booking.undo(visit, by=rita, now=during(visit) + timedelta(minutes=1))
            else:
                getattr(booking, what)(visit, by=rita, now=NOW, **({"reason": "ill"} if what == "cancel" else {}))

        return [deed] * ROUNDS

    def come_and_go() -> None:
        staffing.deactivate(dr_chen.user, by=adam, now=NOW)
        staffing.reactivate(dr_chen.user, by=adam, now=NOW)
        staffing.change_role(dr_diaz.user, Role.PATIENT, by=adam, now=NOW)
        staffing.change_role(dr_diaz.user, Role.DOCTOR, by=adam, now=NOW)

    threads = [Deed(*life(patient, seed)) for seed, patient in enumerate(patients)]
    threads.append(Deed(*[come_and_go] * 10))
    for thread in threads:
        thread.start()
    finish(*threads)

    assert Appointment.objects.exists()
    assert grants.differences() == (set(), set())


def test_two_changes_of_one_record(alice: Patient, dr_chen: Doctor) -> None:
    record = make_record(book(dr_chen, alice), diagnosis="first", notes="first")
    now, by = during(record.appointment), dr_chen.user
    seen = record.etag
    other = Deed(lambda: charting.change(record, by=by, now=now, notes="second"))
    late = Deed(lambda: charting.change(record, by=by, now=now, version=seen, notes="lost"))

    with transaction.atomic():
        charting.change(record, by=by, now=now, diagnosis="second")
        other.start()
        late.start()
        wait_until_somebody_waits()
    finish(other, late)

    stands = access.open_record(record.pk, by=by, now=now)
    assert (stands.diagnosis, stands.notes, stands.version) == ("second", "second", 3)
    assert RecordRevision.objects.count() == 2
