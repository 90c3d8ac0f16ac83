"""What is said of people, as every endpoint about them takes it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.strict import Day, Phone, Text
from accounts.models.patient import ReminderChannel
from accounts.registration import one_line


class PersonDetails(serializers.Serializer[Any]):
    """Whom somebody is and how to reach him."""

    first_name = Text(max_length=100, validators=[one_line])
    last_name = Text(max_length=100, validators=[one_line])
    phone = Phone(
        required=False, allow_blank=True, help_text=_("With its country's code, or as it is dialled at home.")
    )


class PatientDetails(PersonDetails):
    """... and what the clinic needs to know of a patient."""

    date_of_birth = Day(required=False, allow_null=True)
    insurance_provider = Text(max_length=100, required=False, allow_blank=True, validators=[one_line])
    insurance_number = Text(
        max_length=100, required=False, allow_blank=True, validators=[one_line], help_text=_("Kept encrypted.")
    )
    emergency_contact = Text(max_length=200, required=False, allow_blank=True, validators=[one_line])
    reminder_channel = serializers.ChoiceField(choices=ReminderChannel.choices, required=False)
