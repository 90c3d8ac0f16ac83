"""Whom the organisation appoints and lets go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import registration, staffing, tokens
from accounts.models import AuditEntry, Patient, Role, TokenFamily, User
from accounts.tests.factories import PASSWORD, make_user

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def adam(db: None) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def root(db: None) -> User:
    return make_user(Role.ADMIN, is_superuser=True)


def test_appoint(adam: User) -> None:
    user = staffing.appoint(
        by=adam, now=NOW, email="Rosa@Example.org", first_name="Rosa", last_name="R", role=Role.RECEPTIONIST
    )

    assert (user.email, user.is_staff, user.has_usable_password()) == ("rosa@example.org", True, False)
    assert [group.name for group in user.groups.all()] == ["receptionist"]


def test_appoint_when_the_address_is_taken(adam: User) -> None:
    with pytest.raises(ValidationError) as refused:
        staffing.appoint(by=adam, now=NOW, email=adam.email.upper(), first_name="A", last_name="B", role=Role.PATIENT)

    assert refused.value.error_dict["email"][0].code == "email_taken"
    assert User.objects.count() == 1


def test_appoint_when_a_stranger_named_the_address(adam: User) -> None:  # case 068
    stranger = registration.sign_up(email="rosa@example.org", password=PASSWORD, first_name="M", last_name="N", now=NOW)

    user = staffing.appoint(
        by=adam, now=NOW, email="rosa@example.org", first_name="Rosa", last_name="R", role=Role.RECEPTIONIST
    )

    assert stranger is not None
    assert user.pk != stranger.pk
    assert not user.has_usable_password()
    assert not Patient.objects.exists()


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_verbs_by_anybody_but_an_administrator(adam: User, role: Role) -> None:  # case 130, fault B1-1
    somebody, other = make_user(role), make_user()

    with pytest.raises(PermissionDenied):
        staffing.appoint(by=somebody, now=NOW, email="x@example.org", first_name="X", last_name="Y", role=Role.PATIENT)
    with pytest.raises(PermissionDenied):
        staffing.change_role(somebody, Role.ADMIN, by=somebody, now=NOW)
    with pytest.raises(PermissionDenied):
        staffing.deactivate(adam, by=somebody, now=NOW)
    with pytest.raises(PermissionDenied):
        staffing.correct(other, by=somebody, first_name="Mallory")

    assert User.objects.count() == 3
    somebody.refresh_from_db()
    adam.refresh_from_db()
    assert (somebody.role, adam.is_active) == (role, True)


def test_verbs_on_a_superuser(adam: User, root: User) -> None:  # case 130
    with pytest.raises(PermissionDenied):
        staffing.change_role(root, Role.PATIENT, by=adam, now=NOW)
    with pytest.raises(PermissionDenied):
        staffing.deactivate(root, by=adam, now=NOW)
    with pytest.raises(PermissionDenied):
        staffing.correct(root, by=adam, first_name="Mallory")

    root.refresh_from_db()
    assert (root.role, root.is_active, root.first_name) == (Role.ADMIN, True, "Person")


def test_change_role_ends_sign_ins(adam: User) -> None:
    person = make_user(Role.RECEPTIONIST)
    token = tokens.sign_in(person, now=NOW).access_token

    staffing.change_role(person, Role.PATIENT, by=adam, now=NOW)

    person.refresh_from_db()
    assert (person.role, person.is_staff, person.get_all_permissions()) == (Role.PATIENT, False, set())
    with pytest.raises(ValidationError):
        tokens.bearer(token, now=NOW)


def test_change_role_of_one_who_never_proved_the_address(adam: User) -> None:
    somebody = make_user(verified=False)

    with pytest.raises(ValidationError) as refused:
        staffing.change_role(somebody, Role.ADMIN, by=adam, now=NOW)

    assert refused.value.error_dict["role"][0].code == "address_unproved"
    assert User.objects.get(pk=somebody.pk).role == Role.PATIENT


def test_change_role_of_oneself(adam: User) -> None:
    with pytest.raises(ValidationError) as refused:
        staffing.change_role(adam, Role.PATIENT, by=adam, now=NOW)

    assert refused.value.error_dict["role"][0].code == "own_role"
    adam.refresh_from_db()
    assert adam.role == Role.ADMIN


def test_deactivate_oneself(adam: User) -> None:
    with pytest.raises(ValidationError) as refused:
        staffing.deactivate(adam, by=adam, now=NOW)

    assert refused.value.code == "own_account"
    adam.refresh_from_db()
    assert adam.is_active


def test_deactivate_then_reactivate(adam: User) -> None:
    person = make_user()
    tokens.sign_in(person, now=NOW)

    staffing.deactivate(person, by=adam, now=NOW)
    staffing.reactivate(person, by=adam, now=NOW + timedelta(days=1))

    person.refresh_from_db()
    assert person.is_active
    assert TokenFamily.objects.get().revoked_at == NOW


def test_correct_sets_nothing_else(adam: User) -> None:  # fault B0-2
    with pytest.raises(TypeError, match="is_superuser"):
        staffing.correct(make_user(), by=adam, is_superuser=True)

    assert not User.objects.filter(is_superuser=True).exists()


def test_end_sign_in(adam: User) -> None:
    person = make_user()
    tokens.sign_in(person, now=NOW)
    kept = tokens.sign_in(person, now=NOW).access_token
    family = TokenFamily.objects.order_by("created_at").first()

    staffing.end_sign_in(family, by=adam, now=NOW)

    assert TokenFamily.objects.filter(revoked_at=None).count() == 1
    assert tokens.bearer(kept, now=NOW) == person


def test_appoint_invites(adam: User) -> None:
    staffing.appoint(
        by=adam, now=NOW, email="rosa@example.org", first_name="Rosa", last_name="R", role=Role.RECEPTIONIST
    )

    assert [letter.to for letter in mail.outbox] == [["rosa@example.org"]]


def test_appoint_a_patient_makes_her_file(adam: User) -> None:
    user = staffing.appoint(
        by=adam, now=NOW, email="mia@example.org", first_name="Mia", last_name="M", role=Role.PATIENT
    )

    assert (Patient.objects.get().user, Patient.objects.get().email) == (user, "mia@example.org")


def test_appointed_patient_is_no_strangers_to_throw_away(adam: User) -> None:  # case 067, case 068
    appointed = staffing.appoint(
        by=adam, now=NOW, email="mia@example.org", first_name="Mia", last_name="M", role=Role.PATIENT
    )

    came = registration.sign_up(
        email="mia@example.org", password="a long sentence", first_name="Eve", last_name="E", now=NOW
    )

    assert came is None
    assert User.objects.get(email="mia@example.org").first_name == "Mia"
    assert not User.objects.get(pk=appointed.pk).has_usable_password()


@pytest.mark.parametrize("fields", [{}, {"password": None, "last_login": NOW}, {"password": None, "is_active": False}])
def test_invite_who_is_here_already(
    adam: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, fields: dict[str, Any]
) -> None:
    person = make_user(**fields)

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValidationError) as refused:
        staffing.invite(person, by=adam, now=NOW)

    assert refused.value.code == "already_here"
    assert not mail.outbox


def test_invite_by_anybody_but_an_administrator(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, rita: User
) -> None:
    person = make_user(password=None)

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(PermissionDenied):
        staffing.invite(person, by=rita, now=NOW)

    assert not mail.outbox


def test_change_is_all_or_nothing(adam: User) -> None:
    with pytest.raises(ValidationError):
        staffing.change(adam, by=adam, now=NOW, first_name="Eve", is_active=False)

    adam.refresh_from_db()
    assert (adam.first_name, adam.is_active) == ("Person", True)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_visible_to_administrators_alone(adam: User, role: Role) -> None:  # case 103, fault B0-6
    somebody = make_user(role)

    assert set(staffing.visible_to(adam)) == {adam, somebody}
    assert not staffing.visible_to(somebody).exists()
    assert not staffing.visible_to(AnonymousUser()).exists()
    adam.is_active = False
    assert not staffing.visible_to(adam).exists()


def test_deactivate_ends_sessions_for_good(adam: User) -> None:  # case 098
    person, browser = make_user(), Client()
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert browser.get("/accounts/password/change/").status_code == 200

    staffing.deactivate(person, by=adam, now=NOW)
    staffing.reactivate(person, by=adam, now=NOW)

    assert browser.get("/accounts/password/change/").status_code == 302


def test_verbs_leave_a_trace(adam: User) -> None:  # case 184
    person = make_user(Role.RECEPTIONIST)

    staffing.change(person, by=adam, now=NOW, role=Role.PATIENT, is_active=False, phone="+4930123456")
    staffing.change(person, by=adam, now=NOW, role=Role.PATIENT, is_active=False, phone="+4930123456")

    told = AuditEntry.objects.filter(object_id=str(person.pk), actor=adam.pk).order_by("pk")
    assert [(entry.verb, entry.changes) for entry in told] == [
        ("accounts.user.corrected", {"fields": ["phone"]}),
        ("accounts.user.role_changed", {"role": ["receptionist", "patient"]}),
        ("accounts.user.deactivated", {"is_active": [True, False]}),
    ]
