"""What people are told of their appointments, written to the outbox in the transaction of what it tells of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import outbox
from accounts.models import Patient
from accounts.models.message import Channel
from accounts.outbox import Note
from clinic.models import Appointment, Approval, Doctor, ToBeMoved

TOLD = ("booked", "moved", "cancelled", "restored")
"""Changes of which the patient is told; each is also the kind of the message."""


def reaches(patient: Patient) -> bool:
    """Whether there is a way to tell ``patient`` anything: an address, or a telephone for one who wants it there."""
    by_phone = outbox.chosen_by(patient) == Channel.SMS and settings.SMS_CHANNEL != "none"
    return bool(patient.user_id or patient.email or (by_phone and patient.phone))


def follow_appointment(sender: object, *, appointment: Appointment, change: str, now: datetime, **_news: Any) -> None:
    """Hear of :data:`clinic.signals.appointment_changed`, and tell the patient, whoever did it: himself too.

    Nobody is told of what is past, and nothing is written for somebody whom it would never reach.
    """
    patient = appointment.patient
    if change in TOLD and patient is not None and appointment.starts_at > now and reaches(patient):
        outbox.enqueue(
            change,
            key=f"{change}:{appointment.pk}:{appointment.sequence}",
            to=patient,
            now=now,
            context={"appointment": appointment.pk, "sequence": appointment.sequence},
            not_after=appointment.starts_at,
            channel=outbox.chosen_by(patient),
            about=appointment.pk,
        )


def must_be_moved(flags: Iterable[ToBeMoved], *, now: datetime) -> None:
    """Tell the patients of appointments that were just flagged, which have their patients along."""
    _of_flags("to_be_moved", flags, now=now)


def stand_after_all(flags: Iterable[ToBeMoved], *, now: datetime) -> None:
    """Tell the patients of flagged appointments that have their place again. Who was not told that it must be moved
    will not be told that it need not."""
    _of_flags("stands", flags, now=now)


def key_of(kind: str, flag: object) -> str:
    """The outbox's key of what is told of a flag, by its id."""
    return f"{kind}:{flag}"


def _of_flags(kind: str, flags: Iterable[ToBeMoved], *, now: datetime) -> None:
    notes = [
        Note(
            key=key_of(kind, flag.pk),
            to=flag.appointment.patient,
            context={
                "flag": flag.pk,
                "appointment": flag.appointment_id,
                "sequence": flag.appointment.sequence,
            },
            not_after=flag.appointment.starts_at,
            channel=outbox.chosen_by(flag.appointment.patient),
            about=flag.appointment_id,
        )
        for flag in flags
        if flag.appointment.patient is not None and reaches(flag.appointment.patient)
    ]
    if notes:
        outbox.enqueue_all(kind, notes, now=now)


def application_decided(doctor: Doctor, before: str, *, now: datetime) -> None:
    """Tell an applicant that he was let in, at first or in the end, or that he was not.

    A doctor who is let go hears of it from people.
    """
    if before == Approval.PENDING or doctor.approval == Approval.APPROVED:
        outbox.enqueue(
            "application_decided",
            key=f"application_decided:{doctor.pk}:{doctor.approval}:{now.isoformat()}",
            to=doctor.user,
            now=now,
            context={"doctor": doctor.pk, "approval": str(doctor.approval)},
        )
