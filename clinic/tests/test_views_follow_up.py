"""A doctor books the next visit of a patient of his."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Patient
from clinic.models import Appointment, Availability, Doctor, Status
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_visit_type
from clinic.tests.portal import text_of, times

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def visit(dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice was here this morning."""
    kind = make_visit_type(name="Check-up")
    dr_chen.visit_types.add(kind)
    return make_appointment(dr_chen, alice, NOW, visit_type=kind, status=Status.COMPLETED)


@pytest.fixture
def chen(client: Client, dr_chen: Doctor) -> Client:
    """Dr. Chen's browser."""
    client.force_login(dr_chen.user)
    return client


def test_follow_up(chen: Client, dr_chen: Doctor, visit: Appointment, alice: Patient) -> None:
    """By his own kinds of visit, also those that patients cannot book, and also while patients cannot book him."""
    longer = make_visit_type(name="Follow-up talk", minutes=60, online_bookable=False)
    dr_chen.visit_types.add(longer)
    Doctor.objects.update(status=Availability.OCCUPIED)
    assert "Book a follow-up" in text_of(chen.get(f"/appointments/{visit.pk}/"))

    page = chen.get(f"/appointments/{visit.pk}/follow-up/", {"visit_type": longer.pk, "day": "2027-03-01"})

    assert "For Alice Archer, after the visit of Mon 22 February 2027, 09:00 (CET)." in text_of(page)
    assert times(page)[:2] == ["2027-03-01T09:00:00+01:00", "2027-03-01T09:30:00+01:00"]
    told = {"doctor": dr_chen.pk, "visit_type": longer.pk, "starts_at": times(page)[0]}
    after = chen.post(f"/appointments/{visit.pk}/follow-up/", told, follow=True)
    assert "The follow-up is booked." in text_of(after)
    booked = Appointment.objects.exclude(pk=visit.pk).get()
    assert (booked.patient, booked.doctor, booked.visit_type) == (alice, dr_chen, longer)
    assert (booked.starts_at, booked.booked_by) == (at("09:00"), dr_chen.user)

    again = chen.post(f"/appointments/{visit.pk}/follow-up/", told)

    assert again.headers["Location"] == f"/appointments/{booked.pk}/"
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize(
    ("starts_at", "words"),
    [
        ("2027-03-01T08:00:00Z", "This time was just taken."),
        ("2027-03-06T09:00:00Z", "The doctor does not see patients at this time."),
        ("2027-03-01T09:00:00", "This time cannot be booked; please choose another."),
        ("\x00", "This time cannot be booked; please choose another."),
        ("9999-12-31T09:00:00Z", "This time cannot be booked"),
        ("2099-12-31T09:00:00Z", "too far ahead"),
    ],
)
def test_follow_up_when_refused(
    starts_at: str, words: str, chen: Client, dr_chen: Doctor, bob: Patient, visit: Appointment
) -> None:
    make_appointment(dr_chen, bob, at("09:00"))

    page = chen.post(f"/appointments/{visit.pk}/follow-up/", {"starts_at": starts_at}, follow=True)

    assert words in text_of(page)
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("query", [{"day": "9999-12-31"}, {"day": "\x00"}, {"visit_type": "\x00"}, {"visit_type": "x"}])
def test_follow_up_when_the_search_is_nonsense(query: dict[str, str], chen: Client, visit: Appointment) -> None:
    page = chen.get(f"/appointments/{visit.pk}/follow-up/", query)

    assert page.status_code == 200
    assert page.context["form"].errors[next(iter(query))]
    assert times(page)


def test_follow_up_of_a_patient_of_somebody_else(chen: Client, dr_diaz: Doctor, bob: Patient) -> None:
    theirs = make_appointment(dr_diaz, bob, at("09:00"))

    assert chen.get(f"/appointments/{theirs.pk}/follow-up/").status_code == 404
    told = {"starts_at": at("10:00", MONDAY + timedelta(days=1)).isoformat()}
    assert chen.post(f"/appointments/{theirs.pk}/follow-up/", told).status_code == 404
    assert Appointment.objects.count() == 1


def test_follow_up_of_somebody_who_never_came(chen: Client, visit: Appointment) -> None:
    Appointment.objects.update(status=Status.CANCELLED)

    assert "Book a follow-up" not in text_of(chen.get(f"/appointments/{visit.pk}/"))
    told = {"starts_at": at("10:00").isoformat()}
    page = chen.post(f"/appointments/{visit.pk}/follow-up/", told, follow=True)
    assert "only for patients whom you have seen or will see" in text_of(page)
    assert Appointment.objects.count() == 1
