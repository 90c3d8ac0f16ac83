"""What a doctor wrote about one visit, what stood there before, and files beside it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.constraints import AppendOnly
from accounts.models import BaseModel
from records.models.chart import Chart
from records.models.texts import ClinicalTextField

RECORD_TEXTS = ("diagnosis", "prescription", "notes")


class MedicalRecord(BaseModel):
    """One for each visit, written by its doctor. It can be changed, and what stood before stays as a RecordRevision.

    Until it is signed it is a draft; after that a change is an amendment, with a reason.
    """

    appointment = models.OneToOneField(
        "clinic.Appointment", on_delete=models.PROTECT, related_name="medical_record", editable=False
    )
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="records", editable=False)
    doctor = models.ForeignKey(
        "clinic.Doctor", on_delete=models.PROTECT, related_name="medical_records", editable=False
    )
    diagnosis = ClinicalTextField(_("diagnosis"))
    prescription = ClinicalTextField(_("prescription"))
    notes = ClinicalTextField(_("notes"))
    version = models.PositiveIntegerField(default=1, editable=False)
    written_at = models.DateTimeField(_("written"), editable=False)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("medical record")
        verbose_name_plural = _("medical records")
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(fields=("chart", "created_at"), name="records_by_chart"),
            models.Index(fields=("doctor", "created_at"), name="records_by_doctor"),
        )
        constraints = (
            AppendOnly(
                name="medical_record_is_kept", but=(*RECORD_TEXTS, "version", "written_at", "signed_at", "updated_at")
            ),
        )

    def __str__(self) -> str:
        return f"Medical record {self.pk}"

    @property
    def etag(self) -> str:
        """The version of this row, as an HTTP entity tag (RFC 9110, 8.8.3)."""
        signed = "s" if self.signed_at else "d"
        return f'"{self.pk.hex}-{self.version}{signed}"'


class RecordRevision(BaseModel):
    """What a record said before it was changed, since ``written_at``; ``reason`` is why it was changed."""

    record = models.ForeignKey(MedicalRecord, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    diagnosis = ClinicalTextField(_("diagnosis"))
    prescription = ClinicalTextField(_("prescription"))
    notes = ClinicalTextField(_("notes"))
    written_at = models.DateTimeField(_("written"))
    reason = ClinicalTextField(_("reason"))
    was_signed = models.BooleanField(_("was signed"), default=False)

    class Meta:
        verbose_name = _("earlier record")
        verbose_name_plural = _("earlier records")
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(name="record_has_each_version_once", fields=("record", "version")),
            AppendOnly(name="earlier_record_is_kept", but=(*RECORD_TEXTS, "reason")),
        )

    def __str__(self) -> str:
        return f"Medical record {self.record_id}, version {self.version}"


class AmendmentRequest(BaseModel):
    """A patient asks that a record be put right, and what its doctor answered."""

    class Answer(models.TextChoices):
        """What the doctor decided."""

        AMENDED = "amended", _("Amended")
        DECLINED = "declined", _("Declined")

    record = models.ForeignKey(MedicalRecord, on_delete=models.PROTECT, related_name="amendment_requests")
    text = ClinicalTextField(_("what should be put right"), blank=False)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, blank=True)
    explanation = ClinicalTextField(_("explanation"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to amend")
        verbose_name_plural = _("requests to amend")
        ordering = ("-created_at", "id")
        constraints = (
            models.UniqueConstraint(
                name="record_has_one_open_request", fields=("record",), condition=models.Q(answer="")
            ),
            models.CheckConstraint(
                name="request_is_answered_at_some_time",
                condition=models.Q(answer="", answered_at=None) | (~models.Q(answer="") & ~models.Q(answered_at=None)),
            ),
        )

    def __str__(self) -> str:
        return f"Request {self.pk}"


class FileKind(models.TextChoices):
    """Files that can be beside a record: their media types."""

    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"


class Attachment(BaseModel):
    """A file beside a record. Its name may tell about health, and is encrypted like its content.

    ``stored_as`` is its random name in the storage, which says nothing.
    """

    record = models.ForeignKey(MedicalRecord, on_delete=models.PROTECT, related_name="attachments")
    name = ClinicalTextField(_("name"), blank=False)
    kind = models.CharField(_("kind"), max_length=20, choices=FileKind)
    size = models.PositiveIntegerField(_("size in bytes"))
    stored_as = models.CharField(max_length=100, unique=True, editable=False)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(name="attachment_has_a_known_kind", condition=models.Q(kind__in=FileKind.values)),
            AppendOnly(name="attachment_is_kept", but=("name", "updated_at")),
        )

    def __str__(self) -> str:
        return f"Attachment {self.pk}"
