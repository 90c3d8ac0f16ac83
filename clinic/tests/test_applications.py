import pytest
from django.utils import timezone

from accounts import registration
from accounts.models import Patient, Role, User
from clinic.models import Approval, Doctor

pytestmark = pytest.mark.django_db
DANA = {
    "email": "dana@example.org",
    "password": "a long sentence",
    "first_name": "Dana",
    "last_name": "Doe",
    "now": timezone.now(),
}


def test_who_wants_to_be_a_doctor_has_an_application_that_nobody_sees() -> None:  # fault B0-3, B3-2
    dana = registration.sign_up(**DANA, role=Role.DOCTOR)

    doctor = Doctor.objects.get()
    assert (doctor.user, doctor.approval) == (dana, Approval.PENDING)
    assert not Doctor.objects.public().exists()
    assert not doctor.is_bookable
    assert User.objects.get().role == Role.PATIENT


def test_who_signs_up_as_a_patient_has_no_application() -> None:
    registration.sign_up(**DANA)

    assert not Doctor.objects.exists()


def test_application_goes_with_an_account_that_starts_over() -> None:  # case 067
    registration.sign_up(**DANA, role=Role.DOCTOR)

    patient = registration.sign_up(**DANA | {"password": "another sentence"})

    assert not Doctor.objects.exists()
    assert User.objects.get() == patient


@pytest.mark.parametrize("approval", [Approval.APPROVED, Approval.REJECTED])
def test_account_does_not_start_over_once_the_application_was_decided(approval: Approval) -> None:
    dana = registration.sign_up(**DANA, role=Role.DOCTOR)
    Doctor.objects.update(approval=approval)

    assert registration.sign_up(**DANA | {"password": "another sentence"}) is None

    assert (Doctor.objects.get().user, Doctor.objects.get().approval) == (dana, approval)
    assert Patient.objects.get().user == dana


def test_known_doctor_who_signs_up_again_gets_no_second_application() -> None:
    registration.sign_up(**DANA, role=Role.DOCTOR)

    registration.sign_up(**DANA, role=Role.DOCTOR)

    assert Doctor.objects.count() == 1
