"""People for tests: plain functions with sensible defaults."""

from itertools import count
from typing import Any

from allauth.account.models import EmailAddress

from accounts import people
from accounts.models import Patient, Role, User

PASSWORD = "clinic-demo-1"
_numbers = count(1)


def make_user(
    role: Role = Role.PATIENT, *, verified: bool = True, password: str | None = PASSWORD, **fields: Any
) -> User:
    """A user with a verified address (``PASSWORD``), in the group of the role."""
    number = next(_numbers)
    fields = {"email": f"person{number}@example.org", "first_name": "Person", "last_name": f"Number{number}"} | fields
    user = people.appoint(password=password, role=role, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    return user


def make_patient(user: User | None = None, **fields: Any) -> Patient:
    """A patient; with an account of his own unless ``user`` is given."""
    names = {key: fields.pop(key) for key in ("email", "first_name", "last_name") if key in fields}
    return people.become_patient(user or make_user(**names), **fields)
