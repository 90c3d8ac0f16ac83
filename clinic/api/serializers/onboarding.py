"""Doctors as administrators enter and change them, and as they describe themselves."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import PersonDetails
from accounts.api.strict import Day, Email, Text
from accounts.models import User
from accounts.registration import one_line
from clinic import doctors
from clinic.api.serializers import choices
from clinic.api.serializers.fields import Id
from clinic.models import Availability, Doctor

MOST = 100
"""Of what a list names."""
LONGEST_BIO = 5000


class References(serializers.ListField):
    """Ids of rows that the caller may see; ``of`` is as for :class:`~clinic.api.serializers.fields.Reference`."""

    default_error_messages = {"does_not_exist": _("Nothing with the id {id}.")}

    def __init__(self, of: Callable[[User | AnonymousUser], QuerySet[Any]], **options: Any) -> None:
        self.of = of
        super().__init__(child=Id(), max_length=MOST, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        """The rows, by one query for all."""
        ids = super().to_internal_value(data)
        found = {row.pk: row for row in self.of(self.context["request"].user).filter(pk__in=ids)}
        for missing in set(ids) - set(found):
            self.fail("does_not_exist", id=missing)
        return list(found.values())


class DescriptionSerializer(serializers.Serializer[Doctor]):
    """What a doctor says of himself."""

    title = Text(max_length=50, allow_blank=True, required=False, validators=[one_line])
    bio = Text(max_length=LONGEST_BIO, allow_blank=True, required=False)
    languages = serializers.ListField(
        child=Text(max_length=50, validators=[one_line]), max_length=MOST, required=False, help_text=_('`["German"]`')
    )
    status = serializers.ChoiceField(
        choices=Availability.choices, required=False, help_text=_("`occupied` takes no new bookings from patients.")
    )

    def update(self, doctor: Doctor, told: dict[str, Any]) -> Doctor:
        """:func:`clinic.doctors.describe`."""
        return doctors.describe(doctor, by=self.context["by"], **told)


class ProfileSerializer(DescriptionSerializer, PersonDetails):
    """What an administrator says of a doctor."""

    license_number = Text(max_length=50, allow_blank=True, allow_null=True, required=False, validators=[one_line])
    practising_since = Day(allow_null=True, required=False)
    consultation_fee = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=Decimal(0), allow_null=True, required=False
    )
    departments = References(choices.any_departments, required=False, help_text=_("Ids."))
    specialties = References(choices.specialties, required=False, help_text=_("Ids."))
    visit_types = References(choices.visit_types, required=False, help_text=_("Ids."))

    def update(self, doctor: Doctor, told: dict[str, Any]) -> Doctor:
        """:func:`clinic.doctors.correct`."""
        return doctors.correct(doctor, by=self.context["by"], now=self.context["now"], **told)


class OnboardingSerializer(ProfileSerializer):
    """A new doctor."""

    email = Email(help_text=_("An invitation is mailed to it: a link by which to set a password."))

    def create(self, told: dict[str, Any]) -> Doctor:
        """:func:`clinic.doctors.onboard`."""
        return doctors.onboard(by=self.context["by"], now=self.context["now"], **told)
