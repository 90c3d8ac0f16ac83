"""What the front desk does with patients: write them down, and correct what was written.

Both verbs are for staff; anybody else gets ``PermissionDenied``. Which account a patient has, neither can set.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import audit, claims, people
from accounts.models import Patient, User

DETAILS = (
    "first_name",
    "last_name",
    "date_of_birth",
    "phone",
    "email",
    "insurance_provider",
    "insurance_number",
    "emergency_contact",
    "reminder_channel",
)
"""The fields of Patient that the desk may set."""


@transaction.atomic
def register(*, by: User, now: datetime, **details: Any) -> Patient:
    """A new patient without an account, who is invited to one if it is known where he reads mail, and when he was born.

    Refusal: ``bad_date_of_birth``; TypeError for what is not in DETAILS.
    """
    _check(by, details, now.date())
    patient = people.register_at_the_desk(**details)
    changes = {"fields": sorted(name for name, value in details.items() if value)}
    audit.record("accounts.patient.registered", by=by, on=patient, patient=patient, changes=changes)
    if claims.is_invitable(patient):
        claims.invite(patient, by=by, now=now)
    return patient


@transaction.atomic
def correct(patient: Patient, *, by: User, today: date, **details: Any) -> Patient:
    """Set some of a patient's DETAILS. Refusals as for :func:`register`."""
    _check(by, details, today)
    fresh = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    changed = sorted(name for name, value in details.items() if value != getattr(fresh, name))
    for name, value in details.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=[*details, "updated_at"])
    audit.record("accounts.patient.corrected", by=by, on=fresh, patient=fresh, changes={"fields": changed})
    return fresh


def _check(by: User, details: dict[str, Any], today: date) -> None:
    if not by.is_active or not by.is_staff:
        raise PermissionDenied
    if unknown := set(details) - set(DETAILS):
        raise TypeError(f"the desk sets no {', '.join(sorted(unknown))}")
    people.check_date_of_birth(details.get("date_of_birth"), today=today)
