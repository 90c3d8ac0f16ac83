"""Several people at once, in one process: on every database one wins, and nobody is told of a locked table.

(What many processes do is tried under scheduler/tests/races.)
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from pytest_django import Settings

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at
from clinic.tests.refusals import code_of

pytestmark = pytest.mark.django_db(transaction=True)
CLOCKS = ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30"]


def outcomes(*acts: Callable[[], Appointment]) -> list[str]:
    """What each is told, all at the same moment: "done", or the code of the refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Appointment]) -> str:
        barrier.wait(30)
        try:
            act()
        except ValidationError as refusal:
            return str(code_of(refusal))
        else:
            return "done"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts, timeout=60))


def booking_by(patient: Patient, doctor: Doctor, clock: str) -> Callable[[], Appointment]:
    """The patient's own."""
    return partial(booking.book, doctor=doctor, patient=patient, starts_at=at(clock), by=patient.user, now=NOW)


def test_book_when_all_want_the_same_slot(dr_chen: Doctor) -> None:  # case 045, fault B3-9
    people = [make_patient() for _number in range(4)]

    for clock in CLOCKS:
        told = outcomes(*(booking_by(one, dr_chen, clock) for one in people))
        assert told == ["done"] + ["slot_taken"] * 3

    assert Appointment.objects.count() == len(CLOCKS)


def test_book_when_one_patient_wants_to_be_in_two_places(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    for clock in CLOCKS:
        told = outcomes(booking_by(alice, dr_chen, clock), booking_by(alice, dr_diaz, clock))
        assert told == ["done", "patient_busy"]


def test_book_when_one_patient_takes_more_than_allowed(
    alice: Patient, dr_chen: Doctor, settings: Settings
) -> None:  # case 031
    settings.MAX_UPCOMING_PER_PATIENT = 2

    told = outcomes(*(booking_by(alice, dr_chen, clock) for clock in CLOCKS))

    assert told == ["done"] * 2 + ["too_many_upcoming"] * 4


def test_cancel_twice_and_move(alice: Patient, dr_chen: Doctor) -> None:  # case 051
    mine = booking_by(alice, dr_chen, "09:00")()

    told = outcomes(
        partial(booking.cancel, Appointment.objects.get(pk=mine.pk), by=alice.user, now=NOW),
        partial(booking.cancel, Appointment.objects.get(pk=mine.pk), by=alice.user, now=NOW),
        partial(booking.reschedule, mine, starts_at=at("10:00"), by=alice.user, now=NOW),
    )

    assert told in (["already_final", "already_final", "done"], ["already_final", "done", "done"])
    assert Appointment.objects.get().status == Status.CANCELLED


def test_hold_twice_in_two_windows(dr_chen: Doctor, dr_diaz: Doctor) -> None:
    visitor = booking.Visitor.session("one browser")
    hold = partial(booking.hold, visitor=visitor, by=None, now=NOW)

    for clock in CLOCKS:
        told = outcomes(
            *(partial(hold, doctor=doctor, starts_at=at(clock)) for doctor in (dr_chen, dr_diaz, dr_chen, dr_diaz))
        )
        assert told == ["done"] * 4
        assert Appointment.objects.count() == 1
