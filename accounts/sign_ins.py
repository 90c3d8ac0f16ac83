"""Where somebody is signed in: in browsers, and through the API."""

from datetime import datetime

from allauth.usersessions.models import UserSession

from accounts import tokens
from accounts.models import User


def end_all(user: User, *, now: datetime, but: str | None = None) -> None:
    """Sign ``user`` out everywhere, programs included; the browser whose session has the key ``but`` stays."""
    tokens.revoke_all(user, now=now)
    for session in UserSession.objects.filter(user=user).exclude(session_key=but or ""):
        session.end()
