"""Making people known to the clinic."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Patient, Role, User

OLDEST = 130
"""Years: nobody is older."""


def check_date_of_birth(born: date | None, *, today: date) -> None:
    """ValidationError (``bad_date_of_birth``) for a day to come, or one too long ago to be true."""
    if born is not None and (born > today or born.year < today.year - OLDEST):
        raise ValidationError({"date_of_birth": ValidationError(_("Enter a date in the past."), "bad_date_of_birth")})


def with_address(email: str) -> User | None:
    """Whose address it is, in the form in which addresses are kept; for the organisation's own eyes."""
    return User.objects.filter(email=email).first()


@transaction.atomic
def become_patient(user: User, **details: Any) -> Patient:
    """The patient behind ``user``, made if need be; ``details`` are fields of Patient, set when it is made."""
    fields = {"first_name": user.first_name, "last_name": user.last_name, "email": user.email, "phone": user.phone}
    patient, _made = Patient.objects.get_or_create(user=user, defaults=fields | details)
    return patient


@transaction.atomic
def register_at_the_desk(**details: Any) -> Patient:
    """A patient without an account; ``details`` are fields of Patient."""
    return Patient.objects.create(**details)


@transaction.atomic
def give_role(user: User, role: Role) -> None:
    """Set the role and the one group that carries its permissions in the admin."""
    user.role = role
    user.save(update_fields=["role", "updated_at"])
    user.groups.set(Group.objects.filter(name=role.value))


@transaction.atomic
def appoint(*, email: str, password: str | None, first_name: str, last_name: str, role: Role, **fields: Any) -> User:
    """A new user with ``role``, made by the organisation (not by sign-up)."""
    user = User.objects.create_user(email, password, first_name=first_name, last_name=last_name, **fields)
    give_role(user, role)
    return user


@transaction.atomic
def vouch_for_addresses(users: Iterable[User]) -> None:
    """Take it that each user's address is his, so that he can sign in without a mailed code. For the organisation."""
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=user.email, primary=True, verified=True) for user in users],
        update_conflicts=True,
        unique_fields=["user", "email"],
        update_fields=["primary", "verified"],
    )
