"""What is written to the outbox when appointments change."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts import outbox
from accounts.models import Channel, Message, Patient, Role, User
from accounts.models.patient import ReminderChannel
from accounts.tests.factories import make_user
from clinic import availability, booking, doctors
from clinic.models import Appointment, Approval, Doctor, ExceptionKind, ScheduleException, ToBeMoved
from clinic.news import follow_appointment
from clinic.signals import appointment_changed
from clinic.tests.factories import NOW, at, make_appointment


def told() -> list[str]:
    """The kinds that were written, in their order."""
    return list(Message.objects.order_by("created_at", "kind").values_list("kind", flat=True))


def book(doctor: Doctor, patient: Patient, clock: str = "10:00", by: User | None = None) -> Appointment:
    by = by or patient.user
    assert by is not None
    return booking.book(doctor=doctor, patient=patient, starts_at=at(clock), by=by, now=NOW)


def without_account(**fields: str) -> Patient:
    return Patient.objects.create(**{"first_name": "Gerda", "last_name": "Grey"} | fields)


def test_booked_when_the_patient_books(alice: Patient, dr_chen: Doctor) -> None:
    visit = book(dr_chen, alice)

    message = Message.objects.get()
    assert (message.kind, message.key, message.patient) == ("booked", f"booked:{visit.pk}:0", alice)
    assert (message.not_before, message.not_after, message.about) == (NOW, visit.starts_at, visit.pk)
    assert message.context == {"appointment": str(visit.pk), "sequence": "0"}


def test_booked_when_a_hold_is_booked(alice: Patient, dr_chen: Doctor) -> None:
    held = booking.hold(doctor=dr_chen, starts_at=at("10:00"), visitor=None, by=alice.user, now=NOW)
    assert told() == []

    for _twice in range(2):
        booking.book_hold(held, patient=alice, by=alice.user, now=NOW)

    assert told() == ["booked"]


def test_booked_when_staff_books(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    book(dr_chen, alice, by=rita)

    assert Message.objects.get().patient == alice


def test_moved_is_told_once(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    # case 033
    visit = make_appointment(dr_chen, alice, at("10:00"))

    moved = booking.reschedule(visit, starts_at=at("11:00"), doctor=dr_diaz, by=alice.user, now=NOW)
    booking.reschedule(moved, starts_at=at("11:00"), doctor=dr_diaz, by=alice.user, now=NOW)

    assert told() == ["moved"]


def test_moved_twice_is_told_twice(alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))

    for clock in ("11:00", "10:00"):
        booking.reschedule(visit, starts_at=at(clock), by=alice.user, now=NOW)

    assert told() == ["moved", "moved"]


def test_cancelled_is_told(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))

    booking.cancel(visit, by=rita, now=NOW, reason="The doctor is ill.")

    assert told() == ["cancelled"]


def test_restored_is_told(alice: Patient, dr_chen: Doctor) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))
    cancelled = booking.cancel(visit, by=alice.user, now=NOW)

    booking.undo(cancelled, by=alice.user, now=NOW + timedelta(minutes=1))

    assert told() == ["cancelled", "restored"]


def test_nothing_is_told_of_the_past(alice: Patient, dr_chen: Doctor, rita: User) -> None:
    visit = make_appointment(dr_chen, alice, NOW)

    booking.cancel(visit, by=rita, now=NOW, reason="He did not come.")

    assert told() == []


def test_nothing_is_told_when_it_was_refused(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    with pytest.raises(ValidationError):
        book(dr_chen, bob)

    assert told() == []


def test_nothing_is_told_when_it_was_undone(alice: Patient, dr_chen: Doctor) -> None:
    with transaction.atomic():
        book(dr_chen, alice)
        assert told() == ["booked"]
        transaction.set_rollback(True)

    assert told() == []


def test_nothing_is_written_for_whom_it_cannot_reach(dr_chen: Doctor, rita: User) -> None:
    nobody = without_account(email="")

    book(dr_chen, nobody, by=rita)

    assert told() == []


def test_whoever_has_an_address_alone_is_told(dr_chen: Doctor, rita: User) -> None:
    somebody = without_account(email="grandma@example.org")

    book(dr_chen, somebody, by=rita)

    assert told() == ["booked"]


@pytest.mark.parametrize(("channel", "expected"), [("none", []), ("console", ["booked"])])
def test_whoever_has_a_telephone_alone(channel: str, expected: list[str], dr_chen: Doctor, rita: User) -> None:
    somebody = without_account(email="", phone="+4930123456", reminder_channel=ReminderChannel.SMS)

    with override_settings(SMS_CHANNEL=channel):
        book(dr_chen, somebody, by=rita)

    assert told() == expected


@pytest.mark.parametrize(
    ("chosen", "channel"),
    [
        (ReminderChannel.EMAIL, Channel.EMAIL),
        (ReminderChannel.SMS, Channel.SMS),
        (ReminderChannel.NONE, Channel.EMAIL),
    ],
)
def test_channel_is_the_patients(chosen: str, channel: str, alice: Patient, dr_chen: Doctor) -> None:
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=chosen)

    book(dr_chen, alice)

    assert Message.objects.get().channel == channel


def asked(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_message_costs_three_statements(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    heard = asked(lambda: book(dr_chen, alice, "09:00"))
    appointment_changed.disconnect(sender=Appointment, dispatch_uid="clinic.news.follow_appointment")
    try:
        unheard = asked(lambda: book(dr_chen, bob, "10:00"))
    finally:
        appointment_changed.connect(follow_appointment, Appointment, dispatch_uid="clinic.news.follow_appointment")

    assert heard - unheard <= 3  # savepoint, row, release


def time_off(doctor: Doctor, by: User) -> ScheduleException:
    off = ScheduleException(kind=ExceptionKind.TIME_OFF, doctor=doctor, starts_at=at("09:00"), ends_at=at("12:00"))
    return availability.set_exception(off, by=by, now=NOW)


def test_to_be_moved_is_told_once_for_each_flag(alice: Patient, bob: Patient, dr_chen: Doctor, adam: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    make_appointment(dr_chen, bob, at("11:00"))
    make_appointment(dr_chen, without_account(email=""), at("11:30"))

    time_off(dr_chen, adam)

    assert told() == ["to_be_moved", "to_be_moved"]
    assert ToBeMoved.objects.count() == 3
    assert set(Message.objects.values_list("patient", flat=True)) == {alice.pk, bob.pk}


def test_stands_when_the_patient_was_told_that_it_must_be_moved(alice: Patient, dr_chen: Doctor, adam: User) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    off = time_off(dr_chen, adam)
    outbox.deliver_due(NOW)

    availability.remove_exception(off, by=adam, now=NOW)
    outbox.deliver_due(NOW)

    assert [one.subject for one in mail.outbox] == [
        "Another time is needed: your appointment on Mon 1 March 2027, 10:00 (CET)",
        "The time stands: your appointment on Mon 1 March 2027, 10:00 (CET)",
    ]


@pytest.mark.parametrize("why", ["nobody was told", "it was flagged again", "it was cancelled"])
def test_stands_when_it_would_confuse(why: str, alice: Patient, dr_chen: Doctor, adam: User) -> None:
    visit = make_appointment(dr_chen, alice, at("10:00"))
    off = time_off(dr_chen, adam)
    if why != "nobody was told":
        outbox.deliver_due(NOW)
    availability.remove_exception(off, by=adam, now=NOW)
    if why == "it was flagged again":
        time_off(dr_chen, adam)
    if why == "it was cancelled":
        booking.cancel(visit, by=adam, reason="ill", now=NOW)

    outbox.deliver_due(NOW)

    assert Message.objects.get(kind="stands").dropped_at == NOW
    assert not any("stands" in one.subject for one in mail.outbox)


@pytest.mark.parametrize("before", [Approval.PENDING, Approval.REJECTED])
def test_application_when_approved(before: Approval, adam: User) -> None:
    doctor = Doctor.objects.create(user=make_user(Role.DOCTOR), approval=before)

    for _twice in range(2):
        doctors.approve(doctor, by=adam, now=NOW)

    message = Message.objects.get()
    assert (message.kind, message.user, message.patient) == ("application_decided", doctor.user, None)
    assert message.context == {"doctor": str(doctor.pk), "approval": "approved"}


def test_application_when_rejected(adam: User) -> None:
    doctor = Doctor.objects.create(user=make_user(Role.DOCTOR), approval=Approval.PENDING)

    doctors.reject(doctor, by=adam, now=NOW)

    assert Message.objects.get().context["approval"] == "rejected"


def test_application_when_a_doctor_is_let_go(dr_chen: Doctor, adam: User) -> None:
    doctors.reject(dr_chen, by=adam, now=NOW)

    assert told() == []
