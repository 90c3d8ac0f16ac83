"""Sessions in browsers: which somebody has, how long they live, and how he ends them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit, devices, sign_ins
from accounts.models import Role, User

BACKGROUND = "X-Background"
"""The header by which a page's script says that it asks by itself."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session as its owner sees it. ``pk`` names it; the key that opens it is shown to nobody."""

    pk: int
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def of(user: User, *, this: str | None = None) -> list[Session]:
    """The living sessions of ``user``, the one used last first; the one whose key is ``this`` is marked."""
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.last_seen_at, reverse=True)
    return [
        Session(
            pk=row.pk,
            device=devices.in_words(row.user_agent),
            address=row.ip,
            began_at=row.created_at,
            seen_at=row.last_seen_at,
            is_this=row.session_key == this,
        )
        for row in rows
    ]


@transaction.atomic
def end(pk: int, *, by: User) -> None:
    """End one of one's own sessions at once. ``UserSession.DoesNotExist`` for another's as for none."""
    session = UserSession.objects.get(pk=pk, user=by)
    session.end()
    audit.record("accounts.session.ended", by=by, on=by)


@transaction.atomic
def sign_out_everywhere(user: User, *, by: User, now: datetime) -> None:
    """End every session of ``user``, this one too, his sign-ins through the API, and what he let programs do.

    PermissionDenied unless ``by`` is ``user``.
    """
    if by.pk != user.pk:
        raise PermissionDenied
    sign_ins.end_all(user, now=now)
    audit.record("accounts.user.signed_out_everywhere", by=by, on=user)


def saw(key: str | None, *, now: datetime) -> None:
    """Note that the session with this key was used."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=now)


def is_background(headers: Mapping[str, str]) -> bool:
    """Whether a page asks by itself while perhaps nobody sits before it: that prolongs no session.

    Whoever says so falsely only lets his own session end earlier.
    """
    return BACKGROUND in headers


def expiry(role: str, *, began_at: int, now: datetime) -> int | datetime:
    """When a session ends that is used ``now`` and began at ``began_at`` (seconds since 1970), as Django takes it.

    After so many seconds without a request (IDLE_MINUTES_…); but at the latest SESSION_HOURS after it began, and then
    it is that instant, which no request puts off.
    """
    minutes = settings.IDLE_MINUTES_PATIENTS if role == Role.PATIENT else settings.IDLE_MINUTES_STAFF
    latest = datetime.fromtimestamp(began_at, UTC) + timedelta(hours=settings.SESSION_HOURS)
    return latest if now + timedelta(minutes=minutes) > latest else minutes * 60
