"""Opening a chart without being its patient's doctor, because somebody is in danger."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import BaseModel
from records.models.chart import Chart
from records.models.texts import ClinicalTextField


class EmergencyAccess(BaseModel):
    """One person's reading of one chart until ``expires_at``, for a reason; somebody looks at each afterwards."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="emergency_accesses")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="emergency_accesses")
    reason = ClinicalTextField(_("reason"), blank=False)
    expires_at = models.DateTimeField(_("until"))
    reviewed_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="reviewed_accesses"
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    review = ClinicalTextField(_("review"))

    class Meta:
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        ordering = ("-created_at", "id")
        permissions = (("review_emergencyaccess", _("Can review emergency accesses (privacy officer)")),)
        indexes = (models.Index(fields=("user", "expires_at"), name="emergencies_by_user"),)
        constraints = (
            models.CheckConstraint(
                name="review_has_somebody_and_a_time",
                condition=models.Q(reviewed_by=None, reviewed_at=None)
                | (models.Q(reviewed_by__isnull=False) & models.Q(reviewed_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"Emergency access {self.pk}"
