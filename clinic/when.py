"""How a visit's time is printed: everywhere through here, in the site's zone, with the zone named."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant on the site's clock."""
    return instant.astimezone(zone)


def day(instant: datetime, zone: ZoneInfo) -> str:
    """Such as ``Mon 1 March 2027``."""
    return formats.date_format(local(instant, zone), "D j F Y")


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Such as ``09:30``."""
    return formats.date_format(local(instant, zone), "H:i")


def zone_name(instant: datetime, zone: ZoneInfo) -> str:
    """What people call the zone on that day, such as ``CET``; else its offset, such as ``UTC+05:30``."""
    name, offset = local(instant, zone).tzname() or "", f"{local(instant, zone):%z}"
    return name if name.isalpha() else f"UTC{offset[:3]}:{offset[3:]}"


def full(instant: datetime, zone: ZoneInfo) -> str:
    """Day, clock and zone, such as ``Mon 1 March 2027, 09:30 (CET)``."""
    parts = {"day": day(instant, zone), "clock": clock(instant, zone), "zone": zone_name(instant, zone)}
    return _("%(day)s, %(clock)s (%(zone)s)") % parts
