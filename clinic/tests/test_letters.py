"""What the clinic's messages say, and what they never say."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from icalendar import Calendar

from accounts import outbox
from accounts.models import Message, Patient, User
from accounts.outbox import Letter, kinds
from clinic import booking, doctors, letters
from clinic.models import Appointment, Approval, Department, Doctor, Site, Specialty, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_doctor, make_visit_type

CANARY = "canary7f3a"
KINDS = ("booked", "moved", "cancelled", "restored", "reminder", "to_be_moved", "stands")
"""About one appointment."""
ALL = (*KINDS, "application_decided", "daily_agenda", "record_available", "emergency_access")
LINK = re.compile(r"https?://[^\s\"'<>]+")
WHEN = "Mon 1 March 2027, 09:30 (CET)"


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor, berlin: Site) -> Appointment:
    """Alice's, of which much could be told that must not be."""
    Doctor.objects.filter(pk=dr_chen.pk).update(bio=f"{CANARY} bio", title=f"{CANARY} Dr.")
    User.objects.filter(pk=dr_chen.user_id).update(last_name=f"{CANARY}Chen")
    dr_chen.specialties.add(Specialty.objects.create(name=f"{CANARY} Oncology"))
    dr_chen.departments.add(Department.objects.create(name=f"{CANARY} Cancer care"))
    Patient.objects.filter(pk=alice.pk).update(insurance_provider=CANARY, emergency_contact=CANARY)
    Site.objects.filter(pk=berlin.pk).update(address="Sample Street 1\n10115 Berlin")
    secrets = dict.fromkeys(("reason", "notes", "cancel_reason", "override_reason"), f"{CANARY} lump")
    visit_type = make_visit_type(name=f"{CANARY} Biopsy")
    made = make_appointment(dr_chen, alice, at("09:30"), visit_type=visit_type, **secrets)
    return fresh(made)


def fresh(visit: Appointment) -> Appointment:
    return Appointment.objects.with_names().get(pk=visit.pk)


def parts(letter: Letter) -> list[str]:
    """Everything that arrives."""
    files = [attachment.content.decode().replace("\r\n ", "") for attachment in letter.attachments]
    names = [attachment.name + attachment.type for attachment in letter.attachments]
    return [letter.subject, letter.text, letter.html, *files, *names]


def links_of(letter: Letter) -> list[str]:
    return [link for part in parts(letter) for link in LINK.findall(part)]


def message(kind: str, to: Patient | User, **context: Any) -> Message:
    return Message(
        kind=kind,
        patient=to if isinstance(to, Patient) else None,
        user=to if isinstance(to, User) else None,
        context={name: str(value) for name, value in context.items()},
        not_after=at("09:30"),
    )


def drawn(kind: str, to: Patient | User, **context: Any) -> Letter | None:
    return kinds.named(kind).draw(message(kind, to, **context), NOW)


def about(visit: Appointment) -> dict[str, Any]:
    return {"appointment": visit.pk, "sequence": visit.sequence}


@pytest.mark.parametrize("kind", KINDS)
def test_letter_says_when_and_where(visit: Appointment, kind: str) -> None:
    letter = letters.about(kind, visit, now=NOW)

    for part in (letter.text, letter.html):
        assert WHEN in part
        assert all(told in part for told in ("Berlin Mitte", "Sample Street 1", "+49 30 123456", visit.reference))
    assert WHEN in letter.subject


@pytest.mark.parametrize("kind", KINDS)
def test_letter_says_no_more_than_it_must(visit: Appointment, kind: str) -> None:
    # case 176
    told = "\n".join(parts(letters.about(kind, visit, now=NOW)))

    assert CANARY not in told
    assert "Alice" not in told
    assert "Archer" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_links_lead_home(visit: Appointment, kind: str) -> None:
    # case 176
    found = links_of(letters.about(kind, visit, now=NOW))

    assert found
    assert all(link == settings.SITE_URL or link.startswith(f"{settings.SITE_URL}/") for link in found)


@pytest.mark.parametrize("kind", ALL)
def test_sample_when_drawn(kind: str) -> None:
    """Of nobody: this test has no database."""
    letter = outbox.samples()[kind]

    assert "\n" not in letter.subject
    assert all(link.startswith(settings.SITE_URL) for link in links_of(letter))
    assert "{" not in letter.subject + letter.text + letter.html
    assert "<" not in letter.text


