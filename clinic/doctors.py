"""Doctors' profiles, and whether the organisation lets them in.

Each verb is one transaction, and for administrators; anybody else gets ``PermissionDenied``. Visits to come of a doctor
who goes are flagged to be moved, and set right again if he comes back.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import staffing
from accounts.models import Role, User
from clinic.availability import may_arrange
from clinic.displacement import calendars_changing
from clinic.models import Approval, Department, Doctor, Specialty, VisitType
from clinic.models.to_be_moved import Cause

PROFILE = (
    "title",
    "license_number",
    "practising_since",
    "bio",
    "languages",
    "consultation_fee",
    "status",
)
"""The columns that :func:`set_profile` writes."""


@transaction.atomic
def set_profile(
    doctor: Doctor,
    *,
    by: User,
    today: date,
    departments: Iterable[Department] | None = None,
    specialties: Iterable[Specialty] | None = None,
    visit_types: Iterable[VisitType] | None = None,
) -> Doctor:
    """Write a doctor's profile as it stands in ``doctor``; lists that are None stay as they are.

    A new one is let in at once: an administrator enters him. ValidationError at ``user`` (``not_a_doctor``) unless the
    person's role is doctor, at ``practising_since`` (``bad_date``) for a day to come, and for what makes no sense.
    """
    may_arrange(by)
    if doctor.practising_since and doctor.practising_since > today:
        raise _refusal("practising_since", "bad_date", _("Enter a date in the past."))
    doctor.full_clean()
    if Doctor.objects.filter(pk=doctor.pk).exists():
        doctor.save(update_fields=[*PROFILE, "updated_at"])
    else:
        if doctor.user.role != Role.DOCTOR:
            raise _refusal("user", "not_a_doctor", _("Give this person the role of a doctor first."))
        doctor.approval = Approval.APPROVED
        doctor.save(force_insert=True)
    lists: dict[str, Iterable[Any] | None] = {
        "departments": departments,
        "specialties": specialties,
        "visit_types": visit_types,
    }
    for name, chosen in lists.items():
        if chosen is not None:
            getattr(doctor, name).set(chosen)
    return doctor


@transaction.atomic
def approve(doctor: Doctor, *, by: User, now: datetime) -> Doctor:
    """Let a doctor in; a patient who applied becomes a doctor. ValidationError (``not_a_doctor``) for staff."""
    may_arrange(by)
    if doctor.user.role == Role.PATIENT:
        # Before the doctor's row is locked: the person's comes first, always.
        staffing.change_role(doctor.user, Role.DOCTOR, by=by, now=now)
    elif doctor.user.role != Role.DOCTOR:
        raise ValidationError(_("Give this person the role of a doctor first."), code="not_a_doctor")
    return _set_approval(doctor, Approval.APPROVED, now)


@transaction.atomic
def reject(doctor: Doctor, *, by: User, now: datetime) -> Doctor:
    """Let a doctor in no more: he vanishes from the directory, and can be approved again."""
    may_arrange(by)
    return _set_approval(doctor, Approval.REJECTED, now)


def _set_approval(doctor: Doctor, approval: Approval, now: datetime) -> Doctor:
    with calendars_changing({doctor.pk}, now=now, cause=Cause.DEACTIVATION):
        doctor.approval = approval
        doctor.save(update_fields=["approval", "updated_at"])
    return doctor


def follow_person(person: User, change: str, now: datetime, **_news: Any) -> None:
    """Hear of :data:`accounts.signals.person_changed`: a doctor whose account or role changes may come or go by it."""
    doctor = Doctor.objects.filter(user=person).first()
    if doctor is not None and change in ("role_changed", "deactivated", "reactivated"):
        with calendars_changing({doctor.pk}, now=now, cause=Cause.DEACTIVATION):
            pass  # It has happened already, in this transaction.


def _refusal(field: str, code: str, message: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
