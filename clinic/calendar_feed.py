"""A secret address for each person who wants one, at which his calendar asks for his appointments again and again.

Whoever knows the address reads what is there, without signing in: it names no doctor and no reason, and no patient
unless a doctor chose so. It is told once, when it is made; kept is a hash whose key is SECRET_KEY. A person opens,
renews and closes his own and nobody else's; it ends with his sign-ins (:data:`accounts.signals.sign_ins_ended`), and
opens for nobody while he is not active.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Role, User
from clinic import calendar_file
from clinic.models import Appointment, CalendarFeed, Status

BACK = timedelta(days=30)
"""So long a visit that has begun is still told."""
BACK_FOR_DOCTORS, AHEAD_FOR_DOCTORS = timedelta(days=7), timedelta(days=30)
"""Days with patients are many."""


def of(user: User) -> CalendarFeed | None:
    """His address, if he has one; what it is, is not known any more."""
    return CalendarFeed.objects.filter(user=user).first()


def may_name_patients(user: User) -> bool:
    """Whether it is his to choose: patients come to doctors."""
    return user.role == Role.DOCTOR


@transaction.atomic
def open_feed(*, by: User, names_patients: bool = False) -> str:
    """Make an address for ``by``, and tell its secret, this once.

    PermissionDenied if he is not active; ValidationError if he has one (``already_open``), or, at ``names_patients``,
    if he is no doctor (``not_a_doctor``).
    """
    owner = _owner(by, names_patients=names_patients)
    if of(owner) is not None:
        raise ValidationError(_("You have a calendar address already. You can make a new one."), code="already_open")
    token = _new_token()
    feed = CalendarFeed.objects.create(user=owner, token_hash=_hash(token), names_patients=names_patients)
    _record("opened", feed, by=owner, changes={"names_patients": [None, names_patients]})
    return token


@transaction.atomic
def renew(*, by: User, names_patients: bool = False) -> str:
    """Give up the address that ``by`` has for a new one, and tell its secret. Refusals as of :func:`open_feed`; also
    ``not_open``."""
    owner = _owner(by, names_patients=names_patients)
    feed = of(owner)
    if feed is None:
        raise ValidationError(_("You have no calendar address."), code="not_open")
    token = _new_token()
    before = feed.names_patients
    feed.token_hash, feed.names_patients = _hash(token), names_patients
    feed.save(update_fields=["token_hash", "names_patients", "updated_at"])
    _record("renewed", feed, by=owner, changes={"names_patients": [before, names_patients]})
    return token


@transaction.atomic
def close(*, by: User) -> bool:
    """Close the address that ``by`` has; False if there was none."""
    return _close(by, by=by)


def follow_sign_ins(sender: object, *, person: User, **_news: Any) -> None:
    """Hear of :data:`accounts.signals.sign_ins_ended`: what ends them is a reason to end this too."""
    with transaction.atomic():
        _close(person, by="sign_ins")


def find(token: str) -> CalendarFeed | None:
    """The address with this secret, with its ``user``; None if there is none, or he is not active any more.

    Looked up by its hash: how long that takes tells nothing about any secret.
    """
    feeds = CalendarFeed.objects.select_related("user")
    return feeds.filter(token_hash=_hash(token), user__is_active=True).first()


def content(feed: CalendarFeed, *, now: datetime) -> bytes:
    """What is told at ``now``, in its owner's language.

    His own visits, from BACK before on, those that were cancelled marked so; and as a doctor his patients' visits that
    stand, from BACK_FOR_DOCTORS before until AHEAD_FOR_DOCTORS after.
    """
    with translation.override(feed.user.language):
        visits = list(_visits(feed.user, now))
        summaries = {visit: _summary(visit, feed) for visit in visits if not _is_own(visit, feed.user)}
        return calendar_file.feed(visits, summaries)


def _visits(user: User, now: datetime) -> QuerySet[Appointment]:
    told = Q(patient__user=user, starts_at__gte=now - BACK)
    if user.role == Role.DOCTOR:
        around = {"starts_at__gte": now - BACK_FOR_DOCTORS, "starts_at__lt": now + AHEAD_FOR_DOCTORS}
        told |= Q(doctor__user=user, **around) & ~Q(status=Status.CANCELLED)
    # The bound that both have, again by itself, lets an index skip the past.
    visits = Appointment.objects.visible_to(user).filter(told, starts_at__gte=now - BACK)
    return visits.select_related("patient", "site").defer("reason", "notes").order_by("starts_at", "id")


def _is_own(visit: Appointment, user: User) -> bool:
    return visit.patient is not None and visit.patient.user_id == user.pk


def _summary(visit: Appointment, feed: CalendarFeed) -> str:
    who = str(visit.patient) if feed.names_patients else visit.reference
    return _("Visit: %(who)s") % {"who": who}


def _owner(by: User, *, names_patients: bool) -> User:
    """``by`` as he is now, his row locked."""
    fresh = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not fresh.is_active:
        raise PermissionDenied
    if names_patients and not may_name_patients(fresh):
        refusal = ValidationError(_("Only doctors have patients to name."), code="not_a_doctor")
        raise ValidationError({"names_patients": refusal})
    return fresh


def _close(person: User, *, by: User | str) -> bool:
    feed = CalendarFeed.objects.select_for_update().filter(user=person).first()
    if feed is None:
        return False
    _record("closed", feed, by=by)
    feed.delete()
    return True


def _record(
    what: str, feed: CalendarFeed, *, by: User | str, changes: dict[str, list[bool | None]] | None = None
) -> None:
    audit.record(f"clinic.calendar_feed.{what}", by=by, on=feed, changes=changes)


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    return salted_hmac("clinic.calendar_feed", token, algorithm="sha256").hexdigest()
