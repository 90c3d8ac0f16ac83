"""Charts, records and what lies beside them: whose, by whom, and when."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import in_utc
from clinic import when
from records.admin.metadata import MetadataAdmin
from records.models import AmendmentRequest, Attachment, Chart, ChartUserObjectPermission, MedicalRecord

BY_PATIENT = _("The patient's name")


class Signed(admin.SimpleListFilter):
    """Drafts, and what is signed."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [("signed", _("Signed")), ("draft", _("Not signed yet"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The records asked for."""
        return queryset.filter(signed_at__isnull=self.value() == "draft") if self.value() else queryset


class Answered(admin.SimpleListFilter):
    """Requests that wait, and others."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Both."""
        return [("open", _("Waiting for an answer")), ("answered", _("Answered"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The requests asked for."""
        return queryset.filter(answered_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Chart)
class ChartAdmin(MetadataAdmin):
    """That a patient has one, and when something was last written into it."""

    noted_as = "chart"
    read_with = ("patient",)
    list_display = ("row", "patient", "created", "written")
    search_fields = ("patient__last_name", "patient__first_name")
    search_help_text = BY_PATIENT
    fields = ("patient", "written", "id", "created")
    readonly_fields = fields

    def patient_of(self, row: Chart) -> Any:
        """Its own id."""
        return row.pk

    @admin.display(description=_("chart"))
    def row(self, obj: Chart) -> str:
        """By its id."""
        return str(obj)

    @admin.display(description=_("written"), ordering="written_at")
    def written(self, obj: Chart) -> str:
        """When somebody last wrote in it."""
        return in_utc(obj.written_at)


@admin.register(MedicalRecord)
class MedicalRecordAdmin(MetadataAdmin):
    """That there is one of a visit, whose doctor wrote it, and whether he has signed it."""

    noted_as = "record"
    read_with = ("appointment__site", "chart__patient", "doctor__user")
    list_display = ("visit", "patient", "doctor", "written", "is_signed")
    list_filter = (Signed,)
    search_fields = ("=appointment__reference", "chart__patient__last_name", "chart__patient__first_name")
    search_help_text = _("The appointment's reference, or the patient's name")
    fields = ("visit", "reference", "patient", "doctor", "written", "signed", "id")
    readonly_fields = fields

    def patient_of(self, row: MedicalRecord) -> Any:
        """The chart's id."""
        return row.chart_id

    @admin.display(description=_("appointment"), ordering="appointment__starts_at")
    def visit(self, obj: MedicalRecord) -> str:
        """When it was, on the clock of its site."""
        return when.full(obj.appointment.starts_at, obj.appointment.site.zone)

    @admin.display(description=_("reference"))
    def reference(self, obj: MedicalRecord) -> str:
        """The appointment's."""
        return obj.appointment.reference

    @admin.display(description=_("patient"), ordering="chart__patient__last_name")
    def patient(self, obj: MedicalRecord) -> str:
        """Whose."""
        return str(obj.chart.patient)

    @admin.display(description=_("written"), ordering="written_at")
    def written(self, obj: MedicalRecord) -> str:
        """When it was last written."""
        return in_utc(obj.written_at)

    @admin.display(description=_("signed"), boolean=True)
    def is_signed(self, obj: MedicalRecord) -> bool:
        """Whether its doctor has signed it."""
        return obj.signed_at is not None

    @admin.display(description=_("signed"))
    def signed(self, obj: MedicalRecord) -> str:
        """When."""
        return in_utc(obj.signed_at)


class BesideRecordAdmin(MetadataAdmin):
    """What belongs to a record."""

    read_with = ("record__appointment__site", "record__chart__patient", "record__doctor__user")
    search_fields = ("=record__appointment__reference", "record__chart__patient__last_name")
    search_help_text = _("The appointment's reference, or the patient's last name")

    def patient_of(self, row: Any) -> Any:
        """The chart's id."""
        return row.record.chart_id

    @admin.display(description=_("appointment"), ordering="record__appointment__starts_at")
    def visit(self, obj: Any) -> str:
        """When it was."""
        return when.full(obj.record.appointment.starts_at, obj.record.appointment.site.zone)

    @admin.display(description=_("patient"), ordering="record__chart__patient__last_name")
    def patient(self, obj: Any) -> str:
        """Whose."""
        return str(obj.record.chart.patient)

    @admin.display(description=_("doctor"))
    def doctor(self, obj: Any) -> str:
        """Whose record it is beside."""
        return str(obj.record.doctor)


@admin.register(Attachment)
class AttachmentAdmin(BesideRecordAdmin):
    """That there is a file, of what kind and size. Its name may tell about health, and is not here."""

    noted_as = "attachment"
    list_display = ("visit", "patient", "doctor", "created", "kind", "bytes")
    list_filter = ("kind",)
    fields = ("visit", "patient", "doctor", "kind", "bytes", "created", "id")
    readonly_fields = fields

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, obj: Attachment) -> str:
        """In words."""
        return filesizeformat(obj.size)


@admin.register(AmendmentRequest)
class AmendmentRequestAdmin(BesideRecordAdmin):
    """That a patient asked for something to be put right, and whether the doctor has answered."""

    noted_as = "amendment_request"
    list_display = ("visit", "patient", "doctor", "created", "is_answered")
    list_filter = (Answered,)
    fields = ("visit", "patient", "doctor", "created", "answered", "id")
    readonly_fields = fields

    @admin.display(description=_("answered"), boolean=True)
    def is_answered(self, obj: AmendmentRequest) -> bool:
        """Whether it waits no more."""
        return obj.answered_at is not None

    @admin.display(description=_("answered"))
    def answered(self, obj: AmendmentRequest) -> str:
        """When."""
        return in_utc(obj.answered_at)


@admin.register(ChartUserObjectPermission)
class GrantAdmin(MetadataAdmin):
    """Who may read whose chart, as appointments say. ``check_grants`` compares the two, and repairs."""

    read_with = ("content_object__patient", "user")
    ordering: ClassVar[Any] = ("-id",)
    list_display = ("row", "patient", "reader")
    search_fields = ("content_object__patient__last_name", "user__last_name", "=user__email")
    search_help_text = _("Last name of the patient or of whoever may read; the reader's e-mail address")
    fields = ("patient", "reader", "id")
    readonly_fields = fields

    @admin.display(description=_("grant"))
    def row(self, obj: ChartUserObjectPermission) -> str:
        """By its number."""
        return str(obj)

    @admin.display(description=_("patient"), ordering="content_object__patient__last_name")
    def patient(self, obj: ChartUserObjectPermission) -> str:
        """Whose chart."""
        return str(obj.content_object.patient)

    @admin.display(description=_("may read"), ordering="user__last_name")
    def reader(self, obj: ChartUserObjectPermission) -> str:
        """Who."""
        return str(obj.user)