@pytest.mark.parametrize("kind", ["record_available", "emergency_access"])
def test_letter_of_what_is_to_come(alice: Patient, kind: str) -> None:
    letter = drawn(kind, alice)

    assert letter is not None
    words = (letter.subject + letter.text + letter.html).lower()
    assert not any(word in words for word in ("record", "diagnos", "result", "finding", "patient", "medical", "alice"))


def test_links_when_there_is_time(visit: Appointment) -> None:
    letter = letters.about("booked", visit, now=NOW)

    assert "Until Sun 28 February 2027, 09:30 (CET) you can move or cancel it yourself" in letter.text
    assert f"{settings.SITE_URL}/appointments/{visit.pk}/" in letter.text
    assert letter.text.count("/answer/") == letter.html.count("/answer/") == 3


def test_links_when_it_is_too_late(visit: Appointment) -> None:
    letter = letters.about("reminder", visit, now=at("09:30") - timedelta(hours=23))

    assert "please call us: +49 30 123456" in letter.text
    assert letter.text.count("/answer/") == 1  # that one comes


def test_links_when_it_is_confirmed(visit: Appointment) -> None:
    visit.confirmed_at = NOW

    assert "Confirm" not in letters.about("reminder", visit, now=NOW).text


def test_links_without_an_account(visit: Appointment) -> None:
    assert visit.patient is not None
    visit.patient.user, visit.patient.email = None, "grandma@example.org"

    letter = letters.about("booked", visit, now=NOW)

    assert f"/appointments/{visit.pk}/" not in letter.text + letter.html
    assert letter.text.count("/answer/") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_links_when_the_account_is_closed(visit: Appointment, kind: str) -> None:
    assert visit.patient is not None
    assert visit.patient.user is not None
    visit.patient.user.is_active = False

    letter = letters.about(kind, visit, now=NOW)

    for dead in ("/answer/", f"/appointments/{visit.pk}/"):
        assert dead not in letter.text + letter.html


@pytest.mark.parametrize(
    ("kind", "method"),
    [("booked", "REQUEST"), ("moved", "REQUEST"), ("restored", "REQUEST"), ("cancelled", "CANCEL")],
)
def test_calendar_file_goes_along(visit: Appointment, kind: str, method: str) -> None:
    [file] = letters.about(kind, visit, now=NOW).attachments

    assert (file.name, file.type) == ("appointment.ics", f"text/calendar; method={method}")
    calendar = Calendar.from_ical(file.content)
    assert calendar["method"] == method
    assert calendar.walk("VEVENT")[0].decoded("dtstart") == visit.starts_at


@pytest.mark.parametrize("kind", ["reminder", "to_be_moved", "stands"])
def test_no_calendar_file_goes_along(visit: Appointment, kind: str) -> None:
    assert letters.about(kind, visit, now=NOW).attachments == ()


def delivered() -> Parsed:
    """The one mail that was sent, as a mail program reads it."""
    outbox.deliver_due(NOW)
    [letter] = mail.outbox
    mail.outbox.clear()
    read = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    assert isinstance(read, Parsed)
    return read


def test_mail_when_it_arrives(alice: Patient, dr_chen: Doctor) -> None:
    booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:30"), by=alice.user, now=NOW)

    arrived = delivered()

    assert (arrived["To"], arrived["Subject"]) == ("alice@example.org", f"Your appointment on {WHEN}")
    types = [part.get_content_type() for part in arrived.walk() if not part.is_multipart()]
    assert types == ["text/plain", "text/html", "text/calendar"]
    [file] = [part for part in arrived.walk() if part.get_content_type() == "text/calendar"]
    assert (file.get_filename(), file.get_param("method")) == ("appointment.ics", "REQUEST")
    assert Calendar.from_ical(file.get_content())["method"] == "REQUEST"


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: evil@example.org", "Eve\nSubject: Free money", "<b>Eve</b>", "a, b; <c>"]
)
def test_mail_when_a_name_is_wicked(name: str, alice: Patient, dr_chen: Doctor, berlin: Site, settings: Any) -> None:
    # case 162
    settings.ORGANISATION = name
    Site.objects.filter(pk=berlin.pk).update(name=name, address=f"{name}\r\nBcc: evil@example.org")
    User.objects.filter(pk=alice.user_id).update(first_name=name, last_name=name)
    booking.book(doctor=dr_chen, patient=alice, starts_at=at("09:30"), by=alice.user, now=NOW)

    arrived = delivered()

    assert arrived["Bcc"] is None
    assert arrived.get_all("To") == ["alice@example.org"]
    assert arrived.get_all("Subject") == [f"Your appointment on {WHEN}"]
    html = arrived.get_body(("html",))
    assert html is not None
    assert "<b>" not in html.get_content()


