"""Times of visits in templates, all through :mod:`clinic.when`. A visit is anything with ``starts_at`` and ``site``."""

from datetime import date, datetime
from typing import Protocol

from django import template
from django.utils import formats

from clinic import when
from clinic.day_sheet import Sheet
from clinic.models import Appointment, Site

register = template.Library()


class Visit(Protocol):
    """An appointment or a slot."""

    starts_at: datetime
    ends_at: datetime
    site: Site


@register.filter
def full(visit: Visit) -> str:
    """Day, clock and zone, such as ``Mon 1 March 2027, 09:30 (CET)``."""
    return when.full(visit.starts_at, visit.site.zone)


@register.filter
def clock(visit: Visit) -> str:
    """Such as ``09:30``."""
    return when.clock(visit.starts_at, visit.site.zone)


@register.filter
def end_clock(visit: Visit) -> str:
    """When it ends, such as ``10:00``."""
    return when.clock(visit.ends_at, visit.site.zone)


@register.filter
def as_of(sheet: Sheet) -> str:
    """When a day sheet was drawn, such as ``09:30 (CET)``, on its site's clock."""
    return f"{when.clock(sheet.now, sheet.site.zone)} ({when.zone_name(sheet.now, sheet.site.zone)})"


@register.filter
def iso(visit: Visit) -> str:
    """For machines: ISO 8601 with the site's offset."""
    return when.local(visit.starts_at, visit.site.zone).isoformat()


@register.filter
def zone(visit: Visit) -> str:
    """What people call the site's zone at that time, such as ``CET``."""
    return when.zone_name(visit.starts_at, visit.site.zone)


@register.filter
def until(appointment: Appointment) -> str:
    """Until when the patient may cancel or move it, in full."""
    return when.full(appointment.cancellable_until, appointment.site.zone)


@register.filter
def kept_until(hold: Appointment) -> str:
    """Until when a time is kept: clock and zone; empty for what is no hold."""
    if hold.hold_expires_at is None:
        return ""
    zone_name = when.zone_name(hold.hold_expires_at, hold.site.zone)
    return f"{when.clock(hold.hold_expires_at, hold.site.zone)} ({zone_name})"


@register.filter
def minutes(visit: Appointment) -> int:
    """How long it lasts."""
    return int((visit.ends_at - visit.starts_at).total_seconds()) // 60


@register.filter
def on(day: date) -> str:
    """A day by itself, such as ``Mon 1 March 2027``."""
    return formats.date_format(day, "D j F Y")
