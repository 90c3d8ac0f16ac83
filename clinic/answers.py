"""Answers by one tap: links that are mailed to a patient, each good for one thing to be done with one appointment.

A link is a keyed hash over the appointment as it stands, so nothing is stored: once that is moved, cancelled or begins,
or what the link asks for is done, it is worth nothing. Whoever holds the mail may answer, signed in or not, and learns
the visit's time, place and reference, no more. A link holds the appointment's id and not a word about anybody.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Patient
from clinic.booking import LinkHolder
from clinic.models import Appointment, Status

SALT = "clinic.answers"


class Action(Enum):
    """What a link is for; the values are written into links."""

    CONFIRM = 1
    MOVE = 2
    CANCEL = 3
    CONFIRMED = 4
    MOVED = 5
    CANCELLED = 6
    RESTORED = 7


MAILED = (Action.CONFIRM, Action.MOVE, Action.CANCEL)
"""What a patient can be asked by mail. The others show what was done, and CANCELLED can undo it."""
DIGEST_BYTES = 25
"""With the id and the action 42 bytes, which Base64 writes without padding."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the holder of a good link may do."""

    appointment: Appointment
    action: Action

    @property
    def holder(self) -> LinkHolder:
        """Who does it, for the verbs of :mod:`clinic.booking`."""
        assert self.appointment.patient_id is not None
        return LinkHolder(self.appointment.pk, self.appointment.patient_id)


def links(appointment: Appointment) -> dict[str, str]:
    """Addresses at SITE_URL for the patient alone: ``confirm``, ``move`` and ``cancel``. They die with this state."""
    return {
        action.name.lower(): settings.SITE_URL + reverse("answer", args=[link_token(appointment, action)])
        for action in MAILED
    }


def link_token(appointment: Appointment, action: Action) -> str:
    """What stands in the address: letters, digits, ``-`` and ``_``; the same as long as the appointment is the same."""
    head = appointment.pk.bytes + bytes([action.value])
    return urlsafe_b64encode(head + _digest(appointment, action, settings.SECRET_KEY)).decode()


def read(token: str, now: datetime) -> Answer | None:
    """What ``token`` is good for at ``now``; None if for nothing: used, out of date, tampered with, or never made."""
    try:
        content = urlsafe_b64decode(token.encode())
        pk, action, digest = UUID(bytes=content[:16]), Action(content[16]), content[17:]
    except (ValueError, IndexError):
        return None
    if urlsafe_b64encode(content).decode() != token:  # nothing that was added to it is overlooked
        return None
    appointment = Appointment.objects.with_names().exclude(status=Status.HELD).filter(pk=pk).first()
    if appointment is None or not _stands(appointment, action, now):
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(constant_time_compare(digest, _digest(appointment, action, key)) for key in keys):
        return None
    return Answer(appointment, action)


def _stands(appointment: Appointment, action: Action, now: datetime) -> bool:
    """Whether anybody may answer still."""
    patient = appointment.patient
    if patient is None or appointment.starts_at <= now or (patient.user and not patient.user.is_active):
        return False
    if action == Action.CONFIRM and appointment.confirmed_at is not None:
        return False
    return appointment.status == (Status.CANCELLED if action == Action.CANCELLED else Status.SCHEDULED)


def _digest(appointment: Appointment, action: Action, key: str | bytes) -> bytes:
    """Over all that must not change: what for, of whom, when, and where the mail went."""
    patient = appointment.patient
    assert patient is not None
    told = (
        *(appointment.pk, action.value, patient.pk, *_addresses(patient)),
        *(appointment.sequence, int(appointment.starts_at.timestamp()), str(appointment.status)),
    )
    return salted_hmac(SALT, "\n".join(map(str, told)), secret=key, algorithm="sha256").digest()[:DIGEST_BYTES]


def _addresses(patient: Patient) -> tuple[str, str]:
    """Where messages to him go: links in an old mailbox or telephone are worth nothing once he has another."""
    return patient.user.email if patient.user else patient.email, str(patient.phone)
