"""Time off and extra hours: what is answered, and what is taken."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import SkipField

from accounts.api.strict import Text, Truth, WholeNumber
from accounts.registration import one_line
from clinic import availability, when
from clinic.api.serializers import choices
from clinic.api.serializers.availability import Arranged, CalendarWriting, arrangeable
from clinic.api.serializers.fields import InstantField, Reference, SiteTime
from clinic.models import ExceptionKind, ScheduleException
from clinic.models.hours import LONGEST_SLOT, SHORTEST_SLOT


class OnSomeClock(SiteTime):
    """An instant on the site's clock; in UTC, if no site is named."""

    def get_attribute(self, instance: ScheduleException) -> Any:
        """The instant in that zone."""
        instant: datetime = getattr(instance, str(self.source))
        return when.local(instant, instance.site.zone) if instance.site else instant.astimezone(UTC)


class WhyField(serializers.CharField):
    """Left out for all but the doctor himself and staff."""

    def get_attribute(self, instance: ScheduleException) -> Any:
        """The text, for those who may read it."""
        if not instance.may_read_reason(self.context["request"].user):
            raise SkipField
        return super().get_attribute(instance)


class ExceptionSerializer(Arranged):
    """Time off or extra hours."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=ExceptionKind.choices)
    doctor = serializers.UUIDField(source="doctor_id", allow_null=True, help_text=_("Null: everybody at the site."))
    doctor_name = serializers.CharField(source="doctor", allow_null=True)
    site = serializers.UUIDField(source="site_id", allow_null=True, help_text=_("Null: at every site."))
    site_name = serializers.CharField(source="site.name", allow_null=True, default=None)
    starts_at = OnSomeClock(help_text=_("On the site's clock; in UTC if no site is named."))
    ends_at = OnSomeClock(help_text=_("On the site's clock; in UTC if no site is named."))
    slot_minutes = serializers.IntegerField(help_text=_("Of extra hours."))
    reason = WhyField(required=False, help_text=_("For that doctor and staff only."))


class ExceptionWritingSerializer(CalendarWriting):
    """Time off or extra hours."""

    doctor = Reference(
        arrangeable,
        required=False,
        allow_null=True,
        help_text=_("A doctor's id; your own, if you are one and leave it out. Null closes the site: administrators."),
    )
    kind = serializers.ChoiceField(choices=ExceptionKind.choices)
    site = Reference(
        choices.sites, required=False, allow_null=True, help_text=_("A site's id; extra hours need one. Null: all.")
    )
    starts_at = InstantField(help_text=_("With its offset."))
    ends_at = InstantField(help_text=_("With its offset."))
    slot_minutes = WholeNumber(
        min_value=SHORTEST_SLOT, max_value=LONGEST_SLOT, required=False, help_text=_("Of extra hours; 60 unless given.")
    )
    reason = Text(max_length=200, required=False, allow_blank=True, validators=[one_line])
    confirm = Truth(
        required=False, help_text=_("True: even if appointments lie in it; they are then listed to be moved.")
    )

    def create(self, told: dict[str, Any]) -> ScheduleException:
        """:func:`clinic.availability.set_exception`."""
        confirmed = told.pop("confirm", False)
        made = ScheduleException(**self.whose(told))
        written = self._set(made, confirmed=confirmed)
        self.is_new = written is made
        return written

    def update(self, exception: ScheduleException, told: dict[str, Any]) -> ScheduleException:
        """:func:`clinic.availability.set_exception`."""
        confirmed = told.pop("confirm", False)
        for name, value in told.items():
            setattr(exception, name, value)
        return self._set(exception, confirmed=confirmed)

    def _set(self, exception: ScheduleException, *, confirmed: bool) -> ScheduleException:
        by, now = self.context["by"], self.context["now"]
        return availability.set_exception(exception, by=by, now=now, confirmed=confirmed)
