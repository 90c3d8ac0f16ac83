"""Those who sign up and ask to be let in as doctors."""

from typing import Any

from accounts.models import User
from clinic.models import Approval, Doctor


def follow_newcomer(sender: object, *, person: User, change: str, **_news: Any) -> None:
    """File an application with the wish for one, and let it go with an account that starts over.

    An application is a Doctor whose approval is pending: nobody sees him in the directory, and nobody can book.
    """
    if change == "wants_to_be_doctor":
        Doctor.objects.create(user=person, approval=Approval.PENDING)
    elif change == "starts_over":
        Doctor.objects.filter(user=person, approval=Approval.PENDING).delete()
