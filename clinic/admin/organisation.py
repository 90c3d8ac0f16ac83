"""The directory: sites, departments, specialties, visit types."""

from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import VerbAdmin
from accounts.admin.forms import VerbForm
from accounts.models import User
from clinic import organisation
from clinic.admin.waiting import TellsWhoWaits
from clinic.models import Department, Site, Specialty, VisitType


class EntryForm(VerbForm):
    """Writes an entry of the directory."""

    def call(self) -> Any:
        """The verb for entries."""
        return organisation.set_entry(self.instance, by=self.by, now=self.now)


class EntryAdmin(VerbAdmin):
    """An entry can be removed as long as nothing refers to it."""

    form = EntryForm
    may_delete = True
    search_fields: ClassVar[Any] = ("name",)

    def remove(self, obj: Any, *, by: User, now: datetime) -> None:
        """The verb that removes an entry."""
        organisation.remove_entry(obj, by=by)


class CountsDoctors(EntryAdmin):
    """An entry that doctors are listed under."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """Each with the number of its doctors."""
        return super().get_queryset(request).annotate(doctor_count=Count("doctors"))

    @admin.display(description=_("doctors"), ordering="doctor_count")
    def doctors(self, obj: Any) -> int:
        """How many doctors it has."""
        return int(obj.doctor_count)


class SiteForm(EntryForm):
    """Offers the zones of the IANA database, and takes no other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            regions = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
            zones = sorted({*regions, self.instance.time_zone, "UTC"})
            self.fields["time_zone"].widget = forms.Select(choices=[(zone, zone) for zone in zones])


@admin.register(Site)
class SiteAdmin(TellsWhoWaits, EntryAdmin):
    """Where patients are seen."""

    form = SiteForm
    list_display = ("name", "time_zone", "phone")
    list_filter = ("time_zone",)
    search_fields = ("name", "address")


@admin.register(Department)
class DepartmentAdmin(CountsDoctors):
    """A part of the organisation; one that is not active is not shown to patients."""

    list_display = ("name", "is_active", "doctors")
    list_filter = ("is_active",)


@admin.register(Specialty)
class SpecialtyAdmin(CountsDoctors):
    """What doctors are trained in."""

    list_display = ("name", "doctors")


@admin.register(VisitType)
class VisitTypeAdmin(CountsDoctors):
    """What a visit can be; a new length is for new bookings."""

    list_display = ("name", "minutes", "buffer_before", "buffer_after", "mode", "online_bookable", "doctors")
    list_filter = ("mode", "online_bookable")
