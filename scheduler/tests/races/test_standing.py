"""A doctor who is let go, or works no more, while somebody books: either the visit is refused, or it is listed to be
moved."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts import staffing
from accounts.models import Patient, User
from clinic import availability, booking
from clinic.models import Appointment, Doctor, ToBeMoved
from clinic.tests.factories import NOW, at
from clinic.tests.refusals import code_of

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True)]

SOMEBODY_WAITS = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"


def wait_until_somebody_waits() -> None:
    """Until another connection stands before a lock that this one holds."""
    patience = threading.Event()
    with connection.cursor() as cursor:
        for _attempt in range(1000):
            cursor.execute(SOMEBODY_WAITS)
            if cursor.fetchone()[0]:
                return
            patience.wait(0.01)
    raise AssertionError("nobody ever waited")


class Booking(threading.Thread):
    """Somebody else's booking; ``refused`` tells how it ended."""

    def __init__(self, doctor: Doctor, patient: Patient) -> None:
        super().__init__()
        self.doctor, self.patient, self.refused = doctor, patient, ""

    def run(self) -> None:
        """Book."""
        try:
            booking.book(doctor=self.doctor, patient=self.patient, starts_at=at("09:30"), by=self.patient.user, now=NOW)
        except ValidationError as refusal:
            self.refused = str(code_of(refusal))
        finally:
            connection.close()


def test_book_while_the_doctor_is_deactivated(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    other = Booking(dr_chen, alice)

    with transaction.atomic():
        staffing.deactivate(dr_chen.user, by=adam, now=NOW)
        other.start()
        wait_until_somebody_waits()
    other.join(timeout=30)

    assert other.refused == "doctor_not_bookable"
    assert not Appointment.objects.exists()


def test_book_while_the_hours_are_removed(alice: Patient, dr_chen: Doctor) -> None:
    other = Booking(dr_chen, alice)

    with transaction.atomic():
        availability.remove_hours(dr_chen.weekly_hours.get(weekday=0), by=dr_chen.user, now=NOW)
        other.start()
        wait_until_somebody_waits()
    other.join(timeout=30)

    assert other.refused == "outside_hours"
    assert not Appointment.objects.exists()


def test_book_just_before_the_doctor_is_deactivated(adam: User, alice: Patient, dr_chen: Doctor) -> None:
    booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:30"), by=alice.user, now=NOW)

    staffing.deactivate(dr_chen.user, by=adam, now=NOW)

    assert ToBeMoved.objects.get(resolved_at=None).appointment == Appointment.objects.get()
