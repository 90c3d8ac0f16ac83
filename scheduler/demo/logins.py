"""The demo's accounts and their one password."""

from django.contrib.auth.hashers import check_password, make_password

from accounts import people
from accounts.models import Role, User

PATIENTS, DOCTORS = 60, 12
STAFF = (
    ("reception@example.org", "Ruth", "Abendroth", Role.RECEPTIONIST),
    ("admin@example.org", "Martin", "Eskildsen", Role.ADMIN),
)


def addresses() -> list[str]:
    """The addresses of all who can sign in, patients first."""
    patients = [f"patient{number}@example.org" for number in range(1, PATIENTS + 1)]
    doctors = [f"doctor{number}@example.org" for number in range(1, DOCTORS + 1)]
    return [*patients, *doctors, *(address for address, *_name in STAFF)]


def make_staff() -> list[User]:
    """The front desk and the administrator, who cannot sign in before :func:`change_password`."""
    return [
        people.appoint(email=email, password=None, first_name=first_name, last_name=last_name, role=role)
        for email, first_name, last_name, role in STAFF
    ]


def change_password(password: str) -> None:
    """Give every demo account ``password``, and its address as confirmed.

    All share one hash: it is slow to make by design, and these accounts keep nothing secret.
    """
    users = User.objects.filter(email__in=addresses())
    users.update(password=make_password(password))
    people.vouch_for_addresses(users)


def password_is(password: str) -> bool:
    """Whether the accounts still have ``password``."""
    user = User.objects.filter(email__in=addresses()).order_by("email").first()
    return user is not None and check_password(password, user.password)
