"""Wherever a visit's time is printed, it is the instant that is stored: also on the days when clocks change."""

import email
import html
import re
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage

import pytest
import time_machine
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts import outbox, tokens
from accounts.models import Message, Patient, User
from clinic import calendar_feed
from clinic.models import Appointment, Doctor
from clinic.tests.factories import make_appointment, make_site
from clinic.tests.readers import events, instant

VISITS = [
    # The hour before clocks go forward, and the first moment after.
    ("Europe/Berlin", "2027-03-28T00:30Z", "Sun 28 March 2027, 01:30 (CET)", "2027-03-28T01:30:00+01:00"),
    ("Europe/Berlin", "2027-03-28T01:00Z", "Sun 28 March 2027, 03:00 (CEST)", "2027-03-28T03:00:00+02:00"),
    ("America/New_York", "2027-03-14T06:30Z", "Sun 14 March 2027, 01:30 (EST)", "2027-03-14T01:30:00-05:00"),
    ("America/New_York", "2027-03-14T07:00Z", "Sun 14 March 2027, 03:00 (EDT)", "2027-03-14T03:00:00-04:00"),
    ("Australia/Lord_Howe", "2027-10-02T15:15Z", "Sun 3 October 2027, 01:45 (UTC+10:30)", "2027-10-03T01:45:00+10:30"),
    ("Australia/Lord_Howe", "2027-10-02T15:30Z", "Sun 3 October 2027, 02:30 (UTC+11:00)", "2027-10-03T02:30:00+11:00"),
    # The clock shows the same time twice when it goes back.
    ("Europe/Berlin", "2027-10-31T00:30Z", "Sun 31 October 2027, 02:30 (CEST)", "2027-10-31T02:30:00+02:00"),
    ("Europe/Berlin", "2027-10-31T01:30Z", "Sun 31 October 2027, 02:30 (CET)", "2027-10-31T02:30:00+01:00"),
    ("America/New_York", "2027-11-07T05:30Z", "Sun 7 November 2027, 01:30 (EDT)", "2027-11-07T01:30:00-04:00"),
    ("America/New_York", "2027-11-07T06:30Z", "Sun 7 November 2027, 01:30 (EST)", "2027-11-07T01:30:00-05:00"),
    ("Australia/Lord_Howe", "2027-04-03T14:45Z", "Sun 4 April 2027, 01:45 (UTC+11:00)", "2027-04-04T01:45:00+11:00"),
    ("Australia/Lord_Howe", "2027-04-03T15:15Z", "Sun 4 April 2027, 01:45 (UTC+10:30)", "2027-04-04T01:45:00+10:30"),
    # Booked in winter for summer.
    ("Europe/Berlin", "2027-07-05T07:00Z", "Mon 5 July 2027, 09:00 (CEST)", "2027-07-05T09:00:00+02:00"),
]
"""The zone of the site, the instant, and what stands everywhere: for people, and for machines."""
MACHINES = re.compile(r'<time datetime="([^"]+)">')


@pytest.mark.parametrize(("zone", "stored", "printed", "iso"), VISITS)
def test_time_when_clocks_change(
    zone: str, stored: str, printed: str, iso: str, alice: Patient, dr_chen: Doctor, rita: User
) -> None:
    # case 029
    starts_at = datetime.strptime(stored, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    site = make_site(time_zone=zone)
    now = starts_at - timedelta(days=6)
    with time_machine.travel(now, tick=False):
        visit = make_appointment(dr_chen, alice, starts_at, site=site, minutes=15)

        for page in pages(visit, alice.user, dr_chen.user, rita):
            assert printed in page
            assert {datetime.fromisoformat(told) for told in MACHINES.findall(page)} <= {starts_at}
        letter = mailed(visit, now)
        api = answered(visit, alice.user, now)
        files = [
            attached(letter),
            downloaded(visit, alice.user),
            followed(alice.user, now),
            followed(dr_chen.user, now),
        ]

    assert printed in str(letter["subject"])
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body is not None
        assert printed in html.unescape(body.get_content())
    assert api == iso
    assert datetime.fromisoformat(iso) == starts_at
    for file in files:
        (event,) = events(file)
        assert instant(event.dtstart.value) == starts_at
        assert instant(event.dtend.value) == starts_at + timedelta(minutes=15)


def pages(visit: Appointment, patient: User, doctor: User, staff: User) -> list[str]:
    """The visit in the portal and in the admin."""
    asked = [
        *(
            (patient, path)
            for path in (f"/appointments/{visit.pk}/", "/appointments/", f"/appointments/{visit.pk}/cancel/")
        ),
        (doctor, f"/appointments/{visit.pk}/"),
        (staff, "/admin/clinic/appointment/"),
        (staff, f"/admin/clinic/appointment/{visit.pk}/change/"),
    ]
    found = []
    for person, path in asked:
        client = Client()
        client.force_login(person)
        response = client.get(path)
        assert response.status_code == 200, path
        found.append(html.unescape(response.content.decode()))
    return found


def mailed(visit: Appointment, now: datetime) -> EmailMessage:
    """The mail that tells of it, as it travels."""
    told = {"appointment": visit.pk, "sequence": visit.sequence}
    assert outbox.enqueue("booked", key="once", to=visit.patient, now=now, context=told)
    mail.outbox.clear()
    outbox.deliver(Message.objects.get(key="once").pk, now=now)
    (sent,) = mail.outbox
    # Lines end as they do on the way.
    arrived = email.message_from_bytes(sent.message().as_bytes().replace(b"\n", b"\r\n"), policy=policy.default)
    assert isinstance(arrived, EmailMessage)
    return arrived


def attached(letter: EmailMessage) -> bytes:
    """The mail's calendar file, which its type must announce for mail programs to offer it."""
    (file,) = letter.iter_attachments()
    assert file.get_content_type() == "text/calendar"
    assert str(file["content-type"]).count("charset") == 1
    assert dict(file["content-type"].params) == {"method": "REQUEST", "charset": "utf-8"}
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"METHOD:REQUEST\r\n" in content
    return content


def downloaded(visit: Appointment, patient: User) -> bytes:
    """The calendar file of the page."""
    client = Client()
    client.force_login(patient)
    return client.get(f"/appointments/{visit.pk}/calendar.ics").content


def followed(person: User, now: datetime) -> bytes:
    """The feed."""
    feed = calendar_feed.of(person)
    if feed is None:
        calendar_feed.open_feed(by=person)
        feed = calendar_feed.of(person)
    assert feed is not None
    return calendar_feed.content(feed, now=now)


def answered(visit: Appointment, patient: User, now: datetime) -> str:
    """The API's beginning."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.sign_in(patient, now=now).access_token}")
    return str(client.get(f"/api/v1/appointments/{visit.pk}/").json()["starts_at"])
