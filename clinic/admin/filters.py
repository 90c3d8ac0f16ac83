"""Which appointments the list shows: by the day, as each site's clock has it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Site, Status

DAYS = {"today": (0, 1), "tomorrow": (1, 2), "week": (0, 7)}
"""From which day until which, counted from today, half-open."""


class When(admin.SimpleListFilter):
    """What is to come, unless other days are asked for: a list of all is seldom wanted, and long."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Beside what is to come."""
        return [
            ("today", _("Today")),
            ("tomorrow", _("Tomorrow")),
            ("week", _("Seven days")),
            ("past", _("Past and cancelled")),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """The default is said as what it is."""
        first, *others = super().choices(changelist)
        return [first | {"display": _("To come")}, *others]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """The appointments asked for."""
        now, asked = timezone.now(), self.value()
        if asked in DAYS:
            return queryset.filter(_between(*DAYS[asked], now))
        if asked == "past":
            return queryset.past(now)
        return queryset if asked == "all" else queryset.upcoming(now)


class StatusFilter(admin.ChoicesFieldListFilter):
    """Without holds, which are nobody's appointments yet and never in the list."""

    def choices(self, changelist: Any) -> Any:
        """All, and each status that can be seen."""
        return (choice for choice in super().choices(changelist) if choice["display"] != Status.HELD.label)


def _between(first: int, last: int, now: datetime) -> Q:
    """Midnight to midnight, at each site by its own clock."""
    found = Q(pk__in=[])
    for site in Site.objects.public():
        today = now.astimezone(site.zone).date()
        start, end = (datetime.combine(today + timedelta(days), time(), tzinfo=site.zone) for days in (first, last))
        found |= Q(site=site, starts_at__gte=start, starts_at__lt=end)
    return found
