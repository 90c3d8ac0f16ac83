"""The controls: without locks and constraint the same clients do book twice, and this harness sees it.

Unless these find doubles and deadlocks, it means nothing that the other races find none.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from accounts.models import Patient
from accounts.tests.factories import make_patient
from clinic.constraints import NoOverlap
from clinic.models import Appointment, Doctor
from clinic.tests.factories import make_appointment
from scheduler.tests.races.clients import PATIENCE, deadlocks, doubles, starts, together

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]
ROUNDS = 20
CLIENTS = 8
Book = Callable[[Doctor, Patient, datetime], bool]


@pytest.fixture
def unguarded(transactional_db: None) -> Iterator[None]:
    """The database without the constraints against double bookings."""
    constraints = [one for one in Appointment._meta.constraints if isinstance(one, NoOverlap)]
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.remove_constraint(Appointment, constraint)
    yield
    Appointment.objects.all().delete()
    with connection.schema_editor() as editor:
        for constraint in constraints:
            editor.add_constraint(Appointment, constraint)


def naively(doctor: Doctor, patient: Patient, start: datetime) -> bool:
    """Look, then insert; True if it worked, False if the time is taken or the database says no."""
    try:
        with transaction.atomic():
            if Appointment.objects.filter(doctor=doctor, starts_at=start).exists():
                return False
            make_appointment(doctor, patient, start)
            return True
    except DatabaseError:
        return False
    finally:
        connections.close_all()


def race(crew: ThreadPoolExecutor, doctor: Doctor, people: list[Patient]) -> list[int]:
    """How many believe to have the same slot, round by round."""
    return [sum(together(crew, *(partial(naively, doctor, one, start) for one in people))) for start in starts(ROUNDS)]


def test_naive_bookings_overlap_when_nothing_guards_them(
    crew: ThreadPoolExecutor, doctor: Doctor, unguarded: None
) -> None:
    won = race(crew, doctor, [make_patient() for _number in range(CLIENTS)])

    assert max(won) > 1
    assert doubles()[0] > 0


def test_naive_bookings_when_the_constraint_guards_them(crew: ThreadPoolExecutor, doctor: Doctor) -> None:
    """The other way round: it is the constraint that keeps the promise, locks or no locks."""
    won = race(crew, doctor, [make_patient() for _number in range(CLIENTS)])

    assert max(won) == 1
    assert doubles() == (0, 0)


def lock_two(first: Doctor, second: Doctor, meeting: Barrier) -> bool:
    """Lock one row and then, when the other has done the same, the other's."""
    try:
        with transaction.atomic():
            Doctor.objects.select_for_update().get(pk=first.pk)
            meeting.wait(PATIENCE)
            Doctor.objects.select_for_update().get(pk=second.pk)
        return True
    except OperationalError:
        return False
    finally:
        connections.close_all()


def test_deadlocks_are_counted_when_there_are_any(
    crew: ThreadPoolExecutor, doctor: Doctor, other_doctor: Doctor
) -> None:
    before, meeting = deadlocks(), Barrier(2)

    went_well = together(
        crew, partial(lock_two, doctor, other_doctor, meeting), partial(lock_two, other_doctor, doctor, meeting)
    )

    assert sorted(went_well) == [False, True]
    assert deadlocks() == before + 1
