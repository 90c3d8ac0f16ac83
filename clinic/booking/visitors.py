"""Who holds a time: nobody's name is stored with a hold, only a keyed hash."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Visitor:
    """One who may hold one time: ``key`` tells visitors apart; ``may_replace`` if a new hold gives up the old one."""

    key: str
    may_replace: bool = True

    @classmethod
    def person(cls, user: User) -> "Visitor":
        """Somebody signed in."""
        return cls(_digest("clinic.visitor.user", str(user.pk)))

    @classmethod
    def session(cls, secret: str) -> "Visitor":
        """A browser, known by a secret that its session keeps."""
        return cls(_digest("clinic.visitor.session", secret))

    @classmethod
    def address(cls, ip: str) -> "Visitor":
        """An anonymous caller of the API; strangers share addresses, so nobody's hold is given up."""
        return cls(_digest("clinic.visitor.address", ip), may_replace=False)


def hold_key(hold: UUID) -> str:
    """The secret that whoever made the hold gets, to book, extend or release it. It is not stored."""
    return _digest("clinic.hold", str(hold))


def is_hold_key(hold: UUID, key: str) -> bool:
    """Whether ``key`` belongs to the hold."""
    return constant_time_compare(hold_key(hold), key)


def _digest(purpose: str, value: str) -> str:
    return salted_hmac(purpose, value, algorithm="sha256").hexdigest()
