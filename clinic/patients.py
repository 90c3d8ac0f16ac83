"""Which patients somebody works with."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import Patient, Role, User
from accounts.models.patient import PatientQuerySet
from clinic.models import Appointment


def visible_to(user: User | AnonymousUser) -> PatientQuerySet:
    """Staff: all. A doctor: those of his appointments, and himself. Everybody else: himself."""
    if not user.is_authenticated or user.role != Role.DOCTOR:
        return Patient.objects.visible_to(user)
    treated = Appointment.objects.visible_to(user).values("patient")
    return Patient.objects.filter(Q(pk__in=treated) | Q(pk__in=Patient.objects.visible_to(user).values("pk")))
