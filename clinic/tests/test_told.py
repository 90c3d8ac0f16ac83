"""What has become of the messages about an appointment, as its patient and staff see it."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Message, Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor
from clinic.tests.desk import client_of, page
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")

SENT = datetime(2027, 2, 22, 13, 2, tzinfo=UTC)
ON_THE_CLOCK = "Mon 22 February 2027, 14:02 (CET)"


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    return make_appointment(dr_chen, alice, at("09:30"))


def write(visit: Appointment, kind: str = "booked", **fields: Any) -> Message:
    fields = {"patient": visit.patient, "about": visit.pk, "not_before": NOW} | fields
    return Message.objects.create(kind=kind, key=f"{kind}:{Message.objects.count()}", **fields)


def portal(client: Client, visit: Appointment, by: User | None) -> str:
    assert by
    client.force_login(by)
    return text_of(client.get(reverse("booked", args=[visit.pk])))


def desk(visit: Appointment, by: User) -> str:
    answer = client_of(by).get(page(Appointment, "change", visit.pk))
    assert answer.status_code == 200
    return text_of(answer)


@pytest.mark.parametrize(
    ("fields", "patient", "staff"),
    [
        ({}, "Appointment booked: on its way to you", "Appointment booked: waiting"),
        ({"sent_at": SENT}, f"Appointment booked: sent {ON_THE_CLOCK}", f"Appointment booked: sent {ON_THE_CLOCK}"),
        (
            {"failed_at": SENT, "last_error": "smtp_550"},
            f"Appointment booked : could not be delivered, {ON_THE_CLOCK}. Please check your email address",
            f"Appointment booked: could not be delivered, {ON_THE_CLOCK} (smtp_550)",
        ),
        (
            {"not_before": SENT, "last_error": "smtp_451"},
            "Appointment booked: not delivered yet; we are trying again",
            f"Appointment booked: next attempt {ON_THE_CLOCK} (smtp_451)",
        ),
    ],
    ids=["waiting", "sent", "given up", "tried"],
)
def test_state_as_it_is_told(
    fields: dict[str, Any], patient: str, staff: str, client: Client, visit: Appointment, alice: Patient, rita: User
) -> None:
    write(visit, **fields)

    assert patient in portal(client, visit, alice.user)
    assert staff in desk(visit, rita)


@pytest.mark.parametrize(
    ("error", "is_wrong"),
    [("smtp_550", True), ("smtp_553", True), ("no_address", True), ("smtp_421", False), ("TimeoutError", False)],
)
def test_patient_checks_his_address_if_that_may_be_wrong(
    error: str, is_wrong: bool, client: Client, visit: Appointment, alice: Patient
) -> None:
    write(visit, failed_at=SENT, last_error=error)

    words = portal(client, visit, alice.user)

    assert "could not be delivered" in words
    assert ("Please check your email address" in words) == is_wrong


def test_what_is_not_needed_any_more_is_for_staff_alone(
    client: Client, visit: Appointment, alice: Patient, rita: User
) -> None:
    write(visit, "reminder", dropped_at=SENT)
    write(visit, "moved", dropped_at=SENT, last_error="smtp_550")

    words = portal(client, visit, alice.user)

    assert "Our messages to you" not in words
    assert "Reminder: not needed any more" in desk(visit, rita)
    assert "Appointment moved: could not be delivered (smtp_550), and is not needed any more" in desk(visit, rita)


def test_messages_to_others_and_about_others_are_not_the_patients(
    client: Client, visit: Appointment, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    write(visit, user=dr_chen.user, patient=None)
    write(make_appointment(dr_chen, alice, at("11:00")))
    write(make_appointment(dr_chen, bob, at("12:00")))

    assert "Our messages to you" not in portal(client, visit, alice.user)


def test_doctor_sees_the_appointment_without_its_messages(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    write(visit)

    assert "Appointment booked" not in portal(client, visit, dr_chen.user)


def test_the_last_four_are_enough_for_the_patient(
    client: Client, visit: Appointment, alice: Patient, clock: time_machine.Traveller
) -> None:
    for kind in ("booked", "moved", "reminder", "moved", "reminder"):
        write(visit, kind, sent_at=SENT)
        clock.shift(60)

    words = portal(client, visit, alice.user)

    assert words.count(": sent") == 4
    assert "Appointment booked: sent" not in words


def test_booking_is_seen_at_once(client: Client, alice: Patient, dr_chen: Doctor, rita: User) -> None:
    assert alice.user
    visit = booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:30"), by=alice.user, now=NOW)

    assert "Appointment booked: on its way to you" in portal(client, visit, alice.user)
    assert "Appointment booked: waiting" in desk(visit, rita)


def test_staff_are_told_whom_no_message_reaches(visit: Appointment, alice: Patient, rita: User) -> None:
    assert "No message reaches this patient" not in desk(visit, rita)

    Patient.objects.filter(pk=alice.pk).update(user=None, email="")

    assert "No message reaches this patient" in desk(visit, rita)


def test_staff_find_all_messages_of_an_appointment(
    visit: Appointment, alice: Patient, dr_chen: Doctor, rita: User
) -> None:
    one = write(visit)
    write(make_appointment(dr_chen, alice, at("11:00")))
    address = f"{page(Message, 'changelist')}?about={visit.pk}"

    assert f'href="{address}"' in client_of(rita).get(page(Appointment, "change", visit.pk)).content.decode()
    assert list(client_of(rita).get(address).context["cl"].result_list) == [one]


@pytest.mark.parametrize("who", ["patient", "staff"])
def test_pages_ask_as_often_for_many_messages(
    who: str, client: Client, visit: Appointment, alice: Patient, rita: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            portal(client, visit, alice.user) if who == "patient" else desk(visit, rita)
        return len(asked)

    write(visit)
    queries()
    few = queries()
    for _number in range(6):
        write(visit, "reminder", sent_at=SENT)

    assert queries() == few
