"""Whom the organisation appoints, what role it gives them, and whom it lets go.

Each verb is one transaction. All are for administrators: anybody else gets ``PermissionDenied``. A superuser's account
is changed by a superuser alone, and ``is_superuser`` by no verb at all. Nobody sets anybody's password: who is
appointed gets a link by mail (:mod:`accounts.mailed_links`).
"""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit, mailed_links, people, registration, sign_ins
from accounts.models import Role, TokenFamily, User
from accounts.searched import words_of
from accounts.signals import person_changed

DETAILS = ("first_name", "last_name", "phone")
"""What an administrator may correct."""


def may_manage(by: User, person: User) -> bool:
    """Whether ``by`` may change ``person``'s account: an active administrator, of a superuser only a superuser."""
    return is_administrator(by) and (by.is_superuser or not person.is_superuser)


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether ``user`` appoints people: an active administrator."""
    return user.is_authenticated and user.is_active and user.role == Role.ADMIN


def visible_to(user: User | AnonymousUser) -> QuerySet[User]:
    """All accounts, for an administrator; none for anybody else."""
    return User.objects.all() if is_administrator(user) else User.objects.none()


def with_proof(users: QuerySet[User]) -> QuerySet[User]:
    """``users``, each with ``has_proof``: whether he has shown that his address is his."""
    return users.annotate(has_proof=Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)))


def matching(users: QuerySet[User], words: str) -> QuerySet[User]:
    """Those of ``users`` in whose names or address all of ``words`` are."""
    for word in words_of(words):
        users = users.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word))
    return users


@transaction.atomic
def appoint(
    *, by: User, now: datetime, email: str, first_name: str, last_name: str, role: Role, phone: Any = ""
) -> User:
    """A new user, whom a link is mailed by which he sets a password; before that nobody can sign in.

    ValidationError at ``email`` (``email_taken``) if somebody has the address already. Who signed up with it and never
    proved it gives way: nobody keeps an address from the organisation by naming it.
    """
    _administrator(by)
    email = registration.normal_address(email)
    if not registration.give_up(email, User.objects.select_for_update().filter(email=email).first(), now=now):
        raise _taken()
    names = {"first_name": first_name, "last_name": last_name}
    try:
        with transaction.atomic():
            user = people.appoint(email=email, password=None, role=role, phone=phone, **names)
    except IntegrityError as error:
        # Somebody was quicker with the same address.
        raise _taken() from error
    if role == Role.PATIENT:
        people.become_patient(user)
    audit.record("accounts.user.appointed", by=by, on=user, changes={"role": [None, role.value]})
    mailed_links.invite(user)
    return user


@transaction.atomic
def invite(person: User, *, by: User, now: datetime) -> None:
    """Mail the link again to who was appointed. ``already_here`` for who has a password, came in, or was let go."""
    fresh = _managed(person, by)
    if not mailed_links.awaits_its_owner(fresh):
        raise ValidationError(_("This person needs no invitation any more."), code="already_here")
    audit.record("accounts.user.invited", by=by, on=fresh)
    mailed_links.invite(fresh)


@transaction.atomic
def correct(person: User, *, by: User, **details: Any) -> User:
    """Set some of DETAILS; nothing else can be set here. TypeError for any other name."""
    fresh = _managed(person, by)
    if unknown := set(details) - set(DETAILS):
        raise TypeError(f"correct() sets no {', '.join(sorted(unknown))}")
    changed = [name for name, value in details.items() if getattr(fresh, name) != value]
    for name in changed:
        setattr(fresh, name, details[name])
    if changed:
        fresh.save(update_fields=[*changed, "updated_at"])
        audit.record("accounts.user.corrected", by=by, on=fresh, changes={"fields": changed})
    return fresh


@transaction.atomic
def change(
    person: User, *, by: User, now: datetime, role: Role | None = None, is_active: bool | None = None, **details: Any
) -> User:
    """Several at once: :func:`correct`, :func:`change_role`, and letting go or in again; all of it, or nothing."""
    fresh = correct(person, by=by, **details)
    if role is not None:
        fresh = change_role(fresh, role, by=by, now=now)
    if is_active is not None:
        fresh = (reactivate if is_active else deactivate)(fresh, by=by, now=now)
    return fresh


@transaction.atomic
def change_role(person: User, role: Role, *, by: User, now: datetime) -> User:
    """Give ``person`` another role; sign-ins through the API end, so that no token outlives the role it was made for.

    ValidationError at ``role`` (``own_role``) for one's own: nobody locks the organisation out by accident. And
    (``address_unproved``) for somebody who signed up, and may have done so with another's address.
    """
    fresh = _managed(person, by)
    before = fresh.role
    if before == role:
        return fresh
    if fresh.pk == by.pk:
        raise _refusal("role", "own_role", _("You cannot change your own role; another administrator can."))
    if registration.is_unproved(fresh):
        sentence = _("This person has not confirmed the email address yet, and must do so first.")
        raise _refusal("role", "address_unproved", sentence)
    people.give_role(fresh, role)
    sign_ins.end_all(fresh, now=now)
    audit.record("accounts.user.role_changed", by=by, on=fresh, changes={"role": [before, role.value]})
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
    sign_ins.end_all(person, now=now)
    news = "reactivated" if is_active else "deactivated"
    audit.record(f"accounts.user.{news}", by=by, on=person, changes={"is_active": [not is_active, is_active]})
    person_changed.send(User, person=person, change=news, by=by, now=now)
    return person


@transaction.atomic
def end_sign_in(family: TokenFamily, *, by: User, now: datetime) -> None:
    """End one sign-in through the API: its tokens are good for nothing any more. An ended one stays as it is."""
    _managed(family.user, by)
    if TokenFamily.objects.filter(pk=family.pk, revoked_at=None).update(revoked_at=now, updated_at=now):
        audit.record("accounts.sign_in.ended", by=by, on=family)


def _managed(person: User, by: User) -> User:
    """``person`` as he is now, his row locked; PermissionDenied unless ``by`` may manage him."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if not may_manage(by, fresh):
        raise PermissionDenied
    return fresh


def _administrator(by: User) -> None:
    if not is_administrator(by):
        raise PermissionDenied


def _taken() -> ValidationError:
    return _refusal("email", "email_taken", _("Somebody has this e-mail address already."))


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
