"""The steps of a visit, and its history."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.strict import Text
from accounts.models import Role
from clinic import booking, when
from clinic.api.serializers.appointments import LONGEST_REMARK, STATUSES
from clinic.api.serializers.fields import SiteTime
from clinic.history import ACTIONS, Deed
from clinic.models import Appointment, Status


class StatusField(serializers.ChoiceField):
    """A status, in whatever case."""

    def to_internal_value(self, data: Any) -> Status:
        """The status; ``No-Show`` is ``no_show``."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return Status(super().to_internal_value(data.strip().lower().replace("-", "_").replace(" ", "_")))


class StatusSerializer(serializers.Serializer[Appointment]):
    """What an appointment is to become."""

    status = StatusField(
        choices=STATUSES,
        help_text=_("Any letter case. No step leads back to `scheduled`: take the last one back with undo/."),
    )
    reason = Text(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REMARK,
        help_text=_("Why it is cancelled: doctors and staff must say. Means nothing with another status."),
    )

    def update(self, instance: Appointment, validated_data: dict[str, Any]) -> Appointment:
        """:func:`clinic.booking.become`."""
        context = self.context
        return booking.become(
            instance, **validated_data, by=context["by"], now=context["now"], version=context["version"]
        )


class DeedSerializer(serializers.Serializer[Deed]):
    """One change of an appointment."""

    at = SiteTime(help_text=_("On the site's clock."))
    actor_name = serializers.CharField(
        help_text=_("Who did it. Patients are told doctors' names, and of the desk that it was the desk.")
    )
    role = serializers.ChoiceField(
        choices=Role.choices, allow_null=True, help_text=_("The role at the time; null for a link in a message.")
    )
    action = serializers.ChoiceField(choices=list(ACTIONS.items()))
    changes = serializers.SerializerMethodField(
        help_text=_("By field, what it was and what it became: `status`, `doctor` (an id), `starts_at`.")
    )

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "array", "items": {}}})
    def get_changes(self, deed: Deed) -> dict[str, list[Any]]:
        """Instants as everywhere else."""
        zone = deed.site.zone
        return {
            field: [when.local(value, zone).isoformat() if isinstance(value, datetime) else value for value in pair]
            for field, pair in deed.changes.items()
        }
