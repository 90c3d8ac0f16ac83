"""Who works with which patients."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.models import Patient, User
from accounts.tests.factories import make_patient
from clinic import patients
from clinic.models import Appointment, Approval, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment


def test_visible_to_each(
    alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor, rita: User, adam: User
) -> None:
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_diaz, bob, at("09:00"), status=Status.HELD, hold_expires_at=NOW)
    himself = make_patient(dr_chen.user)

    assert set(patients.visible_to(rita)) == set(patients.visible_to(adam)) == {alice, bob, himself}
    assert set(patients.visible_to(dr_chen.user)) == {alice, himself}
    assert set(patients.visible_to(dr_diaz.user)) == set()
    assert set(patients.visible_to(alice.user)) == {alice}
    assert set(patients.visible_to(AnonymousUser())) == set()


def test_visible_to_a_doctor_who_was_let_go(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, at("09:00"))

    Doctor.objects.update(approval=Approval.REJECTED)
    assert not patients.visible_to(dr_chen.user).exists()
    Doctor.objects.update(approval=Approval.APPROVED)
    dr_chen.user.is_active = False
    assert not patients.visible_to(dr_chen.user).exists()

    assert Appointment.objects.count() == 1


def test_visible_to_a_doctor_until_it_is_cancelled(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 106
    make_appointment(dr_chen, alice, at("09:00"), status=Status.CANCELLED)
    make_appointment(dr_chen, bob, at("09:00"), status=Status.CANCELLED)
    make_appointment(dr_chen, bob, at("10:00"))

    assert set(patients.visible_to(dr_chen.user)) == {bob}


def test_correct_by_who_may_not(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 133, fault B0-4
    make_appointment(dr_chen, alice, at("09:00"))

    for by in (bob.user, dr_chen.user):
        with pytest.raises(PermissionDenied):
            patients.correct(alice, by=by, now=NOW, first_name="Eve")
        with pytest.raises(PermissionDenied):
            patients.let_go(alice, by=by, now=NOW)

    alice.refresh_from_db()
    assert (alice.first_name, alice.user.is_active) == ("Alice", True)


def test_correct_by_herself_knows_no_address(alice: Patient) -> None:
    with pytest.raises(TypeError, match="email"):
        patients.correct(alice, by=alice.user, now=NOW, email="x@example.org")

    assert patients.correct(alice, by=alice.user, now=NOW, first_name="Alicia").first_name == "Alicia"
    assert alice.user is not None
    assert User.objects.get(pk=alice.user.pk).first_name == "Alicia"
