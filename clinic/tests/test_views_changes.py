"""Moving and cancelling in the portal."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Patient
from clinic import booking
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor, client: Client) -> Appointment:
    """Alice's visit on Monday at 09:30; she is signed in."""
    client.force_login(alice.user)
    return make_appointment(dr_chen, alice, at("09:30"))


def move(client: Client, visit: Appointment, doctor: Doctor, clock: str, more: dict[str, str] | None = None) -> Any:
    """Press a time on the page where a visit is moved."""
    data = {"doctor": doctor.pk, "starts_at": at(clock).isoformat(), "version": visit.etag}
    return client.post(reverse("move", args=[visit.pk]), data | (more or {}))


def unchanged(visit: Appointment) -> bool:
    """Whether the row is as it was."""
    before = {field.attname: getattr(visit, field.attname) for field in visit._meta.concrete_fields}
    return bool(Appointment.objects.filter(pk=visit.pk).values().get() == before)


def test_move_shows_the_same_doctor_first(client: Client, visit: Appointment, dr_diaz: Doctor) -> None:
    page = client.get(reverse("move", args=[visit.pk]))

    words = text_of(page)
    assert "Now booked Mon 1 March 2027, 09:30 (CET)" in words
    assert "You can move it until Sun 28 February 2027, 09:30 (CET)" in words
    assert words.index("Dr. Wei Chen Mon 22") < words.index("Dr. Ana Diaz Mon 22")
    assert f'name="version" value="{escape(visit.etag)}"' in page.content.decode()


def test_move_shows_only_doctors_who_offer_the_visit(
    client: Client, visit: Appointment, dr_chen: Doctor, dr_diaz: Doctor
) -> None:
    kind = make_visit_type(name="Check-up")
    dr_chen.visit_types.add(kind)
    Appointment.objects.update(visit_type=kind)

    words = text_of(client.get(reverse("move", args=[visit.pk])))

    assert "Dr. Wei Chen Check-up" in words
    assert "Dr. Ana Diaz Mon" not in words


def test_move_to_another_doctor(client: Client, visit: Appointment, dr_diaz: Doctor) -> None:
    # case 033
    response = move(client, visit, dr_diaz, "10:00")

    moved = Appointment.objects.get()
    assert (moved.pk, moved.doctor, moved.starts_at, moved.sequence) == (visit.pk, dr_diaz, at("10:00"), 1)
    assert response.headers["Location"] == f"/appointments/{visit.pk}/"
    assert "The appointment is moved." in text_of(client.get(response.headers["Location"]))


