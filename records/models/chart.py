"""What is known of a patient's health beyond single visits, and who may read it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from accounts.constraints import AppendOnly
from accounts.models import BaseModel
from records.models.texts import ClinicalTextField

CHART_TEXTS = ("blood_type", "allergies", "medical_history")


class BloodType(models.TextChoices):
    """ABO and RhD (ISBT systems 001 and 004)."""

    A_POSITIVE = "A+", "A+"
    A_NEGATIVE = "A-", "A−"
    B_POSITIVE = "B+", "B+"
    B_NEGATIVE = "B-", "B−"
    AB_POSITIVE = "AB+", "AB+"
    AB_NEGATIVE = "AB-", "AB−"
    O_POSITIVE = "O+", "O+"
    O_NEGATIVE = "O-", "O−"


def known_blood_type(text: str) -> None:
    """ValidationError (``bad_blood_type``) for anything but a :class:`BloodType`, or nothing."""
    if text and text not in BloodType.values:
        choices = ", ".join(BloodType.values)
        raise ValidationError(_("Enter one of %(choices)s.") % {"choices": choices}, "bad_blood_type")


class Chart(BaseModel):
    """One for each patient, whose id it shares. Who may read it: ``view_chart`` on it, asked in ``records.access``."""

    patient = models.OneToOneField("accounts.Patient", on_delete=models.PROTECT, related_name="chart")
    blood_type = ClinicalTextField(_("blood type"), validators=[known_blood_type])
    allergies = ClinicalTextField(_("allergies"))
    medical_history = ClinicalTextField(_("medical history"))
    version = models.PositiveIntegerField(default=1, editable=False)
    written_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    written_at = models.DateTimeField(_("written"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("chart")
        verbose_name_plural = _("charts")
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(name="chart_has_its_patients_id", condition=models.Q(id=models.F("patient"))),
        )

    def __str__(self) -> str:
        return f"Chart {self.pk}"

    @property
    def etag(self) -> str:
        """The version of this row, as an HTTP entity tag (RFC 9110, 8.8.3)."""
        return f'"{self.pk.hex}-{self.version}"'


class ChartRevision(BaseModel):
    """What a chart said before it was changed: version ``version``, as written by ``written_by`` at ``written_at``."""

    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    blood_type = ClinicalTextField(_("blood type"))
    allergies = ClinicalTextField(_("allergies"))
    medical_history = ClinicalTextField(_("medical history"))
    written_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    written_at = models.DateTimeField(_("written"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("earlier chart")
        verbose_name_plural = _("earlier charts")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(name="chart_has_each_version_once", fields=("chart", "version")),
            AppendOnly(name="earlier_chart_is_kept", but=CHART_TEXTS),
        )

    def __str__(self) -> str:
        return f"Chart {self.chart_id}, version {self.version}"


class ChartUserObjectPermission(UserObjectPermissionBase):
    """A grant: ``user`` may read the chart. Written and read in ``records.access`` alone."""

    content_object = models.ForeignKey(Chart, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("grant")
        verbose_name_plural = _("grants")

    def __str__(self) -> str:
        return f"Grant {self.pk}"
