"""The calendar file of one appointment."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar

from accounts.models import Patient
from clinic import booking
from clinic.calendar_file import calendar_file
from clinic.models import Doctor, Site, Specialty
from clinic.tests.factories import NOW, at, make_appointment, make_visit_type


def test_calendar_file(alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    # case 029
    summer = at("09:00", date(2027, 7, 5))
    appointment = make_appointment(dr_chen, alice, summer)

    calendar = Calendar.from_ical(calendar_file(appointment, path="/appointments/1/"))

    (event,) = calendar.walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2027, 7, 5, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event.decoded("dtend") == datetime(2027, 7, 5, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(event["uid"]) == f"{appointment.pk}@testserver"
    assert str(event["url"]) == "http://testserver/appointments/1/"
    assert str(event["status"]) == "CONFIRMED"
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert calendar["prodid"]
    assert calendar["version"] == "2.0"


def test_calendar_file_tells_no_health_fact(alice: Patient, dr_chen: Doctor) -> None:
    # case 176
    visit = make_visit_type(name="HIV test")
    dr_chen.specialties.add(Specialty.objects.create(name="Oncology"))
    appointment = make_appointment(dr_chen, alice, at("09:00"), visit_type=visit, reason="fear")

    text = calendar_file(appointment, path="/").decode()

    assert not any(word in text for word in ("HIV", "Oncology", "fear", "Alice", "Archer", "Chen"))


def test_calendar_file_when_moved_and_cancelled(alice: Patient, dr_chen: Doctor) -> None:
    """The same entry, newer."""
    appointment = make_appointment(dr_chen, alice, at("09:00"))
    first = Calendar.from_ical(calendar_file(appointment, path="/")).walk("VEVENT")[0]

    moved = booking.reschedule(appointment, starts_at=at("10:00"), by=alice.user, now=NOW)
    second = Calendar.from_ical(calendar_file(moved, path="/")).walk("VEVENT")[0]
    gone = booking.cancel(moved, by=alice.user, now=NOW)
    third = Calendar.from_ical(calendar_file(gone, path="/")).walk("VEVENT")[0]

    assert first["uid"] == second["uid"] == third["uid"]
    assert (int(first["sequence"]), int(second["sequence"])) == (0, 1)
    assert str(third["status"]) == "CANCELLED"


def test_calendar_file_keeps_to_its_lines(alice: Patient, dr_chen: Doctor, berlin: Site) -> None:
    """An address of several lines, commas and semicolons stays one property."""
    berlin.address = "Yard; 2nd, left\nTorstraße 49\r\nX-EVIL:1"
    appointment = make_appointment(dr_chen, alice, at("09:00"))
    appointment.site = berlin

    event = Calendar.from_ical(calendar_file(appointment, path="/")).walk("VEVENT")[0]

    assert str(event["location"]) == "Berlin Mitte, Yard; 2nd, left, Torstraße 49, X-EVIL:1"
    assert "x-evil" not in event
