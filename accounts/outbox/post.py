"""Writing messages."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Patient, User
from accounts.models.message import Channel, Message

logger = logging.getLogger(__name__)
_nudges: list[Callable[[UUID], None]] = []


def nudge_by(call: Callable[[UUID], None]) -> None:
    """Have ``call`` told the id of each message once it is committed; what it raises is logged, for the sweep comes."""
    _nudges[:] = [call]


def enqueue(  # noqa: PLR0913  each says something else about one message
    kind: str,
    *,
    key: str,
    to: User | Patient | str,
    now: datetime,
    context: Mapping[str, Any] | None = None,
    sealed: str = "",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    channel: Channel = Channel.EMAIL,
    about: UUID | None = None,
) -> bool:
    """Write a message in the caller's transaction; False if ``key`` was written before, and then nothing is.

    ``to`` is an account, a patient, or an e-mail address; ``context`` holds ids, ``sealed`` what cannot be drawn again;
    ``about`` is the id of what it tells of (the appointment), by which its delivery is found and shown there.
    ValueError for an empty address.
    """
    if not to:
        raise ValueError("a message needs a recipient")
    message = Message(
        kind=kind,
        key=key,
        user=to if isinstance(to, User) else None,
        patient=to if isinstance(to, Patient) else None,
        address=to if isinstance(to, str) else "",
        context={name: str(value) for name, value in (context or {}).items()},
        sealed=sealed,
        not_before=not_before or now,
        not_after=not_after,
        channel=channel,
        about=about,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError:
        # The unique key decides, also between two at once.
        if not Message.objects.filter(key=key).exists():
            raise
        return False
    if message.not_before <= now:
        after_commit(message)
    return True


def after_commit(message: Message) -> None:
    """Tell of a message that can go at once, as soon as it is certain that there is one."""
    transaction.on_commit(partial(_nudge, message.pk))


def _nudge(message: UUID) -> None:
    for call in _nudges:
        try:
            call(message)
        except Exception as error:  # noqa: BLE001  whatever a broker raises: the message is safe, and the sweep comes
            logger.warning("A message waits for the next sweep: %s", type(error).__name__)
