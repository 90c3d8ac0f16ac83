from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.utils import timezone

from accounts import people, registration
from accounts.models import Patient, Role, User
from accounts.signals import person_changed
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.threads import at_the_same_time

NOW = timezone.now()
ALICE: dict[str, Any] = {
    "email": "alice@example.org",
    "password": "a long sentence",
    "first_name": "Alice",
    "last_name": "Archer",
    "now": NOW,
}
OTHER = "another sentence"


@pytest.fixture
def news() -> Iterator[list[dict[str, Any]]]:
    """What person_changed brought."""
    heard: list[dict[str, Any]] = []

    def listen(sender: object, **news: Any) -> None:
        heard.append(news)

    person_changed.connect(listen)
    yield heard
    person_changed.disconnect(listen)


@pytest.mark.django_db
def test_sign_up_makes_a_patient_whose_address_is_to_be_proved() -> None:
    user = registration.sign_up(**ALICE, phone="+4930123456", insurance_number="A 1")

    assert user.role == Role.PATIENT
    assert [group.name for group in user.groups.all()] == ["patient"]
    assert user.check_password("a long sentence")
    assert list(EmailAddress.objects.values_list("user", "email", "primary", "verified")) == [
        (user.pk, "alice@example.org", True, False)
    ]
    patient = Patient.objects.get(user=user)
    assert (patient.first_name, patient.last_name, patient.email) == ("Alice", "Archer", "alice@example.org")
    assert (str(patient.phone), patient.insurance_number) == ("+4930123456", "A 1")


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["Alice@Example.ORG", " alice@example.org ", "alice@ｅxample.org"])
def test_sign_up_with_a_known_address_written_otherwise_changes_nothing(email: str) -> None:  # case 068
    alice = make_user(email="alice@example.org")
    before = User.objects.values().get()

    assert registration.sign_up(**ALICE | {"email": email}) is None

    assert User.objects.values().get() == before
    assert User.objects.get().check_password(PASSWORD)
    assert EmailAddress.objects.get().user == alice


@pytest.mark.django_db
def test_sign_up_with_an_address_that_somebody_proved_as_his_second_changes_nothing() -> None:
    bob = make_user()
    EmailAddress.objects.create(user=bob, email="alice@example.org", verified=True)

    assert registration.sign_up(**ALICE) is None

    assert User.objects.get() == bob


@pytest.mark.django_db
def test_sign_up_is_not_stopped_by_who_merely_claims_the_address() -> None:
    EmailAddress.objects.create(user=make_user(), email="alice@example.org", verified=False)

    user = registration.sign_up(**ALICE)

    assert user.email == "alice@example.org"


@pytest.mark.django_db
def test_sign_up_takes_the_same_work_for_any_address(hashings: list[str]) -> None:  # case 086
    registration.sign_up(**ALICE)
    for_a_new_one = len(hashings)
    EmailAddress.objects.update(verified=True)
    hashings.clear()

    registration.sign_up(**ALICE | {"password": OTHER})

    assert len(hashings) == for_a_new_one


@pytest.mark.django_db
def test_sign_up_again_with_the_same_password_is_the_same_person() -> None:
    first = registration.sign_up(**ALICE)

    second = registration.sign_up(**ALICE | {"first_name": "Alicia"})

    assert second == first
    assert User.objects.get().first_name == "Alice"


@pytest.mark.django_db
def test_sign_up_again_with_another_password_starts_over() -> None:  # case 067
    stranger = registration.sign_up(**ALICE | {"first_name": "Mallory"}, insurance_number="M 1")

    alice = registration.sign_up(**ALICE | {"password": OTHER}, in_session=True)

    assert alice != stranger
    assert User.objects.get().check_password(OTHER)
    assert EmailAddress.objects.get().user == alice
    patient = Patient.objects.get()
    assert (patient.first_name, patient.insurance_number) == ("Alice", "")


@pytest.mark.django_db
def test_sign_up_starts_over_no_account_that_was_proved() -> None:
    alice = registration.sign_up(**ALICE)
    EmailAddress.objects.update(verified=True)

    assert registration.sign_up(**ALICE | {"password": OTHER}) is None

    assert User.objects.get() == alice
    assert User.objects.get().check_password("a long sentence")


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"role": Role.DOCTOR}, {"password": None}, {"last_login": NOW}])
def test_sign_up_starts_over_nobody_whom_the_organisation_knows(fields: dict[str, Any]) -> None:
    known = make_user(**{"email": "alice@example.org", "verified": False} | fields)

    assert registration.sign_up(**ALICE) is None

    assert User.objects.get() == known
    assert not User.objects.get().check_password("a long sentence")


