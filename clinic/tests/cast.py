"""The cast of the tests: alice and bob are patients, dr_chen and dr_diaz doctors, rita sits at reception, adam is the
administrator. Both doctors see patients in Berlin, Monday to Friday 09:00 to 12:00, in half hours."""

from collections.abc import Iterator

import pytest
import time_machine

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_patient, make_user
from clinic.models import Doctor, Site
from clinic.tests.factories import NOW, make_doctor, make_hours, make_site


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock stands at NOW, for what cannot be told the time."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def berlin(db: None) -> Site:
    return make_site(name="Berlin Mitte", phone="+4930123456")


@pytest.fixture
def alice(db: None) -> Patient:
    return make_patient(email="alice@example.org", first_name="Alice", last_name="Archer")


@pytest.fixture
def bob(db: None) -> Patient:
    return make_patient(email="bob@example.org", first_name="Bob", last_name="Baker")


@pytest.fixture
def dr_chen(berlin: Site) -> Doctor:
    doctor = make_doctor(
        make_user(Role.DOCTOR, email="chen@example.org", first_name="Wei", last_name="Chen"), title="Dr."
    )
    make_hours(doctor, berlin)
    return doctor


@pytest.fixture
def dr_diaz(berlin: Site) -> Doctor:
    doctor = make_doctor(
        make_user(Role.DOCTOR, email="diaz@example.org", first_name="Ana", last_name="Diaz"), title="Dr."
    )
    make_hours(doctor, berlin)
    return doctor


@pytest.fixture
def rita(db: None) -> User:
    return make_user(Role.RECEPTIONIST, email="rita@example.org", first_name="Rita", last_name="Rivera")


@pytest.fixture
def adam(db: None) -> User:
    return make_user(Role.ADMIN, email="adam@example.org", first_name="Adam", last_name="Abbott")
