"""Addresses for people's calendars: that there is one, and nothing that would open it."""

from typing import Any, ClassVar

from django.contrib import admin

from accounts.admin.base import VerbAdmin
from clinic.models import CalendarFeed


@admin.register(CalendarFeed)
class CalendarFeedAdmin(VerbAdmin):
    """To be looked at only: its owner opens, renews and closes it, and deactivating him ends it."""

    may_add = may_change = False
    list_display = ("user", "created", "names_patients")
    list_filter = ("names_patients",)
    list_select_related = ("user",)
    ordering = ("-created_at",)
    fields: ClassVar[Any] = ("user", "names_patients", *VerbAdmin.readonly_fields)
    readonly_fields = fields
