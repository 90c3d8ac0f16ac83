"""Time off and extra hours in words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic import when
from clinic.models import ScheduleException

A_MOMENT = timedelta(microseconds=1)


def told(exception: ScheduleException, home: ZoneInfo) -> str:
    """What it is and when, on its site's clock, else on that of ``home``; whole days without their midnights."""
    zone = exception.site.zone if exception.site else home
    start, end = exception.starts_at, exception.ends_at
    parts = {"kind": exception.get_kind_display(), "zone": when.zone_name(start, zone)}
    first, last = when.day(start, zone), when.day(end - A_MOMENT, zone)
    if _is_midnight(start, zone) and _is_midnight(end, zone):
        if first == last:
            return _("%(kind)s, %(first)s, the whole day") % (parts | {"first": first})
        return _("%(kind)s, %(first)s to %(last)s") % (parts | {"first": first, "last": last})
    clocks = parts | {"from": when.clock(start, zone), "to": when.clock(end, zone), "first": first}
    if first == last:
        return _("%(kind)s, %(first)s, %(from)s–%(to)s (%(zone)s)") % clocks
    clocks["last"] = when.day(end, zone)
    return _("%(kind)s, %(first)s, %(from)s to %(last)s, %(to)s (%(zone)s)") % clocks


def _is_midnight(moment: datetime, zone: ZoneInfo) -> bool:
    # Where the clock skips midnight the day begins at one. Compared in UTC: in two zones such times are never equal.
    return moment == datetime.combine(when.local(moment, zone).date(), time(), tzinfo=zone).astimezone(UTC)
