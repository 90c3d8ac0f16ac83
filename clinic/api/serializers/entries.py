"""The directory's entries, as administrators write them."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.strict import Phone, Text, Truth, WholeNumber
from accounts.registration import one_line
from clinic import organisation
from clinic.models import Department, Mode, Site, Specialty, VisitType

LONGEST_TEXT = 5000
LONGEST_ADDRESS = 500


class EntryWriting(serializers.Serializer[Any]):
    """What every entry has."""

    model: ClassVar[type[models.Model]]

    name = Text(max_length=100, validators=[one_line], help_text=_("No two have the same."))

    def create(self, told: dict[str, Any]) -> Any:
        """:func:`clinic.organisation.set_entry`."""
        entry: Any = self.model(**told)
        return organisation.set_entry(entry, by=self.context["by"], now=self.context["now"])

    def update(self, entry: Any, told: dict[str, Any]) -> Any:
        """:func:`clinic.organisation.change_entry`."""
        return organisation.change_entry(entry, by=self.context["by"], now=self.context["now"], **told)


class DepartmentWritingSerializer(EntryWriting):
    """A department."""

    model = Department

    description = Text(max_length=LONGEST_TEXT, allow_blank=True, required=False)
    is_active = Truth(required=False, help_text=_("Whether it is open: one that is not is shown to nobody else."))


class SiteWritingSerializer(EntryWriting):
    """A site."""

    model = Site

    address = Text(max_length=LONGEST_ADDRESS, allow_blank=True, required=False)
    time_zone = Text(
        max_length=64,
        required=False,
        help_text=_("A name of the IANA time zone database. A new one moves the hours of all who work there."),
    )
    phone = Phone(allow_blank=True, required=False)


class SpecialtyWritingSerializer(EntryWriting):
    """A specialty."""

    model = Specialty


class VisitTypeWritingSerializer(EntryWriting):
    """A visit type."""

    model = VisitType

    minutes = WholeNumber(min_value=5, max_value=480, help_text=_("Visits that are booked already keep theirs."))
    buffer_before = WholeNumber(min_value=0, max_value=120, required=False, help_text=_("Minutes kept free before."))
    buffer_after = WholeNumber(min_value=0, max_value=120, required=False, help_text=_("Minutes kept free after."))
    online_bookable = Truth(required=False, help_text=_("Whether patients may book it themselves."))
    mode = serializers.ChoiceField(choices=Mode.choices, required=False)
    instructions = Text(max_length=LONGEST_TEXT, allow_blank=True, required=False)
