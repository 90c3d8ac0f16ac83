"""Weekly hours: what is answered, and what is taken; and what they have in common with exceptions."""

import re
from datetime import time
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import staffing
from accounts.api.strict import Day, WholeNumber
from accounts.models import User
from clinic import availability, doctors
from clinic.api.serializers import choices
from clinic.api.serializers.fields import Reference, SiteTime
from clinic.api.serializers.slots import SlotSerializer
from clinic.displacement import AppointmentsInTheWay, Hit
from clinic.models import Doctor, WeeklyHours
from clinic.models.hours import LONGEST_SLOT, SHORTEST_SLOT, Weekday

CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")
CLOCK_SHOWN = "%H:%M"
WHOSE = _("A doctor's id; your own, if you are one and leave it out.")


# Not JSON Schema's format "time", which wants seconds and an offset (RFC 3339).
@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"})
class Clock(serializers.TimeField):
    """A time on a clock, HH:MM; seconds only if they are none."""

    default_error_messages = {"invalid": _("Enter a time as HH:MM.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(format=CLOCK_SHOWN, **options)

    def to_internal_value(self, value: Any) -> time:
        """The time."""
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            self.fail("invalid", format="HH:MM")
        return time.fromisoformat(value)


class ToBeMovedSerializer(serializers.Serializer[Any]):
    """A visit (an Appointment) that lost its place."""

    id = serializers.UUIDField(help_text=_("Of the appointment."))
    reference = serializers.CharField()
    starts_at = SiteTime(help_text=_("On the site's clock."))
    ends_at = SiteTime(help_text=_("On the site's clock."))


class HitSerializer(ToBeMovedSerializer):
    """A visit that would lose its place."""

    alternatives = SlotSerializer(
        many=True, help_text=_("Free times near it: the same doctor's, or a colleague's; three at most.")
    )

    def to_representation(self, instance: Any) -> Any:
        """Of a :class:`clinic.displacement.Hit`."""
        hit: Hit = instance
        free: Any = hit.alternatives
        return {**ToBeMovedSerializer(hit.appointment).data, "alternatives": SlotSerializer(free, many=True).data}


class InTheWaySerializer(serializers.Serializer[AppointmentsInTheWay]):
    """What stands in the way of time off."""

    appointments = HitSerializer(source="hits", many=True, help_text=_("With `appointments_in_the_way`: which."))


class Arranged(serializers.Serializer[Any]):
    """A row of a calendar; after a change, with the visits that have to be moved."""

    to_be_moved = ToBeMovedSerializer(
        many=True,
        required=False,
        help_text=_("After a change only: the visits of these calendars that have to be moved now. They stay booked."),
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The row; after a change with the visits that the view has found."""
        self.fields.pop("to_be_moved", None)
        told: dict[str, Any] = super().to_representation(instance)
        if "to_be_moved" in self.context:
            told["to_be_moved"] = ToBeMovedSerializer(self.context["to_be_moved"], many=True).data
        return told


class HoursSerializer(Arranged):
    """Weekly hours, and how they divide into slots."""

    id = serializers.UUIDField()
    doctor = serializers.UUIDField(source="doctor_id")
    doctor_name = serializers.CharField(source="doctor")
    site = serializers.UUIDField(source="site_id")
    site_name = serializers.CharField(source="site.name")
    weekday = serializers.IntegerField(help_text=_("0 is Monday."))
    starts = Clock(help_text=_("On the site's clock."))
    ends = Clock(help_text=_("On the site's clock; before the start: on the next day."))
    slot_minutes = serializers.IntegerField()
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True, help_text=_("The last day."))
    slots = serializers.SerializerMethodField(help_text=_("The starts of the slots, on the site's clock."))
    unused_minutes = serializers.SerializerMethodField(help_text=_("What is left over after the last slot."))

    def get_slots(self, hours: WeeklyHours) -> list[str]:
        """Each as HH:MM."""
        return [f"{start:{CLOCK_SHOWN}}" for start in availability.laid_out(hours).slots]

    def get_unused_minutes(self, hours: WeeklyHours) -> int:
        """By the clock."""
        return availability.laid_out(hours).unused_minutes


def arrangeable(by: User | AnonymousUser) -> QuerySet[Doctor]:
    """Whose calendars one may name: whether one may change them, the verb knows."""
    return doctors.visible_to(by)


class CalendarWriting(serializers.Serializer[Any]):
    """What hours and exceptions have in common. ``is_new`` tells afterwards whether anything was made."""

    is_new = False

    doctor = Reference(arrangeable, required=False, help_text=WHOSE)

    def whose(self, told: dict[str, Any]) -> dict[str, Any]:
        """``told``, with the caller himself as the doctor unless he names one, or is an administrator."""
        by: User = self.context["by"]
        if "doctor" in told or staffing.is_administrator(by):
            return told
        own = doctors.visible_to(by).filter(user=by).first()
        if own is None:
            raise PermissionDenied
        return told | {"doctor": own}


class HoursWritingSerializer(CalendarWriting):
    """Weekly hours."""

    site = Reference(choices.sites, help_text=_("A site's id."))
    weekday = WholeNumber(min_value=0, max_value=max(Weekday.values), help_text=_("0 is Monday."))
    starts = Clock(help_text=_("HH:MM on the site's clock."))
    ends = Clock(help_text=_("HH:MM on the site's clock; before the start: on the next day."))
    slot_minutes = WholeNumber(
        min_value=SHORTEST_SLOT, max_value=LONGEST_SLOT, required=False, help_text=_("60 unless given.")
    )
    valid_from = Day(allow_null=True, required=False)
    valid_until = Day(allow_null=True, required=False, help_text=_("The last day."))

    def create(self, told: dict[str, Any]) -> WeeklyHours:
        """:func:`clinic.availability.set_hours`."""
        made = WeeklyHours(**self.whose(told))
        if not made.doctor_id:
            raise serializers.ValidationError({"doctor": _("Say whose hours these are.")}, code="required")
        written = availability.set_hours(made, by=self.context["by"], now=self.context["now"])
        self.is_new = written is made
        return written

    def update(self, hours: WeeklyHours, told: dict[str, Any]) -> WeeklyHours:
        """:func:`clinic.availability.set_hours`."""
        for name, value in told.items():
            setattr(hours, name, value)
        return availability.set_hours(hours, by=self.context["by"], now=self.context["now"])
