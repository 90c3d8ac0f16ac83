"""Who waits to be moved."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from clinic.models import Appointment, AppointmentQuerySet, Doctor, ToBeMoved


def to_be_moved(user: User | AnonymousUser) -> QuerySet[ToBeMoved]:
    """What waits to be moved, the next visit first, with its names: staff see all, a doctor what is in his calendar.

    Nobody else sees any.
    """
    if not user.is_authenticated:
        return ToBeMoved.objects.none()
    visits = Appointment.objects.visible_to(user)
    if not user.is_staff:
        visits = visits.filter(doctor__in=Doctor.objects.public().filter(user=user))
    flags = ToBeMoved.objects.filter(resolved_at=None, appointment__in=visits)
    named = ("appointment__doctor__user", "appointment__patient__user", "appointment__site", "appointment__visit_type")
    hidden = ("appointment__reason", "appointment__notes")
    return flags.select_related(*named, "exception").defer(*hidden).order_by("appointment__starts_at", "id")


def waiting() -> int:
    """How many visits wait to be moved."""
    return ToBeMoved.objects.filter(resolved_at=None).count()


def is_flagged() -> Exists:
    """Of an appointment in a query: whether it waits to be moved."""
    return Exists(ToBeMoved.objects.filter(appointment=OuterRef("pk"), resolved_at=None))


def with_flags(visits: AppointmentQuerySet) -> AppointmentQuerySet:
    """``visits``, each with ``is_waiting``: whether it waits to be moved."""
    return visits.annotate(is_waiting=is_flagged())
