"""What a browser's session knows of the time that is kept for it.

The session has the hold's id, which makes it the visitor's, and what was wanted, for when the hold is gone. It survives
signing in: Django keeps an anonymous session's data when it changes the key.
"""

import secrets
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from accounts.encryption import seal, unseal
from accounts.models import User
from clinic import booking
from clinic.booking import Visitor
from clinic.forms import SpotForm
from clinic.models import Appointment

SECRET, HELD, WORDS = "visitor", "held", "words"


def signed_in(request: HttpRequest) -> User | None:
    """Who is signed in, if anybody."""
    return request.user if request.user.is_authenticated else None


def visitor(request: HttpRequest) -> Visitor:
    """Who holds: the person signed in, else this browser's session."""
    user = signed_in(request)
    if user is not None:
        return Visitor.person(user)
    if SECRET not in request.session:
        request.session[SECRET] = secrets.token_urlsafe(32)
    return Visitor.session(request.session[SECRET])


def remember(request: HttpRequest, hold: Appointment) -> None:
    """From now on this hold is the session's."""
    request.session[HELD] = {
        "id": str(hold.pk),
        "doctor": str(hold.doctor_id),
        "visit_type": str(hold.visit_type_id or ""),
        "starts_at": hold.starts_at.isoformat(),
    }


def forget(request: HttpRequest) -> None:
    """Nothing is kept for this session any more."""
    request.session.pop(HELD, None)
    request.session.pop(WORDS, None)


def keep_words(request: HttpRequest, reason: str) -> None:
    """Keep what somebody wrote about his visit until he has chosen another time. It is about his health: encrypted."""
    request.session[WORDS] = seal(reason)


def kept_words(request: HttpRequest) -> str:
    """What he wrote; empty if he wrote nothing."""
    return unseal(request.session.get(WORDS, ""))


def forget_words(request: HttpRequest) -> None:
    """They are in the appointment now."""
    request.session.pop(WORDS, None)


def held_id(request: HttpRequest) -> UUID | None:
    """The id of the hold that the session made last, live or not."""
    held = request.session.get(HELD)
    return UUID(held["id"]) if held else None


def live(request: HttpRequest, *, now: datetime) -> Appointment | None:
    """The session's hold, if its time is still kept."""
    pk = held_id(request)
    return booking.live_hold(pk, now=now) if pk else None


def wanted(request: HttpRequest) -> SpotForm:
    """The doctor, visit and time that the session held last; not valid if there is none, or it is not offered now."""
    return SpotForm(request.session.get(HELD, {}))
