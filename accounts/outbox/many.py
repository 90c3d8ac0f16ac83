"""Writing many messages of one kind at once, in as many statements as one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import Patient, User
from accounts.models.message import Channel, Message
from accounts.outbox.post import after_commit


@dataclass(frozen=True, slots=True)
class Note:
    """To whom, and of what; each as :func:`accounts.outbox.enqueue` takes it."""

    key: str
    to: User | Patient
    context: Mapping[str, Any] = field(default_factory=dict)
    not_after: datetime | None = None
    channel: Channel = Channel.EMAIL
    about: UUID | None = None


def enqueue_all(kind: str, notes: Iterable[Note], *, now: datetime) -> int:
    """Write a message for each note in the caller's transaction, but for those whose key was written before.

    How many notes there were: another process that writes the same at the same moment may have been first.
    """
    messages = [_message(kind, note, now) for note in notes]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    for message in messages:
        after_commit(message)
    return len(messages)


def _message(kind: str, note: Note, now: datetime) -> Message:
    return Message(
        kind=kind,
        key=note.key,
        user=note.to if isinstance(note.to, User) else None,
        patient=note.to if isinstance(note.to, Patient) else None,
        context={name: str(value) for name, value in note.context.items()},
        not_before=now,
        not_after=note.not_after,
        channel=note.channel,
        about=note.about,
    )