def test_text_when_a_name_has_signs(visit: Appointment) -> None:
    """Plain text is plain: nothing is written as HTML."""
    visit.site.name = "Smith & Sons' <clinic>"

    letter = letters.about("booked", visit, now=NOW)

    assert "Smith & Sons' <clinic>" in letter.text
    assert "Smith &amp; Sons&#x27; &lt;clinic&gt;" in letter.html


@pytest.mark.parametrize("kind", ["booked", "moved", "restored"])
def test_standing_when_it_is_so_still(visit: Appointment, alice: Patient, kind: str) -> None:
    assert drawn(kind, alice, **about(visit)) is not None


@pytest.mark.parametrize("kind", ["booked", "moved", "restored", "reminder"])
@pytest.mark.parametrize("change", [{"status": Status.CANCELLED}, {"sequence": 1}, {"starts_at": NOW}])
def test_standing_when_it_is_not_so_any_more(
    visit: Appointment, alice: Patient, kind: str, change: dict[str, Any]
) -> None:
    # case 065
    if "starts_at" in change:
        change = change | {"occupied_from": NOW}
    Appointment.objects.filter(pk=visit.pk).update(**change)

    assert drawn(kind, alice, **about(visit)) is None


def test_cancelled_when_it_stands_again(visit: Appointment, alice: Patient) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED)
    assert drawn("cancelled", alice, **about(visit)) is not None

    Appointment.objects.filter(pk=visit.pk).update(status=Status.SCHEDULED)
    assert drawn("cancelled", alice, **about(visit)) is None


@pytest.mark.parametrize(("resolved_at", "is_told"), [(None, True), (NOW, False)])
def test_to_be_moved_when_it_may_be_resolved(
    visit: Appointment, alice: Patient, resolved_at: Any, is_told: bool
) -> None:
    flag = ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS, resolved_at=resolved_at)

    assert (drawn("to_be_moved", alice, flag=flag.pk) is not None) == is_told


@pytest.mark.parametrize(
    ("approval", "words"), [(Approval.APPROVED, "was approved"), (Approval.REJECTED, "was not approved")]
)
def test_application_when_decided(dr_chen: Doctor, approval: Approval, words: str) -> None:
    Doctor.objects.filter(pk=dr_chen.pk).update(approval=approval)

    letter = drawn("application_decided", dr_chen.user, doctor=dr_chen.pk, approval=approval)

    assert letter is not None
    assert words in letter.text
    assert words in letter.html


def test_application_when_it_was_decided_otherwise_since(dr_chen: Doctor) -> None:
    assert drawn("application_decided", dr_chen.user, doctor=dr_chen.pk, approval=Approval.REJECTED) is None


def agenda(doctor: Doctor) -> Letter | None:
    return drawn("daily_agenda", doctor.user, doctor=doctor.pk, day=MONDAY, zone="Europe/Berlin")


def test_agenda_says_times_and_references(visit: Appointment, dr_chen: Doctor, bob: Patient, adam: User) -> None:
    # case 176
    doctors.want_agenda(dr_chen, True, by=dr_chen.user)
    second = make_appointment(dr_chen, bob, at("11:00"))
    other = make_appointment(make_doctor(), bob, at("12:00"), site=visit.site)
    gone = make_appointment(dr_chen, bob, at("12:00"), status=Status.CANCELLED)

    letter = agenda(dr_chen)

    assert letter is not None
    assert letter.subject == "Your day: Mon 1 March 2027"
    assert f"2 visits\n\n09:30 (CET)  {visit.reference}\n11:00 (CET)  {second.reference}" in letter.text
    told = "\n".join(parts(letter))
    assert not any(word in told for word in (CANARY, "Alice", "Bob", other.reference, gone.reference))


def test_agenda_when_it_is_not_wanted_any_more(visit: Appointment, dr_chen: Doctor) -> None:
    assert agenda(dr_chen) is None


def test_agenda_when_nobody_comes(dr_chen: Doctor) -> None:
    doctors.want_agenda(dr_chen, True, by=dr_chen.user)

    assert agenda(dr_chen) is None
