from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts import administrators
from accounts.models import Role, User
from accounts.tests.factories import make_user

pytestmark = pytest.mark.django_db
GOOD = "willow tree on a hill"


def ensure_admin() -> str:
    said = StringIO()
    call_command("ensure_admin", stdout=said)
    return said.getvalue()


@pytest.fixture
def named(settings: Settings) -> None:
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Adam@Example.org", GOOD


def test_ensure_admin_makes_an_administrator_who_can_sign_in(named: None, client: Client) -> None:
    said = ensure_admin()

    adam = User.objects.get()
    assert (adam.email, adam.role, adam.is_superuser, adam.is_staff) == ("adam@example.org", Role.ADMIN, True, True)
    assert [group.name for group in adam.groups.all()] == ["admin"]
    assert EmailAddress.objects.get().verified
    assert "was made" in said
    client.post("/accounts/login/", {"login": "adam@example.org", "password": GOOD})
    assert client.session["_auth_user_id"] == str(adam.pk)


def test_ensure_admin_again_resets_nothing(named: None, settings: Settings) -> None:
    ensure_admin()
    User.objects.update(first_name="Adam", is_active=False)
    before = User.objects.values().get()
    settings.ADMIN_PASSWORD = "another long sentence"

    said = ensure_admin()

    assert User.objects.values().get() == before
    assert "nothing was changed" in said


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.ADMIN])
def test_ensure_admin_promotes_nobody(named: None, role: Role) -> None:
    make_user(role, email="adam@example.org")
    before = User.objects.values().get()

    with pytest.raises(CommandError, match="nothing was changed"):
        ensure_admin()

    assert User.objects.values().get() == before


@pytest.mark.parametrize("password", ["sh0rt", "password123", "adam@example.org", "administrator", "12345678901"])
def test_ensure_admin_refuses_a_weak_password(named: None, settings: Settings, password: str) -> None:  # case 083
    settings.ADMIN_PASSWORD = password

    with pytest.raises(CommandError) as refusal:
        ensure_admin()

    assert password not in str(refusal.value)
    assert not User.objects.exists()


@pytest.mark.parametrize(("email", "password"), [("", GOOD), ("adam@example.org", ""), ("", "")])
def test_ensure_admin_wants_both(settings: Settings, email: str, password: str) -> None:  # case 197
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = email, password

    with pytest.raises(CommandError, match="ADMIN_EMAIL and ADMIN_PASSWORD"):
        ensure_admin()

    assert not User.objects.exists()


def test_ensure_refuses_what_is_no_address() -> None:
    with pytest.raises(ValidationError):
        administrators.ensure(email="adam", password=GOOD)

    assert not User.objects.exists()


def test_ensure_when_another_process_is_quicker_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(*_arguments: object, **_fields: object) -> None:
        make_user(Role.ADMIN, email="adam@example.org", is_superuser=True)

    monkeypatch.setattr(administrators, "check_password", meanwhile)

    assert not administrators.ensure(email="adam@example.org", password=GOOD)

    assert not User.objects.get().check_password(GOOD)
