"""Where a doctor works, and by which clock his days begin."""

from zoneinfo import ZoneInfo

from django.conf import settings

from clinic.models import Doctor, Site


def sites_of(doctor: Doctor) -> list[Site]:
    """The sites where he has weekly hours, that of his first hours of the week first."""
    hours = doctor.weekly_hours.select_related("site").order_by("weekday", "starts")
    return list(dict.fromkeys(each.site for each in hours))


def clock_of(sites: list[Site]) -> ZoneInfo:
    """The zone in which it is his today: that of the first of his sites, else the server's."""
    return sites[0].zone if sites else ZoneInfo(settings.TIME_ZONE)
