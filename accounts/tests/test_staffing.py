"""Whom the organisation appoints and lets go."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import staffing, tokens
from accounts.models import Role, TokenFamily, User
from accounts.tests.factories import make_user

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def adam(db: None) -> User:
    return make_user(Role.ADMIN)


@pytest.fixture
def root(db: None) -> User:
    return make_user(Role.ADMIN, is_superuser=True)


def test_appoint(adam: User) -> None:
    user = staffing.appoint(by=adam, email="Rosa@Example.org", first_name="Rosa", last_name="R", role=Role.RECEPTIONIST)

    assert (user.email, user.is_staff, user.has_usable_password()) == ("rosa@example.org", True, False)
    assert [group.name for group in user.groups.all()] == ["receptionist"]


def test_appoint_when_the_address_is_taken(adam: User) -> None:
    with pytest.raises(ValidationError) as refused:
        staffing.appoint(by=adam, email=adam.email.upper(), first_name="A", last_name="B", role=Role.PATIENT)

    assert refused.value.error_dict["email"][0].code == "email_taken"
    assert User.objects.count() == 1


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_verbs_by_anybody_but_an_administrator(adam: User, role: Role) -> None:  # case 130, fault B1-1
    somebody, other = make_user(role), make_user()

    with pytest.raises(PermissionDenied):
        staffing.appoint(by=somebody, email="x@example.org", first_name="X", last_name="Y", role=Role.PATIENT)
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
