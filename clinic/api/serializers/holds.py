"""Holds: times that are kept for a few minutes."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.strict import Text
from clinic import booking
from clinic.api.serializers import choices
from clinic.api.serializers.fields import InstantField, Reference, SiteTime
from clinic.models import Appointment


class HoldSerializer(serializers.Serializer[Appointment]):
    """A time that is kept, and until when."""

    id = serializers.UUIDField()
    doctor = serializers.UUIDField(source="doctor_id")
    doctor_name = serializers.CharField(source="doctor")
    site = serializers.UUIDField(source="site_id")
    site_name = serializers.CharField(source="site.name")
    visit_type = serializers.UUIDField(source="visit_type_id", allow_null=True)
    visit_type_name = serializers.CharField(source="visit_type.name", allow_null=True, default=None)
    starts_at = SiteTime(help_text=_("On the site's clock."))
    ends_at = SiteTime(help_text=_("On the site's clock."))
    expires_at = SiteTime(source="hold_expires_at", help_text=_("Then the time is free again."))


class NewHoldSerializer(HoldSerializer):
    """... with its key, which is told once."""

    hold_key = serializers.SerializerMethodField(help_text=_("Books, extends and releases the hold. Keep it secret."))

    def get_hold_key(self, hold: Appointment) -> str:
        """The key."""
        return booking.hold_key(hold.pk)


class HoldRequestSerializer(serializers.Serializer[Appointment]):
    """Which time to keep."""

    doctor = Reference(choices.doctors)
    starts_at = InstantField(help_text=_("With its offset from UTC."))
    visit_type = Reference(
        choices.visit_types,
        required=False,
        allow_null=True,
        help_text=_("Without one, the visit is as long as the doctor's slot."),
    )

    def create(self, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.hold`."""
        context = self.context
        return booking.hold(**validated_data, visitor=context["visitor"], by=context["by"], now=context["now"])


class HoldKeySerializer(serializers.Serializer[Any]):
    """The key of a hold."""

    hold_key = Text(max_length=200)


class ExtensionSerializer(HoldKeySerializer):
    """A little more time."""

    def update(self, instance: Appointment, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.extend`."""
        return booking.extend(instance, now=self.context["now"])
