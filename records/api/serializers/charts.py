"""Charts, who saw them, and opening one in an emergency."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.strict import Text
from accounts.models import Role
from records import charting
from records.models import BloodType, Chart
from records.models.texts import LONGEST


class ClinicalText(Text):
    """Text about somebody's health, as it was typed."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {"required": False, "allow_blank": True, "trim_whitespace": False}
        super().__init__(**usual | {"max_length": LONGEST} | options)


class ChartSerializer(serializers.Serializer[Chart]):
    """What is known of a patient beyond single visits."""

    patient = serializers.UUIDField(source="patient_id")
    patient_name = serializers.CharField(source="patient")
    blood_type = serializers.CharField(help_text=_("One of %s, or empty.") % ", ".join(BloodType.values))
    allergies = serializers.CharField()
    medical_history = serializers.CharField()
    version = serializers.IntegerField(help_text=_("Rises with each change."))
    written_at = serializers.DateTimeField(allow_null=True)


class ChartChangeSerializer(serializers.Serializer[Chart]):
    """What of it shall be otherwise."""

    blood_type = ClinicalText(max_length=3)
    allergies = ClinicalText()
    medical_history = ClinicalText()

    def update(self, chart: Chart, told: dict[str, Any]) -> Chart:
        """:func:`records.charting.update_chart`."""
        context = self.context
        return charting.update_chart(chart, by=context["by"], now=context["now"], version=context["version"], **told)


class ChartRevisionSerializer(serializers.Serializer[Any]):
    """What it said before."""

    version = serializers.IntegerField()
    blood_type = serializers.CharField()
    allergies = serializers.CharField()
    medical_history = serializers.CharField()
    written_by_name = serializers.CharField(source="written_by", allow_null=True)
    written_at = serializers.DateTimeField(allow_null=True)


class SeenSerializer(serializers.Serializer[Any]):
    """One thing that somebody did with a record."""

    at = serializers.DateTimeField()
    actor_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices, help_text=_("At the time."))
    action = serializers.CharField(help_text=_("In words."))
    reason = serializers.CharField(help_text=_("Why it was possible."))
    is_emergency = serializers.BooleanField()
