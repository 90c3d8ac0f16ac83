"""What the front desk does with patients, and how it finds them."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import desk, patient_search, people
from accounts.models import Patient, Role, User
from accounts.tests.factories import make_patient, make_user

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def rita(db: None) -> User:
    return make_user(Role.RECEPTIONIST)


def test_register(rita: User) -> None:
    patient = desk.register(by=rita, now=NOW, first_name="Mia", last_name="Meyer", date_of_birth=date(2020, 5, 1))

    patient.refresh_from_db()
    assert (str(patient), patient.user) == ("Mia Meyer", None)


@pytest.mark.parametrize("born", [date(2027, 2, 23), date(1800, 1, 1)])
def test_register_when_the_date_of_birth_cannot_be(rita: User, born: date) -> None:  # fault B3-15
    with pytest.raises(ValidationError) as refused:
        desk.register(by=rita, now=NOW, first_name="Mia", last_name="Meyer", date_of_birth=born)

    assert "date_of_birth" in refused.value.error_dict
    assert not Patient.objects.exists()


def test_correct(rita: User) -> None:
    patient = make_patient(phone="+4930123456")

    desk.correct(patient, by=rita, today=TODAY, insurance_number="A123456789")

    patient.refresh_from_db()
    assert (patient.insurance_number, str(patient.phone)) == ("A123456789", "+4930123456")


def test_correct_sets_no_account(rita: User) -> None:  # fault B0-4, case 129
    patient, other = make_patient(), make_user()

    with pytest.raises(TypeError, match="user"):
        desk.correct(patient, by=rita, today=TODAY, user=other)

    assert Patient.objects.get().user == patient.user


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR])
def test_correct_by_anybody_but_staff(db: None, role: Role) -> None:
    patient = make_patient(first_name="Alice")

    with pytest.raises(PermissionDenied):
        desk.correct(patient, by=make_user(role), today=TODAY, first_name="Mallory")

    assert Patient.objects.get().first_name == "Alice"


@pytest.mark.parametrize(
    "words",
    [
        *("Archer", "arch ali", "Alice Archer", "1980-05-03", "3.5.1980", "03/05/1980", "archer 3.5.1980"),
        *("030 123456", "+49 30 12 34 56", "(030) 123-456", "123456"),
    ],
)
def test_matching_finds(db: None, words: str) -> None:
    alice = make_patient(first_name="Alice", last_name="Archer", date_of_birth=date(1980, 5, 3), phone="+4930123456")
    make_patient(first_name="Bob", last_name="Baker", date_of_birth=date(1981, 5, 3), phone="+4930999999")

    assert list(patient_search.matching(Patient.objects.all(), words)) == [alice]


@pytest.mark.parametrize(
    "words", ["Archer Baker", "31.2.1980", "Archer 4.5.1980", "000", "\x00zz", "%", "_", "'; DROP TABLE", "a.b" * 900]
)
def test_matching_finds_nobody(db: None, words: str) -> None:  # case 151
    make_patient(first_name="Alice", last_name="Archer", date_of_birth=date(1980, 5, 3), phone="+4930123456")

    assert not patient_search.matching(Patient.objects.all(), words).exists()


def test_matching_finds_a_whole_insurance_number_when_asked_to(db: None) -> None:
    mia = people.register_at_the_desk(first_name="Mia", last_name="Meyer", insurance_number="A123 456 789")
    everybody = Patient.objects.all()

    assert list(patient_search.matching(everybody, " a123-456789", by_insurance=True)) == [mia]
    assert not patient_search.matching(everybody, "A12345678", by_insurance=True).exists()
    assert not patient_search.matching(everybody, "A123456789").exists()
