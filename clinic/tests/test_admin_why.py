"""The desk's page "Why no slot?"."""

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Patient, User
from clinic.models import Approval, Doctor, Site
from clinic.tests.desk import client_of
from clinic.tests.factories import at, make_appointment, make_time_off


def ask(user: User, doctor: Doctor, site: Site, time: str, day: str = "2027-03-01") -> str:
    """The page's answer."""
    asked = {"doctor": doctor.pk, "site": site.pk, "day": day, "time": time, "visit_type": ""}
    return client_of(user).get(reverse("admin:desk-why"), asked).content.decode()


def test_why_tells_patients_and_desk_apart(
    clock: time_machine.Traveller, rita: User, dr_chen: Doctor, berlin: Site
) -> None:
    page = ask(rita, dr_chen, berlin, "09:10")

    assert "It is not on the grid" not in page
    assert "not on the grid of the hours" in page
    assert "It can be booked: no rule forbids it." in page


def test_why_tells_the_reason_of_time_off_and_no_patient(
    clock: time_machine.Traveller, rita: User, dr_chen: Doctor, berlin: Site, alice: Patient
) -> None:
    make_time_off(at("09:00"), at("11:00"), dr_chen, reason="A course")
    make_appointment(dr_chen, alice, at("10:00"))

    page = ask(rita, dr_chen, berlin, "10:00")

    assert "A course" in page
    assert "Another visit is booked then." in page
    assert "10:00 (CET) to 10:30, Berlin Mitte" in page
    assert "Archer" not in page


def test_why_is_for_doctors_who_are_not_let_in_too(
    clock: time_machine.Traveller, rita: User, dr_chen: Doctor, berlin: Site
) -> None:
    Doctor.objects.update(approval=Approval.PENDING)

    assert "The doctor is not approved." in ask(rita, dr_chen, berlin, "10:00")


@pytest.mark.parametrize(("day", "time"), [("2027-03-28", "02:30"), ("9999-12-31", "23:59"), ("x", "y")])
def test_why_when_there_is_no_such_time(
    clock: time_machine.Traveller, rita: User, dr_chen: Doctor, berlin: Site, day: str, time: str
) -> None:
    page = ask(rita, dr_chen, berlin, time, day)

    assert "Please correct the error below." in page
    assert "It can be booked" not in page
