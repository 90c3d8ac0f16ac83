"""Free times: what is asked and what is answered."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from clinic.api.serializers import choices
from clinic.api.serializers.fields import MomentField, SiteTime, Wanted
from clinic.slots import Slot, SlotTaken, Span

DEFAULT_DAYS, MOST_DAYS = 7, 31
DEFAULT_LIMIT, MOST = 50, 500
WHOSE = ("doctor", "specialty", "department", "site")
STATUSES = ("free", "booked", "held", "off")


class SlotSerializer(serializers.Serializer[Slot]):
    """A start in a doctor's calendar."""

    doctor = serializers.UUIDField(source="doctor.pk")
    doctor_name = serializers.SerializerMethodField()
    site = serializers.UUIDField(source="site.pk")
    site_name = serializers.CharField(source="site.name")
    starts_at = SiteTime(help_text=gettext_lazy("On the site's clock."))
    ends_at = SiteTime(help_text=gettext_lazy("On the site's clock; the next visit may begin then."))
    visit_type = serializers.UUIDField(source="visit_type.pk", allow_null=True, default=None)
    status = serializers.ChoiceField(choices=STATUSES)

    def get_doctor_name(self, slot: Slot) -> str:
        """As it is printed everywhere."""
        return str(slot.doctor)


class SlotsSerializer(serializers.Serializer[Any]):
    """Slots, earliest first, in the frame of all lists; it has one page."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = SlotSerializer(many=True)


class AlternativesSerializer(serializers.Serializer[SlotTaken]):
    """What is free near a time that is taken."""

    alternatives = SlotSerializer(many=True, help_text=gettext_lazy("The three nearest times that are free."))


class OpeningsQuery(serializers.Serializer[Any]):
    """Whose free times are wanted, for what, and when."""

    doctor = Wanted(choices.doctors, required=False, help_text=gettext_lazy("A doctor's id."))
    specialty = Wanted(choices.specialties, required=False, help_text=gettext_lazy("A specialty's id."))
    department = Wanted(choices.departments, required=False, help_text=gettext_lazy("A department's id."))
    site = Wanted(choices.sites, required=False, help_text=gettext_lazy("A site's id."))
    visit_type = Wanted(
        choices.visit_types,
        required=False,
        help_text=gettext_lazy("A visit type's id: doctors who offer it, and times that are long enough."),
    )

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=DEFAULT_LIMIT)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Those above and ``from`` and ``to``, which no attribute of a class can be called."""
        return super().get_fields() | {
            "from": MomentField(
                required=False,
                help_text=gettext_lazy("A day, or an instant with its offset; now, if it is not given."),
            ),
            "to": MomentField(required=False, help_text=gettext_lazy("A day or an instant, as `from`; not included.")),
        }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A parameter without a value is one that is not given."""
        given: dict[str, Any] = super().to_internal_value({name: value for name, value in data.items() if value})
        return given

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """At least one of whom to look at; ``from`` and ``to`` both days or both instants, in this order."""
        if not any(name in attrs for name in WHOSE):
            raise serializers.ValidationError(
                _("Say whose times you want: doctor, specialty, department or site."), code="whose"
            )
        start, end = attrs.get("from"), attrs.get("to")
        if start and end and isinstance(start, datetime) != isinstance(end, datetime):
            raise serializers.ValidationError({"to": _("Give two days or two instants.")}, code="mixed")
        if end and self.length(start or self.context["now"], end) <= timedelta():
            raise serializers.ValidationError({"to": _("The end must lie after the start.")}, code="bad_span")
        return attrs

    @staticmethod
    def length(start: date | datetime, end: date | datetime) -> timedelta:
        """How long the span is, with days as UTC has them."""
        first, last = Span(start, end).at(ZoneInfo("UTC"))
        return last - first


class SlotsQuery(OpeningsQuery):
    """... and for staff what is not free."""

    status = serializers.ChoiceField(
        choices=("free", "all"), default="free", help_text=gettext_lazy("`all` is for staff.")
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """At most 31 days, and seven unless more are asked for."""
        attrs = super().validate(attrs)
        start = attrs.get("from") or self.context["now"]
        end = attrs.get("to") or start + timedelta(days=DEFAULT_DAYS)
        if self.length(start, end) > timedelta(days=MOST_DAYS):
            raise serializers.ValidationError(
                {"to": _("Ask for at most %(days)d days at once.") % {"days": MOST_DAYS}}, code="too_long"
            )
        return attrs | {"span": Span(start, end)}
