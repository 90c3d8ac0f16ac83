"""How a page tells what a verb refused."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from clinic.models import Doctor, VisitType
from clinic.views.picker import LOST, Picker

ANOTHER_TIME_HELPS = ("slot_taken", "time_off", "outside_hours", "off_grid", "in_the_past", "too_soon", "too_far")
"""Refusals of this one time; the picker then shows what is free near it."""


def reason(error: ValidationError) -> tuple[str, str]:
    """The code and the sentence of what was refused first."""
    errors = next(iter(error.error_dict.values())) if hasattr(error, "error_dict") else error.error_list
    return errors[0].code or "", errors[0].messages[0]


def back_to_picker(
    request: HttpRequest,
    picker: Picker,
    error: ValidationError,
    doctor: Doctor,
    visit_type: VisitType | None,
    starts_at: datetime,
) -> HttpResponseRedirect:
    """Back to the times, kindly: with what was refused and, where that helps, the three nearest free ones."""
    code, sentence = reason(error)
    if code == "slot_taken":
        sentence = _("Sorry, this time was taken just now, before you.")
    messages.warning(request, sentence)
    lost = {"doctor": doctor.pk, "visit_type": visit_type.pk if visit_type else "", "starts_at": starts_at.isoformat()}
    if code not in ANOTHER_TIME_HELPS:
        return HttpResponseRedirect(picker.url())
    return HttpResponseRedirect(picker.url(**{f"{LOST}-{name}": value for name, value in lost.items()}))
