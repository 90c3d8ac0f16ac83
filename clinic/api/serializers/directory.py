"""The directory: what everybody may know of the clinic and its doctors."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import SkipField

from accounts import staffing
from clinic.models import Department, Doctor, Site, Specialty, VisitType

OFFICES = _("For administrators and the doctor himself only.")


class DepartmentSerializer(serializers.ModelSerializer[Department]):
    """A part of the organisation."""

    class Meta:
        model = Department
        fields = ("id", "name", "description", "is_active")


class SiteSerializer(serializers.ModelSerializer[Site]):
    """A place where patients are seen."""

    phone = serializers.CharField(help_text=_("In international notation; empty if there is none."))
    time_zone = serializers.CharField(help_text=_("Its clock: a name of the IANA time zone database."))

    class Meta:
        model = Site
        fields = ("id", "name", "address", "time_zone", "phone")


class SpecialtySerializer(serializers.ModelSerializer[Specialty]):
    """What a doctor is trained in."""

    class Meta:
        model = Specialty
        fields = ("id", "name")


class VisitTypeSerializer(serializers.ModelSerializer[VisitType]):
    """A kind of visit."""

    class Meta:
        model = VisitType
        fields = ("id", "name", "minutes", "buffer_before", "buffer_after", "mode", "online_bookable", "instructions")


class NamedSerializer(serializers.Serializer[Any]):
    """The id of something and what it is called."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ForTheOffice(serializers.Field[Any, Any, Any, Any]):
    """Left out for all but administrators and the doctor himself; mix it in before the field."""

    def get_attribute(self, instance: Doctor) -> Any:
        """The value, for those whom it concerns."""
        viewer = self.context["request"].user
        if instance.user_id != viewer.pk and not staffing.is_administrator(viewer):
            raise SkipField
        return super().get_attribute(instance)


class OfficesText(ForTheOffice, serializers.CharField):
    """A text that is the office's business."""


class OfficesDay(ForTheOffice, serializers.DateField):
    """A day that is the office's business."""


class OfficesFlag(ForTheOffice, serializers.BooleanField):
    """A yes or no that is the office's business."""


class DoctorSerializer(serializers.ModelSerializer[Doctor]):
    """A doctor as the public knows him."""

    doctor_name = serializers.SerializerMethodField(help_text=_("Title and name."))
    first_name = serializers.CharField(source="user.first_name")
    last_name = serializers.CharField(source="user.last_name")
    specialties = NamedSerializer(many=True)
    departments = NamedSerializer(many=True)
    sites = serializers.SerializerMethodField(help_text=_("Where he has hours."))
    visit_types = NamedSerializer(many=True, help_text=_("What may be booked with him."))
    languages = serializers.ListField(child=serializers.CharField())
    experience_years = serializers.SerializerMethodField(help_text=_("Whole years in practice, if it is known."))
    currency = serializers.SerializerMethodField(help_text=_("Of the fee."))
    email = OfficesText(source="user.email", required=False, help_text=OFFICES)
    license_number = OfficesText(allow_null=True, required=False, help_text=OFFICES)
    practising_since = OfficesDay(allow_null=True, required=False, help_text=OFFICES)
    approval = OfficesText(required=False, help_text=OFFICES)
    is_active = OfficesFlag(source="user.is_active", required=False, help_text=OFFICES)

    class Meta:
        model = Doctor
        fields = (
            *("id", "doctor_name", "title", "first_name", "last_name", "specialties", "departments", "sites"),
            *("visit_types", "languages", "experience_years", "bio", "consultation_fee", "currency", "status"),
            *("email", "license_number", "practising_since", "approval", "is_active"),
        )

    def get_doctor_name(self, doctor: Doctor) -> str:
        """As it is printed everywhere."""
        return str(doctor)

    def get_sites(self, doctor: Doctor) -> list[dict[str, Any]]:
        """Each site once."""
        return list(NamedSerializer(doctor.sites, many=True).data)

    def get_experience_years(self, doctor: Doctor) -> int | None:
        """Today's."""
        return doctor.experience_years()

    def get_currency(self, _doctor: Doctor) -> str:
        """ISO 4217."""
        return settings.CURRENCY
