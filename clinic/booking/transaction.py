"""What every verb does around its own work: lock, start over if need be, and translate a lost race."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Patient
from clinic import slots
from clinic.models import Doctor, VisitType
from clinic.slots.check import SlotTaken, refusal

P = ParamSpec("P")
R = TypeVar("R")
ATTEMPTS = 5
AGAIN = ("visitor_has_one_live_hold", "appointment.visitor", "appointment.reference", "appointment_reference")
"""Unique constraints that another try gets past: the same visitor twice at once, a reference drawn twice. PostgreSQL
names the constraint, SQLite the column."""


class Restart(Exception):
    """What was read before the locks has changed: begin the verb again."""


class Lost(Exception):
    """The slot is gone: the refusal, and what was wanted, so that the nearest alternatives can be found."""

    def __init__(
        self, error: SlotTaken, doctor: Doctor, starts_at: datetime, visit_type: VisitType | None, now: datetime
    ) -> None:
        super().__init__("slot_taken")
        self.error, self.doctor, self.starts_at, self.visit_type, self.now = error, doctor, starts_at, visit_type, now


@dataclass
class Locked:
    """The rows that a verb has locked, as they are now."""

    patient: Patient | None
    doctors: dict[UUID, Doctor] = field(default_factory=dict)


def lock(patient: UUID | None, *doctors: UUID) -> Locked:
    """Lock the patient's row, then the doctors' in the order of their ids, and return them fresh.

    Without these locks plain INSERTs under an exclusion constraint deadlock when many want the same time.
    """
    locked = Locked(None)
    if patient is not None:
        people = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
        locked.patient = people.get(pk=patient)
    # The users in a query of their own: one joined in is as it was before the wait for the lock, perhaps still active.
    rows = Doctor.objects.select_for_update(no_key=True).prefetch_related("user")
    locked.doctors = {doctor.pk: doctor for doctor in rows.filter(pk__in=doctors).order_by("pk")}
    if set(doctors) - set(locked.doctors):
        raise refusal("doctor_not_bookable", _("This doctor takes no bookings at present."), "doctor")
    return locked


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Run ``function`` in one transaction, again after a Restart; tell a lost slot with its alternatives."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for _attempt in range(ATTEMPTS):
            try:
                with transaction.atomic():
                    return function(*args, **kwargs)
            except Restart:
                continue
            except Lost as lost:
                # Outside the transaction that failed: the alternatives are what others have committed.
                error = lost.error
                error.alternatives = slots.nearest(
                    lost.doctor, lost.starts_at, now=lost.now, visit_type=lost.visit_type
                )
                raise error from None
            except IntegrityError as error:
                if any(name in str(error) for name in AGAIN):
                    continue
                raise _translated(error) from error
        raise ValidationError(_("Too many people are booking here at once; please try again."), code="busy")

    return run


def _translated(error: IntegrityError) -> Exception:
    """The refusal behind a constraint's name; the error itself if it is nobody's doing."""
    if "doctor_sees_one_patient_at_a_time" in str(error):
        return refusal("slot_taken", _("This time was just taken."))
    if "patient_is_in_one_place_at_a_time" in str(error):
        return refusal("patient_busy", _("There is another appointment at this time."))
    return error
