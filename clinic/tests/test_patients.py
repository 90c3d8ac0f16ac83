"""Who works with which patients."""

from django.contrib.auth.models import AnonymousUser

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
