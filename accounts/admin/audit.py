"""The audit trail, to be searched; whoever looks at it is written down in it."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.base import VerbAdmin, actor, in_utc
from accounts.audit import search
from accounts.models import AuditEntry, Role


class Period(admin.SimpleListFilter):
    """How far back."""

    title = _("period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Beside all of it."""
        return [
            ("hour", _("The last hour")),
            ("day", _("The last day")),
            ("week", _("The last seven days")),
            ("month", _("The last month")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The entries asked for."""
        asked = self.value()
        return search.since(queryset, asked, now=timezone.now()) if asked in search.PERIODS else queryset


class RoleFilter(admin.SimpleListFilter):
    """What the person was. The choices are known; to ask a million entries for theirs takes long."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All roles."""
        return list(Role.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The entries asked for."""
        return queryset.filter(role=self.value()) if self.value() else queryset


class Door(admin.SimpleListFilter):
    """By which it came."""

    title = _("door")
    parameter_name = "door"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those that write down how they are called."""
        return [("portal", _("Portal")), ("api", _("API")), ("admin", _("Administration"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The entries asked for."""
        return queryset.filter(entry_point=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(VerbAdmin):
    """Written by verbs alone, and by nobody a second time: here one only looks."""

    may_add = may_change = False
    list_display = ("time", "who", "verb", "about", "outcome", "entry_point", "ip")
    list_filter = (Period, "outcome", RoleFilter, Door)
    # The fields say that there is a search; how it searches is ``get_search_results``.
    search_fields = ("verb",)
    search_help_text = _("Name, e-mail address or id of whoever acted or of the patient; a verb or its beginning")
    ordering = ("-at", "-id")
    fields = (
        *("time", "who", "actor", "program", "role", "verb", "outcome", "object_type", "object_id"),
        *("about", "patient", "reason", "told", "entry_point", "ip", "request_id", "digest"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """All entries, for administrators, with the names of those concerned."""
        return search.with_names(super().get_queryset(request))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """What the words describe."""
        return search.matching(queryset, search_term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list. Written down is by what it was filtered, and of the words only that there were some: they are
        people's names."""
        if self.has_view_permission(request):
            asked = {name: request.GET[name] for name in self._filters() if name in request.GET}
            changes = {"filters": asked, "words": bool(request.GET.get("q"))}
            audit.record("accounts.audit_entry.searched", by=actor(request), changes=changes)
        return super().changelist_view(request, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """One entry, to be read."""
        entry = super().get_object(request, object_id, from_field)
        if entry is not None:
            audit.record("accounts.audit_entry.read", by=actor(request), on=entry)
        return entry

    def _filters(self) -> list[str]:
        return [Period.parameter_name, RoleFilter.parameter_name, Door.parameter_name, "outcome__exact"]

    @admin.display(description=_("time"), ordering="at")
    def time(self, obj: AuditEntry) -> str:
        """When."""
        return in_utc(obj.at)

    @admin.display(description=_("who"), ordering="actor")
    def who(self, obj: Any) -> str:
        """The person as he is called today, or the program."""
        if obj.actor:
            return obj.actor_name or str(obj.actor)
        return obj.program or str(_("nobody who is known"))

    @admin.display(description=_("patient"), ordering="patient")
    def about(self, obj: Any) -> str:
        """Whom it concerns."""
        return (obj.patient_name or str(obj.patient)) if obj.patient else "–"

    @admin.display(description=_("changes"))
    def told(self, obj: AuditEntry) -> str:
        """What was changed: before and after."""
        return json.dumps(obj.changes, ensure_ascii=False, indent=1) if obj.changes else "–"