def test_move_sent_twice(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    first, second = move(client, visit, dr_chen, "10:00"), move(client, visit, dr_chen, "10:00")

    assert first.headers["Location"] == second.headers["Location"] == f"/appointments/{visit.pk}/"
    assert Appointment.objects.get().sequence == 1


def test_move_when_somebody_was_faster(client: Client, visit: Appointment, dr_chen: Doctor, bob: Patient) -> None:
    # case 034
    booking.book(doctor=dr_chen, patient=bob, starts_at=at("10:30"), by=bob.user, now=NOW)

    response = move(client, visit, dr_chen, "10:30")

    words = text_of(client.get(response.headers["Location"]))
    assert "Sorry, this time was taken just now, before you." in words
    assert "The nearest free times Dr. Wei Chen Mon 1 March 2027 Berlin Mitte (CET) 10:00 , Mon" in words
    assert unchanged(visit)


def test_move_when_it_was_changed_meanwhile(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    # case 036
    booking.reschedule(visit, starts_at=at("11:00"), by=visit.patient.user, now=NOW)
    there = Appointment.objects.get()

    response = move(client, visit, dr_chen, "10:30")

    assert "It was changed meanwhile; please look again." in text_of(client.get(response.headers["Location"]))
    assert unchanged(there)


def test_move_when_it_is_cancelled(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    booking.cancel(visit, by=visit.patient.user, now=NOW)

    response = move(client, visit, dr_chen, "10:30")

    assert response.headers["Location"] == f"/appointments/{visit.pk}/"
    assert Appointment.objects.get().status == Status.CANCELLED


@pytest.mark.parametrize("page", ["move", "cancel"])
def test_change_past_the_deadline(page: str, client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    # case 040
    with time_machine.travel(at("09:31") - timedelta(days=1), tick=False):
        client.force_login(visit.patient.user)
        shown = client.get(reverse(page, args=[visit.pk]))
        data = {"version": visit.etag, "doctor": dr_chen.pk, "starts_at": at("10:00").isoformat()}
        sent = client.post(reverse(page, args=[visit.pk]), data)
        words = text_of(client.get(sent.headers["Location"]))

    assert shown.headers["Location"] == sent.headers["Location"] == f"/appointments/{visit.pk}/"
    assert "Please call us: +49 30 123456" in words
    assert unchanged(visit)


@pytest.mark.parametrize("more", [{"starts_at": "x"}, {"doctor": "x"}, {"version": ""}, {"starts_at": "\x00"}])
def test_move_when_the_form_was_tampered_with(
    more: dict[str, str], client: Client, visit: Appointment, dr_chen: Doctor
) -> None:
    response = move(client, visit, dr_chen, "10:30", more)

    assert "This time cannot be booked" in text_of(client.get(response.headers["Location"]))
    assert unchanged(visit)


def test_move_changes_nothing_by_looking(client: Client, visit: Appointment) -> None:
    for page in ("move", "cancel", "booked"):
        client.get(reverse(page, args=[visit.pk]))
        client.head(reverse(page, args=[visit.pk]))
        assert client.put(reverse(page, args=[visit.pk])).status_code == 405

    assert unchanged(visit)


def test_move_when_the_session_has_ended(client: Client, visit: Appointment) -> None:
    """htmx does not put the sign-in page into the list of times."""
    client.logout()

    response = client.get(reverse("move", args=[visit.pk]), headers={"HX-Request": "true", "HX-Target": "results"})

    assert (response.headers["HX-Refresh"], response.content) == ("true", b"")


def test_move_by_the_doctor(client: Client, visit: Appointment, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    """Within his own calendar only, also after the patient's deadline. (case 120)"""
    client.force_login(dr_chen.user)

    words = text_of(client.get(reverse("move", args=[visit.pk])))
    assert "Dr. Ana Diaz Mon" not in words
    assert move(client, visit, dr_diaz, "10:00").status_code == 403
    assert unchanged(visit)
    move(client, visit, dr_chen, "10:00")
    assert Appointment.objects.get().starts_at == at("10:00")


def test_cancel(client: Client, visit: Appointment) -> None:
    page = client.get(reverse("cancel", args=[visit.pk]))
    assert "You can cancel it until Sun 28 February 2027, 09:30 (CET)" in text_of(page)

    response = client.post(reverse("cancel", args=[visit.pk]), {"version": visit.etag})

    assert Appointment.objects.get().status == Status.CANCELLED
    words = text_of(client.get(response.headers["Location"]))
    assert "The appointment is cancelled." in words
    assert "Cancelled" in words


def test_cancel_sent_twice(client: Client, visit: Appointment) -> None:
    data = {"version": visit.etag, "reason": "I am well"}
    client.post(reverse("cancel", args=[visit.pk]), data)
    response = client.post(reverse("cancel", args=[visit.pk]), data)

    assert response.headers["Location"] == f"/appointments/{visit.pk}/"
    assert Appointment.objects.get().cancel_reason == "I am well"


def test_cancel_when_it_was_moved_meanwhile(client: Client, visit: Appointment) -> None:
    booking.reschedule(visit, starts_at=at("11:00"), by=visit.patient.user, now=NOW)

    response = client.post(reverse("cancel", args=[visit.pk]), {"version": visit.etag})

    assert "It was changed meanwhile" in text_of(client.get(response.headers["Location"]))
    assert Appointment.objects.get().status == Status.SCHEDULED


@pytest.mark.parametrize("data", [{}, {"version": "x" * 201}, {"version": "\x00"}])
def test_cancel_when_the_form_was_tampered_with(data: dict[str, str], client: Client, visit: Appointment) -> None:
    response = client.post(reverse("cancel", args=[visit.pk]), data)

    assert "Please correct this" in text_of(response)
    assert unchanged(visit)


def test_cancel_by_the_doctor_needs_a_reason(client: Client, visit: Appointment, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)
    url = reverse("cancel", args=[visit.pk])

    assert "Reason: This field is required." in text_of(client.post(url, {"version": visit.etag, "reason": " "}))
    assert unchanged(visit)
    client.post(url, {"version": visit.etag, "reason": "Ill"})
    assert Appointment.objects.get().cancel_reason == "Ill"


@pytest.mark.parametrize("page", ["move", "cancel"])
def test_change_needs_the_csrf_token(page: str, visit: Appointment) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(visit.patient.user)

    assert client.post(reverse(page, args=[visit.pk]), {"version": visit.etag}).status_code == 403
    assert unchanged(visit)
