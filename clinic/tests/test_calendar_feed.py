"""Secret addresses for people's own calendars."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import new_passwords, sessions, staffing
from accounts.models import AuditEntry, Patient, Role, User
from clinic import calendar_feed
from clinic.models import Approval, CalendarFeed, Doctor, Status
from clinic.tests.factories import NOW, at, make_appointment
from clinic.tests.readers import events, instant, read


def told(user: User) -> list[str]:
    """The summaries in the person's feed."""
    return [
        event.summary.value for event in events(calendar_feed.content(CalendarFeed.objects.get(user=user), now=NOW))
    ]


def trail() -> list[str]:
    """What was written down of feeds."""
    return list(
        AuditEntry.objects.filter(verb__startswith="clinic.calendar").order_by("pk").values_list("verb", flat=True)
    )


def test_open_feed(alice: Patient) -> None:
    token = calendar_feed.open_feed(by=alice.user)

    feed = CalendarFeed.objects.get()
    assert calendar_feed.find(token) == feed
    assert len(token) >= 43
    assert token not in str(CalendarFeed.objects.values().get())
    assert trail() == ["clinic.calendar_feed.opened"]
    assert token not in str(list(AuditEntry.objects.values()))


def test_open_feed_when_there_is_one(alice: Patient) -> None:
    token = calendar_feed.open_feed(by=alice.user)

    with pytest.raises(ValidationError) as refusal:
        calendar_feed.open_feed(by=alice.user)

    assert refusal.value.code == "already_open"
    assert calendar_feed.find(token) is not None


def test_renew(alice: Patient) -> None:
    old = calendar_feed.open_feed(by=alice.user)

    new = calendar_feed.renew(by=alice.user)

    assert calendar_feed.find(old) is None
    assert calendar_feed.find(new).user == alice.user
    assert trail() == ["clinic.calendar_feed.opened", "clinic.calendar_feed.renewed"]


def test_renew_when_there_is_none(alice: Patient, bob: Patient) -> None:
    token = calendar_feed.open_feed(by=bob.user)

    with pytest.raises(ValidationError) as refusal:
        calendar_feed.renew(by=alice.user)

    assert refusal.value.code == "not_open"
    assert calendar_feed.find(token).user == bob.user
    assert CalendarFeed.objects.count() == 1


def test_close(alice: Patient, bob: Patient) -> None:
    token, other = (calendar_feed.open_feed(by=patient.user) for patient in (alice, bob))

    assert calendar_feed.close(by=alice.user)
    assert not calendar_feed.close(by=alice.user)

    assert calendar_feed.find(token) is None
    assert calendar_feed.find(other) is not None
    assert trail()[-1] == "clinic.calendar_feed.closed"


def test_open_feed_when_deactivated(alice: Patient) -> None:
    User.objects.filter(pk=alice.user.pk).update(is_active=False)

    with pytest.raises(PermissionDenied):
        calendar_feed.open_feed(by=alice.user)

    assert not CalendarFeed.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "\x00", "é" * 5000, "../" * 9, "' OR 1=1 --"])
def test_find_when_it_is_garbage(token: str, alice: Patient) -> None:
    calendar_feed.open_feed(by=alice.user)

    assert calendar_feed.find(token) is None


def test_find_when_not_active_any_more(alice: Patient) -> None:
    """Also by a change that no verb made."""
    # case 098
    token = calendar_feed.open_feed(by=alice.user)

    User.objects.filter(pk=alice.user.pk).update(is_active=False)

    assert calendar_feed.find(token) is None


def test_feed_when_all_sign_ins_end(alice: Patient, bob: Patient, dr_chen: Doctor, adam: User) -> None:
    # case 098
    people = [alice.user, bob.user, dr_chen.user, adam]
    for person in people:
        calendar_feed.open_feed(by=person)

    sessions.sign_out_everywhere(alice.user, by=alice.user, now=NOW)
    staffing.deactivate(bob.user, by=adam, now=NOW)
    staffing.change_role(dr_chen.user, Role.RECEPTIONIST, by=adam, now=NOW)
    assert [feed.user for feed in CalendarFeed.objects.all()] == [adam]
    new_passwords.replace(adam, "another good sentence", now=NOW)

    assert not CalendarFeed.objects.exists()
    assert trail().count("clinic.calendar_feed.closed") == len(people)


