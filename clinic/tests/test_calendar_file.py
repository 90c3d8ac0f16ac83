"""The calendar files of one appointment, read by another parser than the one that wrote them."""

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings

from accounts import people
from accounts.models import Patient
from clinic import booking
from clinic.calendar_file import calendar_file, cancellation, feed, invitation
from clinic.models import Doctor, Site, Specialty
from clinic.tests.factories import NOW, at, make_appointment, make_doctor, make_site, make_visit_type
from clinic.tests.readers import events, instant, read

FILES = (calendar_file, invitation, cancellation)
CHANGES = {
    "Europe/Berlin": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2027, 11, 7, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2027, 4, 3, 15, tzinfo=UTC), datetime(2027, 10, 2, 15, 30, tzinfo=UTC)),
}
"""When clocks change in 2027."""


def test_calendar_file(alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    # case 029
    appointment = make_appointment(dr_chen, alice, at("09:00", date(2027, 7, 5)))

    calendar = read(calendar_file(appointment))

    (event,) = calendar.vevent_list
    assert event.dtstart.value.isoformat() == "2027-07-05T09:00:00+02:00"
    assert event.dtend.value.isoformat() == "2027-07-05T09:30:00+02:00"
    assert event.uid.value == f"{appointment.pk}@testserver"
    assert event.url.value == f"http://testserver/appointments/{appointment.pk}/"
    assert (event.status.value, event.contents["class"][0].value) == ("CONFIRMED", "PRIVATE")
    assert instant(event.dtstamp.value) == appointment.updated_at.replace(microsecond=0)
    assert (calendar.method.value, calendar.version.value, bool(calendar.prodid.value)) == ("PUBLISH", "2.0", True)
    # RFC 5546, 3.2.1: what is published names no attendee.
    assert "attendee" not in event.contents


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("of_the_year", [0, 1])
def test_times_when_clocks_change(zone: str, of_the_year: int, alice: Patient) -> None:
    """From half a day before to half a day after: the hour that comes twice, and the one that does not."""
    # case 029
    site, doctor = make_site(time_zone=zone), make_doctor()
    change = CHANGES[zone][of_the_year]
    starts = [change + timedelta(minutes=15) * step for step in range(-48, 49)]
    visits = [make_appointment(doctor, alice, start, minutes=15, site=site) for start in starts]

    read_back = [event for visit in visits for event in events(invitation(visit))]
    at_once = events(feed(visits, {}))

    before, after = (moment.astimezone(ZoneInfo(zone)) for moment in (change - timedelta(seconds=1), change))
    assert before.utcoffset() != after.utcoffset()
    for found in (read_back, at_once):
        assert [instant(event.dtstart.value) for event in found] == starts
        assert [instant(event.dtend.value) for event in found] == [start + timedelta(minutes=15) for start in starts]


@pytest.mark.parametrize("zone", CHANGES)
def test_zone_when_reckoned_from_utc(zone: str, alice: Patient) -> None:
    """The rules in the file name the very moment at which clocks change."""
    site, doctor = make_site(time_zone=zone), make_doctor()
    visit = make_appointment(doctor, alice, datetime(2027, 7, 5, 9, tzinfo=UTC), site=site)

    (rules,) = read(calendar_file(visit)).vtimezone_list

    onsets = {
        part.dtstart.value.replace(tzinfo=UTC) - _offset(part.tzoffsetfrom.value)
        for kind in ("standard", "daylight")
        for part in rules.contents[kind]
    }
    assert set(CHANGES[zone]) <= onsets
    assert min(onsets).year < 2027 < max(onsets).year


def _offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Etc/UTC", "UTC", "Africa/Casablanca", "Europe/Dublin"])
def test_times_in_other_zones(zone: str, alice: Patient) -> None:
    """No summer time, no zone to speak of, or one that is unlike others."""
    starts = [datetime(2027, month, 14, 9, tzinfo=UTC) for month in range(1, 13)]
    site, doctor = make_site(time_zone=zone), make_doctor()
    visits = [make_appointment(doctor, alice, start, site=site) for start in starts]

    found = events(feed(visits, {}))

    assert [instant(event.dtstart.value) for event in found] == starts


def test_calendar_file_tells_no_health_fact(alice: Patient, dr_chen: Doctor) -> None:
    # case 176
    visit = make_visit_type(name="HIV test")
    dr_chen.specialties.add(Specialty.objects.create(name="Oncology"))
    appointment = make_appointment(dr_chen, alice, at("09:00"), visit_type=visit, reason="fear", notes="tumour")

    for make in FILES:
        text = make(appointment).decode()
        assert not any(word in text for word in ("HIV", "Oncology", "fear", "tumour", "Alice", "Archer", "Chen"))


@override_settings(DEFAULT_FROM_EMAIL="Willow: visits <visits@clinic.example.org>", ORGANISATION='Willow; "Sons", Ltd')
def test_invitation(alice: Patient, dr_chen: Doctor) -> None:
    calendar = read(invitation(make_appointment(dr_chen, alice, at("09:00"))))

    event = calendar.vevent
    assert calendar.method.value == "REQUEST"
    assert event.organizer.value == "mailto:visits@clinic.example.org"
    assert event.organizer.cn_param.startswith("Willow; ")
    assert event.attendee.value == "mailto:alice@example.org"
    assert event.attendee.rsvp_param == "FALSE"
    assert event.status.value == "CONFIRMED"


def test_invitation_when_the_patient_has_no_account(dr_chen: Doctor) -> None:
    names = {"first_name": "Mia", "last_name": "Muster"}
    child = people.register_at_the_desk(email="mother@example.org", **names)
    nobody = people.register_at_the_desk(**names)

    child_event = events(invitation(make_appointment(dr_chen, child, at("09:00"))))[0]
    other_event = events(invitation(make_appointment(dr_chen, nobody, at("10:00"))))[0]

    assert child_event.attendee.value == "mailto:mother@example.org"
    assert "attendee" not in other_event.contents


def test_files_when_moved_and_cancelled(alice: Patient, dr_chen: Doctor) -> None:
    """The same entry, each time newer."""
    appointment = make_appointment(dr_chen, alice, at("09:00"))
    first = events(invitation(appointment))[0]

    moved = booking.reschedule(appointment, starts_at=at("10:00"), by=alice.user, now=NOW)
    second = events(invitation(moved))[0]
    gone = booking.cancel(moved, by=alice.user, now=NOW)
    calendar = read(cancellation(gone))
    third, fourth = calendar.vevent, events(calendar_file(gone))[0]

    assert len({event.uid.value for event in (first, second, third, fourth)}) == 1
    assert [int(event.sequence.value) for event in (first, second, third, fourth)] == [0, 2, 3, 3]
    assert (calendar.method.value, third.status.value, fourth.status.value) == ("CANCEL", "CANCELLED", "CANCELLED")
    assert instant(second.dtstart.value) == instant(third.dtstart.value) == at("10:00")


@pytest.mark.parametrize("make", FILES)
def test_file_keeps_to_its_lines(make: object, alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    """An address of several lines, commas, semicolons, backslashes, and letters of four bytes stay one property."""
    # case 159
    assert callable(make)
    berlin.name = "Praxis 👩🏽‍⚕️" * 12
    berlin.address = "Yard; 2nd, left\nTorstraße 49\\n\r\nX-EVIL:1\x0bBEGIN:VALARM\x00\u2028END:VEVENT"
    appointment = make_appointment(dr_chen, alice, at("09:00"))
    appointment.site = berlin

    content = make(appointment)

    (event,) = events(content)
    told = f"{berlin.name}, Yard; 2nd, left, Torstraße 49\\n, X-EVIL:1, BEGIN:VALARM, END:VEVENT"
    assert event.location.value == told
    assert not {"x-evil", "valarm"} & event.contents.keys()
    lines = content.split(b"\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 75 and line.decode() is not None for line in lines)


def test_file_when_the_organisation_has_a_strange_name(alice: Patient, dr_chen: Doctor) -> None:
    appointment = make_appointment(dr_chen, alice, at("09:00"))

    with override_settings(ORGANISATION='Möller, Söhne; "K"\r\nATTENDEE:mailto:x@evil.example.org'):
        calendar = read(invitation(appointment))

    assert [found.value for found in calendar.vevent.attendee_list] == ["mailto:alice@example.org"]
    assert "ATTENDEE" in calendar.vevent.summary.value


def test_invitation_when_attached_to_a_mail(alice: Patient, dr_chen: Doctor) -> None:
    """What arrives is what was written, whatever the transport does to lines."""
    appointment = make_appointment(dr_chen, alice, at("09:00"))
    content = invitation(appointment)
    mail = EmailMessage()
    mail.set_content("Hello")
    mail.add_attachment(content, maintype="text", subtype="calendar", params={"method": "REQUEST"})

    (attached,) = mail.iter_attachments()

    assert attached.get_payload(decode=True) == content