@pytest.mark.django_db
def test_sign_up_starts_over_nobody_to_whom_something_refers(news: list[dict[str, Any]]) -> None:
    alice = registration.sign_up(**ALICE)

    def hold_on(sender: object, **_news: Any) -> None:
        raise ProtectedError("an appointment", set())

    person_changed.connect(hold_on)
    try:
        assert registration.sign_up(**ALICE | {"password": OTHER}) is None
    finally:
        person_changed.disconnect(hold_on)

    assert Patient.objects.get().user == alice


@pytest.mark.django_db
def test_sign_up_of_who_was_overtaken_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(user: User, **details: Any) -> None:
        raise IntegrityError("UNIQUE constraint failed: accounts_user.email")

    monkeypatch.setattr(registration, "enrol", too_late)

    assert registration.sign_up(**ALICE) is None

    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.ADMIN, Role.RECEPTIONIST])
def test_sign_up_for_a_staff_role_makes_nobody(role: Role) -> None:  # fault B1-2
    with pytest.raises(PermissionDenied):
        registration.sign_up(**ALICE, role=role)

    assert not User.objects.exists()
    assert not Patient.objects.exists()


@pytest.mark.django_db
def test_sign_up_as_a_doctor_makes_a_patient_with_a_wish(news: list[dict[str, Any]]) -> None:  # fault B0-3, B3-2
    user = registration.sign_up(**ALICE, role=Role.DOCTOR)

    assert User.objects.get().role == Role.PATIENT
    assert [group.name for group in user.groups.all()] == ["patient"]
    assert [(one["change"], one["person"], one["by"]) for one in news] == [("wants_to_be_doctor", user, user)]


@pytest.mark.django_db
def test_sign_up_is_undone_when_the_wish_cannot_be_filed() -> None:
    def fail(sender: object, **_news: Any) -> None:
        raise RuntimeError("no")

    person_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError, match="no"):
            registration.sign_up(**ALICE, role=Role.DOCTOR)
    finally:
        person_changed.disconnect(fail)

    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password", ["password", "seven77", "alice@example.org", "Archer-Alice", "iloveyou1", "x" * 1025]
)
def test_sign_up_with_a_bad_password_makes_nobody(password: str) -> None:  # case 083
    with pytest.raises(ValidationError) as refusal:
        registration.sign_up(**ALICE | {"password": password, "last_name": "Archer-Alice"})

    assert list(refusal.value.error_dict) == ["password"]
    assert not User.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("born", ["2999-01-01", "1850-01-01"])
def test_sign_up_with_an_impossible_date_of_birth_makes_nobody(born: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        registration.sign_up(**ALICE, date_of_birth=timezone.datetime.fromisoformat(born).date())

    assert refusal.value.error_dict["date_of_birth"][0].code == "bad_date_of_birth"
    assert not User.objects.exists()


@pytest.mark.parametrize("text", ["Alice\r\nBcc: eve@example.org", "\x1b[2J", "a\u2028b", "\x85"])
def test_one_line_refuses_what_breaks_lines(text: str) -> None:  # case 162
    with pytest.raises(ValidationError):
        registration.one_line(text)


@pytest.mark.parametrize("text", ["Zoë", "عائشة", "李", "O’Brien-Śmith 🌻", "\u202eRTL"])
def test_one_line_takes_every_name(text: str) -> None:  # case 144
    registration.one_line(text)


@pytest.mark.django_db
def test_a_patient_of_whom_the_desk_knows_is_not_taken_over() -> None:  # case 074
    written_down = people.register_at_the_desk(first_name="Alice", last_name="Archer", email="alice@example.org")

    user = registration.sign_up(**ALICE)

    assert Patient.objects.get(user=user) != written_down
    written_down.refresh_from_db()
    assert written_down.user is None


@pytest.mark.serial
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_password", [True, False])
def test_sign_up_many_times_at_once_makes_one_person(same_password: bool) -> None:
    numbers = count()

    def one() -> User | None:
        password = "a long sentence" if same_password else f"a long sentence {next(numbers)}"
        return registration.sign_up(**ALICE | {"password": password})

    answers = at_the_same_time(8, one)

    assert len(answers) == 8
    assert User.objects.count() == Patient.objects.count() == EmailAddress.objects.count() == 1
    if same_password:
        assert set(answers) <= {None, User.objects.get()}
