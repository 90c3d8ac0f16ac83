"""Whom the organisation appoints, what role it gives them, and whom it lets go.

Each verb is one transaction. All are for administrators: anybody else gets ``PermissionDenied``. A superuser's account
is changed by a superuser alone, and ``is_superuser`` by no verb at all.
"""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts import people, registration, tokens
from accounts.models import Role, TokenFamily, User
from accounts.signals import person_changed


def may_manage(by: User, person: User) -> bool:
    """Whether ``by`` may change ``person``'s account: an active administrator, of a superuser only a superuser."""
    return by.is_active and by.role == Role.ADMIN and (by.is_superuser or not person.is_superuser)


def with_proof(users: QuerySet[User]) -> QuerySet[User]:
    """``users``, each with ``has_proof``: whether he has shown that his address is his."""
    return users.annotate(has_proof=Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))


@transaction.atomic
def appoint(*, by: User, email: str, first_name: str, last_name: str, role: Role, phone: Any = "") -> User:
    """A new user whom nobody can sign in as yet: the owner of the address sets a password through "forgot password".

    ValidationError at ``email`` (``email_taken``) if somebody has the address already.
    """
    _administrator(by)
    email = registration.normal_address(email)
    if User.objects.filter(email=email).exists():
        raise _refusal("email", "email_taken", _("Somebody has this e-mail address already."))
    return people.appoint(
        email=email, password=None, first_name=first_name, last_name=last_name, role=role, phone=phone
    )


@transaction.atomic
def correct(person: User, *, by: User, **details: Any) -> User:
    """Set ``first_name``, ``last_name`` and ``phone``; nothing else can be set here. TypeError for any other name."""
    fresh = _managed(person, by)
    if unknown := set(details) - {"first_name", "last_name", "phone"}:
        raise TypeError(f"correct() sets no {', '.join(sorted(unknown))}")
    for name, value in details.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=[*details, "updated_at"])
    return fresh


@transaction.atomic
def change_role(person: User, role: Role, *, by: User, now: datetime) -> User:
    """Give ``person`` another role; sign-ins through the API end, so that no token outlives the role it was made for.

    ValidationError at ``role`` (``own_role``) for one's own: nobody locks the organisation out by accident.
    """
    fresh = _managed(person, by)
    if fresh.role == role:
        return fresh
    if fresh.pk == by.pk:
        raise _refusal("role", "own_role", _("You cannot change your own role; another administrator can."))
    people.give_role(fresh, role)
    tokens.revoke_all(fresh, now=now)
    person_changed.send(User, person=fresh, change="role_changed", by=by, now=now)
    return fresh


@transaction.atomic
def deactivate(person: User, *, by: User, now: datetime) -> User:
    """Let ``person`` in no more, on any door, at once. Everything he did stays. ``own_account`` for oneself."""
    fresh = _managed(person, by)
    if fresh.pk == by.pk:
        raise ValidationError(_("You cannot deactivate your own account."), code="own_account")
    return _set_active(fresh, False, by=by, now=now)


@transaction.atomic
def reactivate(person: User, *, by: User, now: datetime) -> User:
    """Let ``person`` sign in again; sign-ins that ended stay ended."""
    return _set_active(_managed(person, by), True, by=by, now=now)


def _set_active(person: User, is_active: bool, *, by: User, now: datetime) -> User:
    if person.is_active == is_active:
        return person
    person.is_active = is_active
    person.save(update_fields=["is_active", "updated_at"])
    tokens.revoke_all(person, now=now)
    person_changed.send(User, person=person, change="reactivated" if is_active else "deactivated", by=by, now=now)
    return person


@transaction.atomic
def end_sign_in(family: TokenFamily, *, by: User, now: datetime) -> None:
    """End one sign-in through the API: its tokens are good for nothing any more. An ended one stays as it is."""
    _managed(family.user, by)
    TokenFamily.objects.filter(pk=family.pk, revoked_at=None).update(revoked_at=now, updated_at=now)


def _managed(person: User, by: User) -> User:
    """``person`` as he is now, his row locked; PermissionDenied unless ``by`` may manage him."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not may_manage(by, fresh):
        raise PermissionDenied
    return fresh


def _administrator(by: User) -> None:
    if not by.is_active or by.role != Role.ADMIN:
        raise PermissionDenied


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
