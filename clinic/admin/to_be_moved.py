"""Visits that lost their place in the calendar, and wait for somebody to move them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import VerbAdmin, in_utc
from clinic import when
from clinic.admin import moving
from clinic.models import ToBeMoved


class Waiting(admin.SimpleListFilter):
    """Those that wait, unless others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Beside those that wait."""
        return [("done", _("Done")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """The default is said as what it is."""
        first, *others = super().choices(changelist)
        return [first | {"display": _("Waiting")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The rows in the state asked for."""
        if self.value() == "all":
            return queryset
        return queryset.exclude(resolved_at=None) if self.value() == "done" else queryset.filter(resolved_at=None)


@admin.register(ToBeMoved)
class ToBeMovedAdmin(VerbAdmin):
    """Made and resolved by the verbs that change calendars and appointments; here one looks, and goes to move one."""

    may_add = may_change = False
    list_display = ("time", "patient", "phone", "doctor", "cause", "since", "visit", "move")
    list_display_links = ("time",)
    list_filter = (Waiting, "cause")
    list_select_related = ("appointment__patient", "appointment__doctor__user", "appointment__site")
    search_fields = ("=appointment__reference", "appointment__patient__last_name")
    search_help_text = _("Reference or the patient's last name")
    ordering = ("appointment__starts_at", "id")
    fields = ("visit", "time", "patient", "phone", "doctor", "cause", "exception", "since", "resolved", "move", "id")
    readonly_fields = fields

    @admin.display(description=_("appointment"), ordering="appointment__reference")
    def visit(self, obj: ToBeMoved) -> str:
        """Where it can be moved."""
        address = reverse("admin:clinic_appointment_change", args=(obj.appointment_id,))
        return format_html('<a href="{}">{}</a>', address, obj.appointment)

    @admin.display(description=_("time"), ordering="appointment__starts_at")
    def time(self, obj: ToBeMoved) -> str:
        """When it is, as things stand."""
        return when.full(obj.appointment.starts_at, obj.appointment.site.zone)

    @admin.display(description=_("patient"), ordering="appointment__patient__last_name")
    def patient(self, obj: ToBeMoved) -> str:
        """Whom to call."""
        return str(obj.appointment.patient)

    @admin.display(description=_("phone"))
    def phone(self, obj: ToBeMoved) -> str:
        """Where."""
        patient = obj.appointment.patient
        return str(patient.phone) if patient and patient.phone else "–"

    @admin.display(description=_("doctor"), ordering="appointment__doctor__user__last_name")
    def doctor(self, obj: ToBeMoved) -> str:
        """Whose calendar it was in."""
        return str(obj.appointment.doctor)

    @admin.display(description=_("waiting since"), ordering="created_at")
    def since(self, obj: ToBeMoved) -> str:
        """Since when it waits."""
        return in_utc(obj.created_at)

    @admin.display(description=_("move"))
    def move(self, obj: ToBeMoved) -> str:
        """Where free times are offered, as long as it waits."""
        if obj.resolved_at is not None:
            return "–"
        return format_html('<a href="{}">{}</a>', moving.address(obj), _now("Find a time"))

    @admin.display(description=_("done"))
    def resolved(self, obj: ToBeMoved) -> str:
        """Since when it need not be moved any more."""
        return in_utc(obj.resolved_at)
