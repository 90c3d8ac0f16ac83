"""Appointments that lost their place in the calendar."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel


class Cause(models.TextChoices):
    """What hit the appointment."""

    EXCEPTION = "exception", _("Time off")
    HOURS = "hours", _("Changed hours")
    DEACTIVATION = "deactivation", _("The doctor left")


class ToBeMoved(BaseModel):
    """An appointment that the clinic must move, and since when it need not any more."""

    appointment = models.ForeignKey("clinic.Appointment", on_delete=models.CASCADE, related_name="to_be_moved")
    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    exception = models.ForeignKey("clinic.ScheduleException", on_delete=models.SET_NULL, null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    class Meta:
        verbose_name = _("appointment to be moved")
        verbose_name_plural = _("appointments to be moved")
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(
                name="appointment_is_flagged_once", fields=("appointment",), condition=models.Q(resolved_at=None)
            ),
            models.CheckConstraint(name="flag_has_a_known_cause", condition=models.Q(cause__in=Cause.values)),
        )

    def __str__(self) -> str:
        return self.get_cause_display()
