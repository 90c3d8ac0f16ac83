"""The third screen, My appointments, and the calendar file's address."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Patient, User
from clinic import booking
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")
MISSING = "0f0f0f0f-0000-4000-8000-000000000000"
PAGES = ("booked", "move", "cancel", "calendar-file")


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    kind = make_visit_type(name="Check-up", instructions="Bring your insurance card.")
    dr_chen.visit_types.add(kind)
    return make_appointment(dr_chen, alice, at("09:30"), reason="A rash", visit_type=kind)


def test_booked(client: Client, visit: Appointment, alice: Patient) -> None:
    client.force_login(alice.user)

    response = client.get(reverse("booked", args=[visit.pk]))

    words = text_of(response)
    for fact in (
        *("Your visit is booked", visit.reference, "Mon 1 March 2027, 09:30 (CET)", "Dr. Wei Chen", "Berlin Mitte"),
        *("+49 30 123456", "Bring your insurance card.", "A rash", "until Sun 28 February 2027, 09:30 (CET)"),
        *("Move", "Cancel", "Add to my calendar"),
    ):
        assert fact in words
    # case 173
    assert response.headers["Cache-Control"] == "no-store, private"
    # case 174
    assert text_of(response).split(" · ")[0] == "Your appointment"


def test_booked_tells_what_became_of_it(
    client: Client, visit: Appointment, alice: Patient, dr_chen: Doctor, rita: User
) -> None:
    booking.reschedule(visit, starts_at=at("10:00"), by=rita, now=NOW)
    line = "Mon 22 February 2027, 09:00 (CET): Moved ({who}) → Mon 1 March 2027, 10:00 (CET)"

    for viewer, who in ((alice.user, "Reception"), (dr_chen.user, "Rita Rivera")):
        client.force_login(viewer)
        assert line.format(who=who) in text_of(client.get(reverse("booked", args=[visit.pk])))


@pytest.mark.parametrize("page", PAGES)
def test_anothers_appointment_is_not_there(
    page: str, client: Client, visit: Appointment, bob: Patient, dr_diaz: Doctor
) -> None:
    # case 104
    for user in (bob.user, dr_diaz.user):
        client.force_login(user)
        for method in (client.get, client.post):
            foreign = method(reverse(page, args=[visit.pk]))
            missing = method(reverse(page, args=[MISSING]))

            assert foreign.status_code == missing.status_code
            assert foreign.status_code == 404 or method == client.post
            # Each request has its number.
            words = [text_of(answer).replace(answer.headers["X-Request-ID"], "") for answer in (foreign, missing)]
            assert words[0] == words[1]
    visit.refresh_from_db()
    assert (visit.status, visit.starts_at) == (Status.SCHEDULED, at("09:30"))


@pytest.mark.parametrize("page", [*PAGES, "my-appointments", "day"])
def test_pages_ask_a_stranger_to_sign_in(page: str, client: Client, visit: Appointment) -> None:
    args = [visit.pk] if page in PAGES else []
    url = reverse(page, args=args)

    response = client.get(url)

    assert response.headers["Location"] == f"/accounts/login/?next={url}"


def test_a_hold_is_nobodys_appointment(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    hold = make_appointment(
        dr_chen, alice, at("09:30"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=10)
    )
    client.force_login(alice.user)

    assert client.get(reverse("booked", args=[hold.pk])).status_code == 404
    assert "Nothing is booked" in text_of(client.get(reverse("my-appointments")))


def test_booked_for_the_doctor(client: Client, visit: Appointment) -> None:
    client.force_login(visit.doctor.user)

    words = text_of(client.get(reverse("booked", args=[visit.pk])))

    assert "Alice Archer" in words
    assert "A rash" in words
    assert "until" not in words


def test_booked_for_reception(client: Client, visit: Appointment, rita: User) -> None:
    """Reception sees the visit, and not why the patient comes. (case 112)"""
    client.force_login(rita)

    words = text_of(client.get(reverse("booked", args=[visit.pk])))

    assert "Alice Archer" in words
    assert "A rash" not in words


def test_booked_past_the_deadline(client: Client, visit: Appointment, alice: Patient) -> None:
    with time_machine.travel(at("09:31") - timedelta(days=1), tick=False):
        client.force_login(alice.user)
        words = text_of(client.get(reverse("booked", args=[visit.pk])))

    assert "It is too late to move or cancel it here. Please call us: +49 30 123456 ." in words
    assert f"Say your reference, {visit.reference} ." in words


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW])
def test_booked_when_it_is_over(status: Status, client: Client, visit: Appointment, alice: Patient) -> None:
    Appointment.objects.update(status=status)
    client.force_login(alice.user)

    page = client.get(reverse("booked", args=[visit.pk])).content.decode()

    assert str(status.label) in page
    assert reverse("move", args=[visit.pk]) not in page
    assert reverse("cancel", args=[visit.pk]) not in page


def test_booked_when_the_doctor_cannot_come(client: Client, visit: Appointment, alice: Patient) -> None:
    # case 020
    ToBeMoved.objects.create(appointment=visit, cause=Cause.EXCEPTION)
    client.force_login(alice.user)

    assert "The doctor cannot see you at this time." in text_of(client.get(reverse("booked", args=[visit.pk])))
    assert "Needs another time" in text_of(client.get(reverse("my-appointments")))


def test_calendar_file(client: Client, visit: Appointment, alice: Patient) -> None:
    client.force_login(alice.user)

    response = client.get(reverse("calendar-file", args=[visit.pk]))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    assert f"URL:http://testserver/appointments/{visit.pk}/" in response.content.decode().replace("\r\n ", "")


def test_my_appointments(client: Client, visit: Appointment, alice: Patient, bob: Patient) -> None:
    make_appointment(visit.doctor, bob, at("10:30"))
    make_appointment(visit.doctor, alice, at("11:00"), status=Status.CANCELLED)
    make_appointment(visit.doctor, alice, NOW - timedelta(days=7), status=Status.COMPLETED)
    client.force_login(alice.user)

    upcoming = text_of(client.get(reverse("my-appointments")))
    past = text_of(client.get(reverse("my-appointments"), {"when": "past"}))

    assert "Mon 1 March 2027, 09:30 (CET) Booked" in upcoming
    assert "Move , Mon 1 March 2027, 09:30 (CET)" in upcoming
    assert "10:30" not in upcoming
    assert "11:00" not in upcoming
    assert past.index("11:00 (CET) Cancelled") < past.index("Mon 15 February 2027, 09:00 (CET) Completed")
    assert "A rash" not in upcoming


def test_my_appointments_page_by_page(client: Client, alice: Patient, dr_chen: Doctor) -> None:
    for number in range(12):
        make_appointment(dr_chen, alice, NOW - timedelta(days=number + 1), status=Status.COMPLETED)
    client.force_login(alice.user)

    second = text_of(client.get(reverse("my-appointments"), {"when": "past", "page": "2"}))

    assert "Page 2 of 2" in second
    assert second.count("Completed") == 2
    assert client.get(reverse("my-appointments"), {"page": "x"}).status_code == 200


def test_my_appointments_ask_as_often_for_many_as_for_few(client: Client, alice: Patient, dr_chen: Doctor) -> None:
    client.force_login(alice.user)
    url = reverse("my-appointments")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        return len(queries)

    kinds = [make_visit_type() for _ in range(8)]
    for number in range(2):
        make_appointment(dr_chen, alice, at("09:00") + timedelta(days=number), visit_type=kinds[number])
    count()
    few = count()
    for number in range(2, 8):
        visit = make_appointment(dr_chen, alice, at("09:00") + timedelta(days=number), visit_type=kinds[number])
        ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS)

    assert count() == few
