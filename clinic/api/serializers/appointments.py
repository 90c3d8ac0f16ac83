"""Appointments: what is answered, and what each change takes."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import SkipField

from accounts import people
from accounts.api.strict import Text
from accounts.models import Patient, Role
from clinic import booking, patients
from clinic.api.serializers import choices
from clinic.api.serializers.fields import Id, InstantField, Reference, SiteTime
from clinic.booking.rules import hold_expired
from clinic.models import Appointment, Status

LONGEST_REASON = 1000
LONGEST_REMARK = 500
STATUSES = [choice for choice in Status.choices if choice[0] != Status.HELD]
"""A hold is nobody's appointment yet."""


class ReasonField(serializers.CharField):
    """Left out for all but the patient and the doctor of the appointment."""

    def get_attribute(self, instance: Appointment) -> Any:
        """The text, for those who may read it."""
        if not instance.may_read_reason(self.context["request"].user):
            raise SkipField
        return super().get_attribute(instance)


class ForTheClinic(serializers.Field[Any, Any, Any, Any]):
    """Left out for patients; mix it in before the field."""

    def get_attribute(self, instance: Any) -> Any:
        """The value, for doctors and staff."""
        if self.context["request"].user.role == Role.PATIENT:
            raise SkipField
        return super().get_attribute(instance)


class ClinicsFlag(ForTheClinic, serializers.BooleanField):
    """A yes or no that is the clinic's business."""


class ClinicsText(ForTheClinic, serializers.CharField):
    """A text that is the clinic's business."""


class AppointmentSerializer(serializers.Serializer[Appointment]):
    """An appointment as the caller may see it."""

    id = serializers.UUIDField()
    reference = serializers.CharField(help_text=_("Eight characters, to be said on the telephone."))
    doctor = serializers.UUIDField(source="doctor_id")
    doctor_name = serializers.CharField(source="doctor")
    patient = serializers.UUIDField(source="patient_id")
    patient_name = serializers.CharField(source="patient")
    site = serializers.UUIDField(source="site_id")
    site_name = serializers.CharField(source="site.name")
    visit_type = serializers.UUIDField(source="visit_type_id", allow_null=True)
    visit_type_name = serializers.CharField(source="visit_type.name", allow_null=True, default=None)
    starts_at = SiteTime(help_text=_("On the site's clock."))
    ends_at = SiteTime(help_text=_("On the site's clock."))
    status = serializers.ChoiceField(choices=STATUSES)
    cancellable_until = SiteTime(help_text=_("Until when the patient may cancel or move it here."))
    sequence = serializers.IntegerField(help_text=_("Rises with each move, for calendars."))
    updated_at = SiteTime(help_text=_("When it was last changed."))
    reason = ReasonField(required=False, help_text=_("Why the patient comes; for the patient and that doctor only."))
    cancel_reason = ReasonField(
        required=False, help_text=_("Why it was cancelled; for the patient and that doctor only.")
    )
    is_overbooked = ClinicsFlag(required=False, help_text=_("Booked over another visit; for doctors and staff only."))
    override_reason = ClinicsText(required=False, help_text=_("Why it was overbooked; for doctors and staff only."))


class PatientsChoice(serializers.Serializer[Appointment]):
    """Who is to be seen, and why."""

    patient = Reference(
        patients.visible_to,
        required=False,
        help_text=_("Doctors and staff name the patient. A patient books for himself; any other id is refused."),
    )
    reason = Text(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        max_length=LONGEST_REASON,
        help_text=_("Why the patient comes."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Doctors and staff say for whom they book."""
        if "patient" not in attrs and self.context["by"].role != Role.PATIENT:
            raise serializers.ValidationError({"patient": _("Say for whom you book.")}, code="required")
        return attrs

    def whom(self, validated_data: dict[str, Any]) -> Patient:
        """The one who was named, else who is signed in."""
        return validated_data.pop("patient", None) or people.become_patient(self.context["by"])


class BookingSerializer(PatientsChoice):
    """A free time to be booked."""

    doctor = Reference(choices.doctors)
    starts_at = InstantField(help_text=_("With its offset from UTC."))
    visit_type = Reference(
        choices.visit_types,
        required=False,
        allow_null=True,
        help_text=_("Without one, the visit is as long as the doctor's slot."),
    )
    override_reason = Text(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REMARK,
        help_text=_("Staff only: book over the doctor's hours and visits, and why."),
    )

    def create(self, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.book`."""
        patient = self.whom(validated_data)
        return booking.book(**validated_data, patient=patient, by=self.context["by"], now=self.context["now"])


class HoldBookingSerializer(PatientsChoice):
    """A time to be booked that is on hold."""

    hold = Id(help_text=_("The hold's id."))
    hold_key = Text(max_length=200)

    def create(self, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.book_hold`."""
        hold = self._hold(validated_data["hold"], validated_data["hold_key"])
        patient, reason = self.whom(validated_data), validated_data.get("reason", "")
        return booking.book_hold(hold, patient=patient, by=self.context["by"], now=self.context["now"], reason=reason)

    def _hold(self, pk: UUID, key: str) -> Appointment:
        """The hold, or the caller's appointment that it has become; one refusal for a wrong key and for no hold."""
        found = None
        if booking.is_hold_key(pk, key):
            found = booking.live_hold(pk, now=self.context["now"])
            found = found or Appointment.objects.visible_to(self.context["by"]).filter(pk=pk).first()
        if found is None:
            raise hold_expired()
        return found


class MoveSerializer(serializers.Serializer[Appointment]):
    """Where to move an appointment."""

    starts_at = InstantField(help_text=_("With its offset from UTC."))
    doctor = Reference(
        choices.doctors,
        required=False,
        help_text=_("Another doctor; the same unless given."),
    )

    def update(self, instance: Appointment, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.reschedule`."""
        context = self.context
        return booking.reschedule(
            instance, **validated_data, by=context["by"], now=context["now"], version=context["version"]
        )


class CancellationSerializer(serializers.Serializer[Appointment]):
    """Why an appointment is given up: patients may say, doctors and staff must."""

    reason = Text(required=False, allow_blank=True, max_length=LONGEST_REMARK)

    def update(self, instance: Appointment, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.cancel`."""
        context = self.context
        return booking.cancel(
            instance, **validated_data, by=context["by"], now=context["now"], version=context["version"]
        )
