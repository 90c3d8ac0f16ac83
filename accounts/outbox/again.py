"""What staff do about messages that could not be delivered: send them again, or tell the person some other way."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.models.message import Message, State
from accounts.models.user import STAFF_ROLES
from accounts.outbox.delivery import retry
from accounts.outbox.kinds import named
from accounts.outbox.post import after_commit


@transaction.atomic
def send_again(message: Message, *, by: User, now: datetime) -> None:
    """Have a message that was given up tried anew, with all its attempts.

    PermissionDenied unless ``by`` is staff. ValidationError if it was not given up (``not_given_up``), comes too late
    (``too_late``), or has nothing to say any more (``nothing_to_say``): what it told is not true now, or was not kept.
    """
    fresh = _given_up(message, by)
    if fresh.not_after is not None and fresh.not_after < now:
        raise ValidationError(_("It is too late for this message."), code="too_late")
    if not _says_something(fresh, now):
        sentence = _("This message says nothing any more: what it told has changed, or is not kept.")
        raise ValidationError(sentence, code="nothing_to_say")
    retry(Message.objects.filter(pk=fresh.pk), now=now)
    audit.record("accounts.message.sent_again", by=by, on=fresh, patient=fresh.patient)
    after_commit(fresh)


@transaction.atomic
def settle(message: Message, *, by: User, now: datetime) -> None:
    """Note that a message which was given up is not needed any more: the person knows by now.

    PermissionDenied unless ``by`` is staff; ValidationError if it was not given up (``not_given_up``).
    """
    fresh = _given_up(message, by)
    fresh.failed_at, fresh.dropped_at = None, now
    fresh.save(update_fields=["failed_at", "dropped_at", "updated_at"])
    audit.record("accounts.message.settled", by=by, on=fresh, patient=fresh.patient)


def _given_up(message: Message, by: User) -> Message:
    """``message`` as it is now, its row locked."""
    if not by.is_active or by.role not in STAFF_ROLES:
        raise PermissionDenied
    fresh = Message.objects.select_for_update(of=("self",)).select_related("user", "patient__user").get(pk=message.pk)
    if fresh.state != State.GIVEN_UP:
        raise ValidationError(_("This message was not given up."), code="not_given_up")
    return fresh


def _says_something(message: Message, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return named(message.kind).draw(message, now) is not None
    except Exception:  # noqa: BLE001  whatever a kind raises: it is tried by the worker, which logs it
        return True
