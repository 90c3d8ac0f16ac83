"""Appointments as calendar files (RFC 5545; what is mailed, RFC 5546): to take away, in mails, and as a feed.

What a file says may be read over one's shoulder, and lies with whoever keeps the calendar: no doctor, no specialty, no
reason. An appointment's UID stays, and its SEQUENCE rises, so that calendars replace the entry.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress

from clinic import when
from clinic.calendar_zone import rules
from clinic.models import Appointment, Status

REFRESH = timedelta(hours=1)
"""How often whoever follows a feed is asked to look."""
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def calendar_file(appointment: Appointment) -> bytes:
    """One appointment to take away, as it stands."""
    calendar = _calendar("PUBLISH")
    event = _event(appointment, is_off=appointment.status == Status.CANCELLED)
    event.add("organizer", _organizer())
    return _file(calendar, [(appointment, event)])


def invitation(appointment: Appointment) -> bytes:
    """For a mail that tells the patient of his appointment, or that it was moved."""
    return _mailed("REQUEST", appointment, is_off=False)


def cancellation(appointment: Appointment) -> bytes:
    """For a mail that tells the patient that it was cancelled: newer than every invitation to it."""
    return _mailed("CANCEL", appointment, is_off=True)


def feed(appointments: Iterable[Appointment], summaries: Mapping[Appointment, str]) -> bytes:
    """Many appointments for a calendar that asks for them again and again; ``summaries`` are theirs, where they are not
    what every file says."""
    calendar = _calendar()
    calendar.add("x-wr-calname", _plain(settings.ORGANISATION))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return _file(
        calendar,
        [
            (visit, _event(visit, is_off=visit.status == Status.CANCELLED, summary=summaries.get(visit, "")))
            for visit in appointments
        ],
    )


def _calendar(method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{_plain(settings.ORGANISATION)}//appointments//EN")
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    return calendar


def _mailed(method: str, appointment: Appointment, *, is_off: bool) -> bytes:
    event = _event(appointment, is_off=is_off)
    event.add("organizer", _organizer())
    patient = appointment.patient
    assert patient is not None, "a hold is nobody's appointment"
    address = patient.user.email if patient.user else patient.email
    # He answers by the mail's links, and no program for him.
    told = {"role": "REQ-PARTICIPANT", "partstat": "ACCEPTED", "rsvp": "FALSE"}
    if address:
        event.add("attendee", _mailbox(address), parameters=told)
    return _file(_calendar(method), [(appointment, event)])


def _event(appointment: Appointment, *, is_off: bool, summary: str = "") -> Event:
    site = appointment.site
    starts_at, ends_at = _times(appointment, site.zone)
    event = Event()
    event.add("uid", f"{appointment.pk}@{urlsplit(settings.SITE_URL).hostname}")
    # Every edition has its number: even while it stands, odd once it is off.
    event.add("sequence", 2 * appointment.sequence + is_off)
    event.add("dtstamp", appointment.updated_at)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add(
        "summary", _plain(summary or _("Appointment at %(organisation)s") % {"organisation": settings.ORGANISATION})
    )
    event.add("location", ", ".join(_plain(line) for line in [site.name, *site.address.splitlines()]))
    event.add("description", _("Reference: %(reference)s") % {"reference": appointment.reference})
    event.add("url", settings.SITE_URL + reverse("booked", args=[appointment.pk]))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if is_off else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _times(appointment: Appointment, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Beginning and end on the site's clock. In UTC if the clock shows one of them twice: by that clock a file can only
    name the first time (RFC 5545, 3.3.5)."""
    times = appointment.starts_at, appointment.ends_at
    shown = [when.local(instant, zone) for instant in times]
    if any(time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset() for time in shown):
        shown = [instant.astimezone(UTC) for instant in times]
    return shown[0], shown[1]


def _organizer() -> vCalAddress:
    organizer = _mailbox(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    organizer.params["CN"] = _plain(settings.ORGANISATION)
    return organizer


def _mailbox(address: str) -> vCalAddress:
    return vCalAddress(f"mailto:{address}")


def _plain(text: str) -> str:
    """One line, whatever stands in a name."""
    return CONTROLS.sub(" ", text).strip()


def _file(calendar: Calendar, entries: list[tuple[Appointment, Event]]) -> bytes:
    """The calendar with its events, and with the rules of the zones in which they are told."""
    for _appointment, event in entries:
        calendar.add_component(event)
    used = calendar.get_used_tzids()
    zones = {visit.site.zone.key: visit.site.zone for visit, _event_ in entries}
    for key in sorted(used & zones.keys()):
        there = [visit for visit, _event_ in entries if visit.site.zone.key == key]
        first, last = min(visit.starts_at for visit in there), max(visit.ends_at for visit in there)
        calendar.subcomponents.insert(0, rules(zones[key], first, last))
    content: bytes = calendar.to_ical()
    return content
