"""The verbs of booking."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Patient, User
from clinic import booking
from clinic.booking import Visitor
from clinic.models import Appointment, Doctor, Status
from clinic.slots import SlotTaken
from clinic.tests.factories import NOW, at, make_appointment


def code_of(error: ValidationError) -> str | None:
    """The first code of a refusal."""
    return next(iter(error.error_dict.values()))[0].code if hasattr(error, "error_dict") else error.code


def test_book_when_the_slot_is_free(alice: Patient, dr_chen: Doctor) -> None:
    appointment = booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:30"), by=alice.user, now=NOW)

    appointment.refresh_from_db()
    assert (appointment.status, appointment.starts_at, appointment.ends_at) == (
        Status.SCHEDULED,
        at("09:30"),
        at("10:00"),
    )


@pytest.mark.parametrize(
    ("clock", "offered"),
    [
        ("10:15", ["09:30", "10:30", "11:00"]),
        ("09:45", ["09:00", "09:30", "10:30"]),
        ("10:00", ["09:00", "09:30", "10:30"]),
    ],
)
def test_book_when_it_would_overlap(
    alice: Patient, bob: Patient, dr_chen: Doctor, clock: str, offered: list[str]
) -> None:  # case 002
    make_appointment(dr_chen, alice, at("10:00"))

    with pytest.raises(SlotTaken) as refused:
        booking.book(doctor=dr_chen, patient=bob, starts_at=at(clock), by=bob.user, now=NOW)

    assert code_of(refused.value) == "slot_taken"
    assert [slot.starts_at for slot in refused.value.alternatives] == [at(time) for time in offered]
    assert Appointment.objects.count() == 1


def test_hold_then_book_by_a_stranger_who_signs_in(alice: Patient, dr_chen: Doctor) -> None:
    held = booking.hold(doctor=dr_chen, starts_at=at("09:00"), visitor=Visitor.session("x"), by=None, now=NOW)

    booked = booking.book_hold(held, patient=alice, by=alice.user, now=NOW + timedelta(minutes=9))

    assert booked.pk == held.pk
    assert booked.status == Status.SCHEDULED


def test_reschedule_when_the_new_time_is_taken(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 034
    mine = make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, bob, at("09:30"))
    before = Appointment.objects.filter(pk=mine.pk).values().get()

    with pytest.raises(ValidationError) as refused:
        booking.reschedule(mine, starts_at=at("09:30"), by=alice.user, now=NOW)

    assert code_of(refused.value) == "slot_taken"
    assert Appointment.objects.filter(pk=mine.pk).values().get() == before


def test_cancel_by_a_stranger(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    mine = make_appointment(dr_chen, alice, at("09:00"))

    with pytest.raises(PermissionDenied):
        booking.cancel(mine, by=bob.user, now=NOW)

    mine.refresh_from_db()
    assert mine.status == Status.SCHEDULED


def test_book_over_the_doctor_when_staff_give_a_reason(
    alice: Patient, bob: Patient, dr_chen: Doctor, rita: User
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    over = booking.book(doctor=dr_chen, patient=bob, starts_at=at("10:00"), by=rita, now=NOW, override_reason="pain")

    assert over.is_overbooked
