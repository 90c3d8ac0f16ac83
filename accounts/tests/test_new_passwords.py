"""How a password comes to be, and what ends with the one before."""

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Client as Program
from allauth.idp.oidc.models import Token
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import new_passwords, tokens
from accounts.models import AuditEntry, TokenFamily, User
from accounts.tests.factories import PASSWORD, make_user

NOW = datetime(2027, 2, 22, 8, 0, tzinfo=UTC)
NEW = "a-long-way-to-the-sea"


@pytest.fixture
def alice(db: None) -> User:
    return make_user(email="alice@example.org", first_name="Alice", last_name="Archer")


def test_replace_ends_what_was_signed_in_with_the_old_one(alice: User) -> None:  # case 089
    browser = Client()
    browser.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    tokens.sign_in(alice, now=NOW)
    Token.objects.create(user=alice, client=Program.objects.create(name="App"), type=Token.Type.ACCESS_TOKEN, hash="x")

    new_passwords.replace(alice, NEW, now=NOW)

    assert TokenFamily.objects.get().revoked_at == NOW
    assert not Token.objects.exists()
    assert browser.get("/accounts/password/change/").status_code == 302


def test_replace_writes_nothing_else(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False, phone="+4930123456")

    new_passwords.replace(alice, NEW, now=NOW)

    fresh = User.objects.get(pk=alice.pk)
    assert (fresh.is_active, str(fresh.phone), fresh.check_password(NEW)) == (False, "+4930123456", True)
    assert alice.check_password(NEW)


def test_replace_leaves_a_trace_without_the_password(alice: User) -> None:  # case 184
    new_passwords.replace(alice, NEW, now=NOW)

    entry = AuditEntry.objects.get(verb="accounts.user.password_changed")
    assert (entry.actor, entry.object_id) == (alice.pk, str(alice.pk))
    assert NEW not in str(vars(entry))


@pytest.mark.parametrize("password", ["password", "1234567", "alice@example.org", "Archer12", "x" * 1_000_000])
def test_change_to_a_bad_one(alice: User, password: str) -> None:  # case 083, case 084
    with pytest.raises(ValidationError) as refused:
        new_passwords.change(alice, password, now=NOW)

    assert set(refused.value.error_dict) == {"new_password"}
    assert User.objects.get(pk=alice.pk).check_password(PASSWORD)


def test_choose_proves_the_address(alice: User) -> None:
    EmailAddress.objects.update(verified=False)

    new_passwords.choose(alice, NEW, now=NOW)

    assert EmailAddress.objects.filter(user=alice, verified=True).exists()


def test_choose_when_somebody_else_has_proved_the_address(alice: User) -> None:
    EmailAddress.objects.filter(user=alice).delete()
    EmailAddress.objects.create(user=make_user(), email=alice.email, verified=True)

    new_passwords.choose(alice, NEW, now=NOW)

    assert not EmailAddress.objects.filter(user=alice, verified=True).exists()


def test_replace_is_told_to_who_had_one(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    invited = make_user(password=None)

    with django_capture_on_commit_callbacks(execute=True):
        new_passwords.replace(alice, NEW, now=NOW)
        new_passwords.replace(invited, NEW, now=NOW)

    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert NEW not in str(mail.outbox[0].message())
    assert "Alice" not in str(mail.outbox[0].message())
