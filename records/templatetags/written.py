"""Records in templates: times that belong to no visit, and the way from an appointment to what was written of it."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from clinic import when
from clinic.models import Appointment, Status
from records import access
from records.models import BloodType

register = template.Library()


@register.filter
def in_zone(instant: datetime | None, zone: ZoneInfo) -> str:
    """Such as ``Mon 1 March 2027, 09:30 (CET)``; nothing for no time."""
    return when.full(instant, zone) if instant else ""


@register.filter
def blood_type(code: str) -> str:
    """As it is printed: with a minus that is not taken for a hyphen."""
    return dict(BloodType.choices).get(code, code)


@register.filter
def has_chart_beside(appointment: Appointment) -> bool:
    """Whether its doctor has the patient's chart beside it: unless it was given up."""
    return appointment.status not in (Status.CANCELLED, Status.NO_SHOW)


@register.simple_tag(takes_context=True)
def record_of(context: dict[str, Any], appointment: Appointment) -> UUID | None:
    """The id of what was written of a visit, if who looks may read it; not a word of it."""
    user = context["request"].user
    found = access.records(user, now=timezone.now()).filter(appointment=appointment)
    return found.values_list("pk", flat=True).first()
