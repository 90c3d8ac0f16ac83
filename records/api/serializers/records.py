"""Medical records: what is answered, and what their doctor writes."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.strict import Text, Truth
from clinic import when
from clinic.api.serializers.fields import Reference
from clinic.models import Appointment
from records import charting
from records.api.serializers.charts import ClinicalText
from records.models import AmendmentRequest, MedicalRecord
from records.models.texts import LONGEST


def _visits(user: Any) -> Any:
    return Appointment.objects.visible_to(user).select_related("doctor__user")


class MedicalRecordSerializer(serializers.Serializer[Any]):
    """What a doctor wrote about one visit."""

    id = serializers.UUIDField()
    appointment = serializers.UUIDField(source="appointment_id")
    patient = serializers.UUIDField(source="chart_id")
    patient_name = serializers.CharField(source="chart.patient")
    doctor = serializers.UUIDField(source="doctor_id")
    doctor_name = serializers.CharField(source="doctor")
    visited_at = serializers.SerializerMethodField(help_text=_("The visit's start, on the site's clock."))
    diagnosis = serializers.CharField()
    prescription = serializers.CharField()
    notes = serializers.CharField()
    version = serializers.IntegerField(help_text=_("Rises with each change."))
    written_at = serializers.DateTimeField(help_text=_("When it was last written."))
    signed_at = serializers.DateTimeField(allow_null=True, help_text=_("Until it is signed it is a draft."))

    def get_visited_at(self, record: MedicalRecord) -> str:
        """ISO 8601 with the site's offset."""
        return when.local(record.appointment.starts_at, record.appointment.site.zone).isoformat()


class RecordTextsSerializer(serializers.Serializer[Any]):
    """What a doctor writes."""

    diagnosis = ClinicalText()
    prescription = ClinicalText()
    notes = ClinicalText()


class NewRecordSerializer(RecordTextsSerializer):
    """Of which visit, and what."""

    appointment = Reference(_visits, help_text=_("One of your own visits, that has begun."))

    def create(self, told: dict[str, Any]) -> MedicalRecord:
        """:func:`records.charting.write`."""
        return charting.write(told.pop("appointment"), by=self.context["by"], now=self.context["now"], **told)


class RecordChangeSerializer(RecordTextsSerializer):
    """What shall be otherwise; of a signed record also why."""

    reason = ClinicalText(max_length=LONGEST, help_text=_("Why a signed record is amended."))

    def update(self, record: MedicalRecord, told: dict[str, Any]) -> MedicalRecord:
        """:func:`records.charting.change`."""
        context = self.context
        return charting.change(record, by=context["by"], now=context["now"], version=context["version"], **told)


class SignatureSerializer(serializers.Serializer[Any]):
    """Nothing is asked."""

    def update(self, record: MedicalRecord, _told: dict[str, Any]) -> MedicalRecord:
        """:func:`records.charting.sign`."""
        context = self.context
        return charting.sign(record, by=context["by"], now=context["now"], version=context["version"])


class RevisionSerializer(serializers.Serializer[Any]):
    """What a record said before."""

    version = serializers.IntegerField()
    diagnosis = serializers.CharField()
    prescription = serializers.CharField()
    notes = serializers.CharField()
    written_at = serializers.DateTimeField()
    replaced_at = serializers.DateTimeField(source="created_at")
    reason = serializers.CharField(help_text=_("Why it was changed."))
    was_signed = serializers.BooleanField()


class AmendmentSerializer(serializers.Serializer[Any]):
    """What a patient asked to be put right, and what the doctor said."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    asked_at = serializers.DateTimeField(source="created_at")
    answer = serializers.CharField(help_text=_("`amended`, `declined`, or empty while it waits."))
    explanation = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class AskSerializer(serializers.Serializer[Any]):
    """What should be put right."""

    text = Text(max_length=LONGEST)

    def create(self, told: dict[str, Any]) -> AmendmentRequest:
        """:func:`records.charting.ask_to_amend`."""
        context = self.context
        return charting.ask_to_amend(context["record"], by=context["by"], now=context["now"], text=told["text"])


class AnswerSerializer(RecordTextsSerializer):
    """The doctor's answer; with ``amend`` also what the record shall say."""

    amend = Truth()
    explanation = Text(max_length=LONGEST, help_text=_("What the patient is told."))

    def update(self, asked: Any, told: dict[str, Any]) -> Any:
        """:func:`records.charting.answer`."""
        return charting.answer(asked, by=self.context["by"], now=self.context["now"], **told)
