"""Which patients somebody works with, and who changes what is kept of them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import desk, profile, staffing
from accounts.models import Patient, Role, User
from accounts.models.patient import PatientQuerySet
from clinic.models import Appointment, Status


def visible_to(user: User | AnonymousUser) -> PatientQuerySet:
    """Staff: all. A doctor: those of his appointments that were not cancelled, and himself. Everybody else: himself."""
    if not user.is_authenticated or user.role != Role.DOCTOR:
        return Patient.objects.visible_to(user)
    treated = Appointment.objects.visible_to(user).exclude(status=Status.CANCELLED).values("patient")
    return Patient.objects.filter(Q(pk__in=treated) | Q(pk__in=Patient.objects.visible_to(user).values("pk")))


def may_change(patient: Patient, by: User) -> bool:
    """Whether ``by`` may change what is kept of ``patient``: the desk, and she herself."""
    return by.is_active and (by.is_staff or patient.user_id == by.pk)


def may_read_insurance_number(patient: Patient, by: User) -> bool:
    """Whether ``by`` may read it: those who may change it. A doctor need not know."""
    return may_change(patient, by)


@transaction.atomic
def correct(patient: Patient, *, by: User, now: datetime, **details: Any) -> Patient:
    """Set some details: for staff the desk's, for the patient herself those of her profile.

    PermissionDenied for everybody else; TypeError for a name that the one or the other does not know. Refusals are
    those of :func:`accounts.desk.correct` and :func:`accounts.profile.update`.
    """
    if not may_change(patient, by):
        raise PermissionDenied
    if by.is_staff:
        return desk.correct(patient, by=by, today=now.date(), **details)
    profile.update(by, by=by, now=now, **details)
    return Patient.objects.get(pk=patient.pk)


@transaction.atomic
def let_go(patient: Patient, *, by: User, now: datetime) -> None:
    """Deactivate a patient's account; what the clinic knows of her stays. ValidationError ``no_account`` without one.

    Refusals are those of :func:`accounts.staffing.deactivate`.
    """
    if not staffing.is_administrator(by):
        raise PermissionDenied
    if patient.user is None:
        raise ValidationError(_("This patient has no account that could be deactivated."), code="no_account")
    staffing.deactivate(patient.user, by=by, now=now)