def test_content_for_a_patient(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    # case 104, case 176
    calendar_feed.open_feed(by=alice.user)
    make_appointment(dr_chen, alice, NOW - timedelta(days=31))
    make_appointment(dr_chen, alice, NOW - timedelta(days=29), status=Status.COMPLETED, reason="fear")
    make_appointment(dr_chen, alice, at("09:00"), status=Status.CANCELLED)
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, alice, at("11:00"), status=Status.HELD, hold_expires_at=NOW + timedelta(minutes=5))
    make_appointment(dr_chen, bob, at("10:00"))

    content = calendar_feed.content(CalendarFeed.objects.get(), now=NOW)

    found = events(content)
    assert [instant(event.dtstart.value) for event in found] == [NOW - timedelta(days=29), at("09:00"), at("09:00")]
    assert [event.status.value for event in found].count("CANCELLED") == 1
    assert {event.summary.value for event in found} == {"Appointment at Willow Clinics"}
    assert not any(word in content.decode() for word in ("Chen", "Alice", "alice@", "fear"))
    assert read(content).contents["x-wr-calname"][0].value == "Willow Clinics"
    assert "method" not in read(content).contents


def test_content_for_a_doctor(alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    calendar_feed.open_feed(by=dr_chen.user)
    visit = make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_chen, alice, at("10:00"), status=Status.CANCELLED)
    make_appointment(dr_diaz, alice, at("10:00"))
    make_appointment(dr_chen, alice, NOW + timedelta(days=31))
    make_appointment(dr_chen, alice, NOW - timedelta(days=8))

    assert told(dr_chen.user) == [f"Visit: {visit.reference}"]


def test_content_for_a_doctor_who_wants_names(alice: Patient, dr_chen: Doctor) -> None:
    calendar_feed.open_feed(by=dr_chen.user, names_patients=True)
    make_appointment(dr_chen, alice, at("09:00"))

    assert told(dr_chen.user) == ["Visit: Alice Archer"]

    calendar_feed.renew(by=dr_chen.user)

    assert "Alice" not in told(dr_chen.user)[0]


def test_content_for_a_doctor_who_is_a_patient(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient) -> None:
    own = Patient.objects.create(user=dr_chen.user, first_name="Wei", last_name="Chen")
    calendar_feed.open_feed(by=dr_chen.user, names_patients=True)
    make_appointment(dr_chen, alice, at("09:00"))
    make_appointment(dr_diaz, own, at("11:00"))

    assert told(dr_chen.user) == ["Visit: Alice Archer", "Appointment at Willow Clinics"]


def test_content_for_a_doctor_who_was_suspended(alice: Patient, dr_chen: Doctor) -> None:
    calendar_feed.open_feed(by=dr_chen.user)
    make_appointment(dr_chen, alice, at("09:00"))

    Doctor.objects.filter(pk=dr_chen.pk).update(approval=Approval.REJECTED)

    assert told(dr_chen.user) == []


def test_content_for_staff(rita: User, alice: Patient, dr_chen: Doctor) -> None:
    """What they see in the admin is not theirs."""
    calendar_feed.open_feed(by=rita)
    make_appointment(dr_chen, alice, at("09:00"))

    assert told(rita) == []


@pytest.mark.parametrize("who", ["alice", "rita"])
def test_names_when_not_a_doctor(who: str, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    user = person.user if isinstance(person, Patient) else person

    with pytest.raises(ValidationError) as refusal:
        calendar_feed.open_feed(by=user, names_patients=True)

    assert refusal.value.error_dict["names_patients"][0].code == "not_a_doctor"
    assert not CalendarFeed.objects.exists()


def test_content_asks_the_database_once(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:
    calendar_feed.open_feed(by=dr_chen.user, names_patients=True)
    asked = []

    for clock, patient in (("09:00", alice), ("10:00", bob), ("11:00", alice)):
        make_appointment(dr_chen, patient, at(clock), reason="r")
        feed = CalendarFeed.objects.select_related("user").get()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            calendar_feed.content(feed, now=NOW)
        asked.append(len(queries))

    assert asked == [1, 1, 1]
