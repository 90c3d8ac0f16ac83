"""What a record means for the visit that it is about: that one took place, when and with whom it says."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.models import Appointment
from records.models import MedicalRecord


def follow_appointment(
    sender: object, *, appointment: Appointment, change: str, now: datetime, before: Any = None, **_news: Any
) -> None:
    """Hear of :data:`clinic.signals.appointment_changed`: ValidationError (``already_begun``) for a visit that is to be
    cancelled, missed or moved after its start, and has a record: that could be amended by nobody then, or tell of
    another visit."""
    if change not in ("cancelled", "no_show", "moved"):
        return
    starts_at = before[1] if change == "moved" else appointment.starts_at
    if starts_at <= now and MedicalRecord.objects.filter(appointment=appointment).exists():
        raise ValidationError(_("There is a record of this visit, so it took place."), code="already_begun")
