"""Who acts on an appointment: somebody with an account, or whoever holds a link that was mailed to its patient."""

from dataclasses import dataclass
from uuid import UUID

from accounts.models import Patient, User

BY_LINK = "answer_link"
"""How the audit trail calls whoever holds a link: it cannot know who that was."""


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Holds a link that was mailed to ``patient`` about ``appointment``: may there, and nowhere else, what the patient
    may. Only :func:`clinic.answers.read` makes one, of a link that is good."""

    appointment: UUID
    patient: UUID


Actor = User | LinkHolder


def account_of(by: Actor, patient: Patient | None) -> User | None:
    """The account that is said to have done it: for a link the patient's, None if he has none."""
    if isinstance(by, User):
        return by
    return patient.user if patient is not None else None


def in_the_trail(by: Actor) -> User | str:
    """Likewise, for :func:`accounts.audit.record`."""
    return by if isinstance(by, User) else BY_LINK
