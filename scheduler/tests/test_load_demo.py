"""The demo's data, and the command that loads it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import override_settings

from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from clinic.models import Appointment, Availability, Department, Doctor, Site, Specialty, Status, VisitType, WeeklyHours
from clinic.models.to_be_moved import ToBeMoved
from records.access import grants
from records.models import AmendmentRequest, Chart, EmergencyAccess, MedicalRecord
from scheduler import demo
from scheduler.demo import large, visits

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 2, 24, 10, 10, tzinfo=UTC)
"""A Wednesday morning."""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo with few appointments, where their number does not matter."""
    monkeypatch.setattr(visits, "WANTED", {"past": 6, "today": 4, "to come": 6})


@pytest.fixture
def debug() -> Iterator[None]:
    """Where demos are allowed."""
    with override_settings(DEBUG=True):
        yield


def load_demo(**options: object) -> str:
    """Run the command; what it printed."""
    out = StringIO()
    call_command("load_demo", stdout=out, no_color=True, **options)
    return out.getvalue()


def test_load_makes_the_clinic() -> None:
    made = demo.load(password="clinic-demo-1", seed=1, now=NOW)

    assert Appointment.objects.count() == made
    assert 380 <= made <= 420
    assert MedicalRecord.objects.count() == 30 == MedicalRecord.objects.exclude(signed_at=None).count() + 5
    assert Chart.objects.exclude(written_at=None).count() == 12
    assert not MedicalRecord.objects.filter(created_at__gt=NOW).exists()
    assert (EmergencyAccess.objects.filter(reviewed_at=None).count(), EmergencyAccess.objects.count()) == (1, 2)
    assert AmendmentRequest.objects.filter(answer="").count() == 1
    assert not any(grants.differences())
    assert len(set(Site.objects.values_list("time_zone", flat=True))) == 2
    assert (Department.objects.count(), Specialty.objects.count()) == (6, 8)
    assert (Doctor.objects.bookable_online().count(), Doctor.objects.count()) == (11, 12)
    assert Doctor.objects.filter(status=Availability.OCCUPIED).count() == 1
    assert Patient.objects.count() == 60
    minutes = VisitType.objects.values_list("minutes", flat=True)
    assert (min(minutes), max(minutes)) == (15, 60)
    assert WeeklyHours.objects.values("doctor").distinct().count() == 12
    assert WeeklyHours.objects.values("slot_minutes").distinct().count() > 3


def test_load_puts_appointments_before_on_and_after_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "WANTED", {"past": 60, "today": 20, "to come": 60})

    demo.load(password="clinic-demo-1", seed=1, now=NOW)

    past = set(Appointment.objects.filter(ends_at__lte=NOW).values_list("status", flat=True))
    assert past == {Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}
    to_come = set(Appointment.objects.filter(starts_at__gt=NOW + timedelta(hours=1)).values_list("status", flat=True))
    assert to_come == {Status.SCHEDULED, Status.CANCELLED}
    assert Appointment.objects.filter(starts_at__date=NOW.date()).count() >= 20
    assert not Appointment.objects.filter(created_at__gt=NOW).exists()
    assert not ToBeMoved.objects.exists()


def test_load_makes_accounts_that_can_sign_in(few: None) -> None:
    demo.load(password="clinic-demo-1", seed=1, now=NOW)

    people = User.objects.filter(email__in=demo.addresses())
    assert people.count() == 74 == EmailAddress.objects.filter(verified=True, primary=True).count()
    assert all(user.check_password("clinic-demo-1") for user in people)
    assert User.objects.get(email="reception@example.org").role == Role.RECEPTIONIST
    assert User.objects.get(email="admin@example.org").role == Role.ADMIN
    assert not User.objects.filter(is_superuser=True).exists()


def test_load_with_the_same_seed_makes_the_same(few: None) -> None:
    def clinic_of(seed: int) -> list[tuple[object, ...]]:
        with transaction.atomic():
            demo.load(password="clinic-demo-1", seed=seed, now=NOW)
            columns = ("doctor__user__email", "patient__user__email", "patient__last_name", "starts_at", "status")
            rows = list(Appointment.objects.order_by("starts_at", "doctor__user__email").values_list(*columns))
            transaction.set_rollback(True)
        return rows

    first, again, other = clinic_of(1), clinic_of(1), clinic_of(2)

    assert first == again
    assert first != other


def test_load_demo_twice_adds_nothing(debug: None, few: None) -> None:
    first = load_demo()
    rows = set(Appointment.objects.values_list("pk", "updated_at"))

    second = load_demo()

    assert "patient1@example.org" in first
    assert "the password clinic-demo-1" in second
    assert set(Appointment.objects.values_list("pk", "updated_at")) == rows
    assert User.objects.count() == 74


def test_load_demo_with_a_password(debug: None, few: None) -> None:
    load_demo()

    printed = load_demo(password="another-word-7")

    assert "the password another-word-7" in printed
    assert demo.password_is("another-word-7")
    assert "clinic-demo-1" not in load_demo()


def test_load_demo_with_a_bad_password(debug: None) -> None:
    with pytest.raises(CommandError, match="too short"):
        load_demo(password="short")

    assert not User.objects.exists()


def test_load_demo_when_debug_is_off() -> None:
    with pytest.raises(CommandError, match="unless DEBUG is on"):
        load_demo()

    assert not User.objects.exists()


def test_load_demo_when_an_address_is_taken(debug: None) -> None:
    make_user(email="patient1@example.org")

    with pytest.raises(CommandError, match="empty database"):
        load_demo()

    assert User.objects.count() == 1
    assert not Site.objects.exists()


@pytest.fixture
def loaded(few: None) -> None:
    """The demo, with few appointments."""
    demo.load(password="clinic-demo-1", seed=1, now=NOW)


def enlarge(doctors: int = 0, appointments: int = 0) -> None:
    demo.enlarge(doctors=doctors, appointments=appointments, password_hash="!", seed=1, now=NOW)


def test_enlarge_brings_the_numbers_up(loaded: None) -> None:
    enlarge(doctors=20, appointments=2000)
    enlarge(doctors=20, appointments=2000)

    assert Doctor.objects.public().count() == 20
    assert Appointment.objects.filter(ends_at__lte=NOW).count() == 2000
    assert not any(grants.differences())
    assert User.objects.get(email="doctor20@example.org").groups.get().name == Role.DOCTOR


def test_enlarge_again_finds_other_times(loaded: None) -> None:
    enlarge(appointments=500)

    enlarge(appointments=1500)

    assert Appointment.objects.filter(ends_at__lte=NOW).count() == 1500


def test_enlarge_when_times_would_overlap(loaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Appointment.objects.count()
    monkeypatch.setattr(large, "_working_times", lambda zone, before: iter([NOW - timedelta(days=400)] * 50))

    with pytest.raises(IntegrityError, match="doctor_sees_one_patient_at_a_time"):
        enlarge(appointments=500)

    assert Appointment.objects.count() == before
    assert Patient.objects.count() == 60
