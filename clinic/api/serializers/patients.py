"""Patients: what is answered, and what the desk and they themselves may set."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import SkipField

from accounts import desk
from accounts.api.serializers import PatientDetails
from accounts.api.strict import Email
from accounts.models import Patient
from accounts.models.patient import ReminderChannel
from clinic import patients


class InsuranceNumberField(serializers.CharField):
    """Left out for those who may not read it, and in every list."""

    def get_attribute(self, instance: Patient) -> Any:
        """The number, of one patient, for who may read it."""
        is_one_of_many = isinstance(getattr(self.parent, "parent", None), serializers.ListSerializer)
        if is_one_of_many or not patients.may_read_insurance_number(instance, self.context["request"].user):
            raise SkipField
        return super().get_attribute(instance)


class PatientSerializer(serializers.Serializer[Patient]):
    """A patient as the caller may see her."""

    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    date_of_birth = serializers.DateField(allow_null=True)
    phone = serializers.CharField(help_text=_("In international notation; empty if there is none."))
    email = serializers.CharField(help_text=_("Where she is written to; empty if it is not known."))
    insurance_provider = serializers.CharField()
    insurance_number = InsuranceNumberField(
        required=False, help_text=_("Of one patient, for staff and the patient herself; in no list.")
    )
    emergency_contact = serializers.CharField()
    reminder_channel = serializers.ChoiceField(choices=ReminderChannel.choices)
    has_account = serializers.SerializerMethodField(help_text=_("Whether she signs in herself."))

    def get_has_account(self, patient: Patient) -> bool:
        """Not whose."""
        return patient.user_id is not None


class OwnFileSerializer(PatientDetails):
    """What a patient sets of her own file; her address is that of her account."""

    def update(self, patient: Patient, told: dict[str, Any]) -> Patient:
        """:func:`clinic.patients.correct`."""
        return patients.correct(patient, by=self.context["by"], now=self.context["now"], **told)


class FileSerializer(OwnFileSerializer):
    """What the desk writes down."""

    email = Email(required=False, allow_blank=True)

    def create(self, told: dict[str, Any]) -> Patient:
        """:func:`accounts.desk.register`."""
        return desk.register(by=self.context["by"], now=self.context["now"], **told)
