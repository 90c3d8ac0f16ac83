"""One appointment as a calendar file (RFC 5545), for the patient's own calendar."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from clinic import when
from clinic.models import Appointment, Status


def calendar_file(appointment: Appointment, *, path: str) -> bytes:
    """The file. Times are in the site's zone, which it brings along; ``path`` is the appointment's page on this site.

    The UID stays and SEQUENCE rises when the appointment is moved, so that calendars replace the entry. What it says
    may be read over one's shoulder: no doctor, no specialty, no reason.
    """
    zone, site = appointment.site.zone, appointment.site
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.updated_at)
    event.add("dtstart", when.local(appointment.starts_at, zone))
    event.add("dtend", when.local(appointment.ends_at, zone))
    event.add("summary", _("Appointment at %(organisation)s") % {"organisation": settings.ORGANISATION})
    event.add("location", ", ".join([site.name, *site.address.splitlines()]))
    event.add("description", _("Reference: %(reference)s") % {"reference": appointment.reference})
    event.add("url", settings.SITE_URL + path)
    event.add("status", "CANCELLED" if appointment.status == Status.CANCELLED else "CONFIRMED")
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.ORGANISATION}//appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content
