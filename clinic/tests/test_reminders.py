"""Reminders: found by looking, written once, and true when they are sent."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import outbox
from accounts.models import Channel, Message, Patient, User
from accounts.models.patient import ReminderChannel
from accounts.tests.factories import make_patient
from clinic import booking, reminders
from clinic.models import Appointment, Doctor, Status, ToBeMoved
from clinic.models.to_be_moved import Cause
from clinic.tests.factories import NOW, at, make_appointment, make_hours, make_site

START = at("10:00")
"""Of the visit: Monday, 1 March 2027."""
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2027, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def policy(settings: Any) -> None:
    settings.REMINDER_HOURS_BEFORE = (168, 24)


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    """Alice's, agreed on long ago."""
    return make_appointment(dr_chen, alice, START, agreed_at=LONG_AGO)


def written() -> int:
    return Message.objects.filter(kind="reminder").count()


def sent(now: datetime) -> list[str]:
    """The subjects of what is delivered at ``now``."""
    outbox.deliver_due(now)
    subjects = [str(letter.subject) for letter in mail.outbox]
    mail.outbox.clear()
    return subjects


@pytest.mark.parametrize(
    ("hours", "late", "expected"),
    [
        (168, -SECOND, 0),
        (168, timedelta(), 1),
        (168, HOUR, 1),
        (24, -SECOND, 1),  # the one of a week before, made up for
        (24, timedelta(), 1),
        (24, 23 * HOUR, 1),
        (0, -SECOND, 1),
        (0, timedelta(), 0),
        (0, HOUR, 0),
    ],
)
def test_plan_when_looked(visit: Appointment, hours: int, late: timedelta, expected: int) -> None:
    assert reminders.plan(now=START - hours * HOUR + late) == expected
    assert written() == expected


def test_plan_is_the_same_however_often(visit: Appointment) -> None:
    now = START - 200 * HOUR
    while now < START + HOUR:
        reminders.plan(now=now)
        now += 7 * HOUR

    keys = set(Message.objects.values_list("key", flat=True))
    assert keys == {reminders.key(visit, 168), reminders.key(visit, 24)}


def test_plan_when_another_scheduler_was_quicker(visit: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either had written."""
    now = START - 24 * HOUR
    quick = list(reminders.due(24, now=now).select_related("patient"))
    reminders.plan(now=now)

    outbox.enqueue_all("reminder", [reminders._note(one, 24) for one in quick], now=now)

    assert written() == 1


def test_plan_when_it_was_down_sends_the_latest_alone(visit: Appointment) -> None:
    now = START - 20 * HOUR

    assert [reminders.plan(now=now), reminders.plan(now=now)] == [1, 0]

    assert Message.objects.get().key == reminders.key(visit, 24)
    assert sent(now) == ["Reminder: your appointment on Mon 1 March 2027, 10:00 (CET)"]


@pytest.mark.parametrize(("before", "expected"), [(25, 1), (24, 1), (23, 0)])
def test_plan_when_booked_late(alice: Patient, dr_chen: Doctor, before: int, expected: int) -> None:
    agreed = START - before * HOUR
    make_appointment(dr_chen, alice, START, agreed_at=agreed)

    reminders.plan(now=agreed + SECOND)
    reminders.plan(now=START - 22 * HOUR)

    assert written() == expected


def test_plan_when_it_is_not_known_since_when(alice: Patient, dr_chen: Doctor) -> None:
    """Rows from before that was written down: their making counts."""
    visit = make_appointment(dr_chen, alice, START)
    Appointment.objects.filter(pk=visit.pk).update(created_at=START - 20 * HOUR)

    assert reminders.plan(now=START - 19 * HOUR) == 0

    Appointment.objects.filter(pk=visit.pk).update(created_at=START - 25 * HOUR)
    assert reminders.plan(now=START - 19 * HOUR) == 1


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.SCHEDULED, Status.HELD}))
def test_plan_when_it_is_not_to_come(visit: Appointment, status: str) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status=status)

    assert reminders.plan(now=START - 24 * HOUR) == 0


def test_plan_for_who_wants_none(visit: Appointment, alice: Patient) -> None:
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=ReminderChannel.NONE)

    assert reminders.plan(now=START - 24 * HOUR) == 0


def test_plan_for_who_wants_it_on_his_telephone(visit: Appointment, alice: Patient) -> None:
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=ReminderChannel.SMS)

    reminders.plan(now=START - 24 * HOUR)

    assert Message.objects.get().channel == Channel.SMS


@pytest.mark.parametrize(("sms", "expected"), [("none", 0), ("console", 1)])
def test_plan_for_who_has_a_telephone_alone(
    visit: Appointment, alice: Patient, settings: Any, sms: str, expected: int
) -> None:
    settings.SMS_CHANNEL = sms
    way = {"email": "", "phone": "+4930123456", "reminder_channel": ReminderChannel.SMS}
    Patient.objects.filter(pk=alice.pk).update(user=None, **way)

    assert reminders.plan(now=START - 24 * HOUR) == expected


def test_plan_for_whom_it_cannot_reach(visit: Appointment, alice: Patient) -> None:
    Patient.objects.filter(pk=alice.pk).update(user=None, email="")

    assert reminders.plan(now=START - 24 * HOUR) == 0


def test_plan_when_there_are_no_reminders(visit: Appointment, settings: Any) -> None:
    settings.REMINDER_HOURS_BEFORE = ()

    assert reminders.plan(now=START - 24 * HOUR) == 0


def test_moved_after_it_was_planned(visit: Appointment, alice: Patient, rita: User) -> None:
    # case 065
    now = START - 24 * HOUR
    reminders.plan(now=now)
    booking.reschedule(visit, starts_at=at("10:00", date(2027, 3, 3)), by=rita, now=now)

    assert sent(now) == ["New time: your appointment on Wed 3 March 2027, 10:00 (CET)"]

    later = at("10:00", date(2027, 3, 2))
    assert reminders.plan(now=later) == 1
    assert sent(later) == ["Reminder: your appointment on Wed 3 March 2027, 10:00 (CET)"]


def test_moved_away_and_back(visit: Appointment, rita: User) -> None:
    # case 065
    now = START - 30 * HOUR
    for clock in ("11:00", "10:00"):
        visit = booking.reschedule(visit, starts_at=at(clock), by=rita, now=now)
    sent(now)

    reminders.plan(now=START - 24 * HOUR)

    assert sent(START - 24 * HOUR) == ["Reminder: your appointment on Mon 1 March 2027, 10:00 (CET)"]


def test_cancelled_after_it_was_planned(visit: Appointment, rita: User) -> None:
    # case 065
    now = START - 24 * HOUR
    reminders.plan(now=now)
    booking.cancel(visit, by=rita, now=now, reason="Ill.")

    assert sent(now) == ["Cancelled: your appointment on Mon 1 March 2027, 10:00 (CET)"]
    assert Message.objects.get(kind="reminder").dropped_at == now


def test_begun_before_it_was_sent(visit: Appointment) -> None:
    reminders.plan(now=START - HOUR)

    assert sent(START) == []
    assert Message.objects.get().dropped_at == START


def test_given_up_by_the_patient_before_it_was_sent(visit: Appointment, alice: Patient) -> None:
    reminders.plan(now=START - HOUR)
    Patient.objects.filter(pk=alice.pk).update(reminder_channel=ReminderChannel.NONE)

    assert sent(START - HOUR) == []


def test_plan_when_it_waits_to_be_moved(visit: Appointment) -> None:
    """Who was told that the time cannot be kept is not asked to come; if it can be kept after all, he is."""
    flag = ToBeMoved.objects.create(appointment=visit, cause=Cause.EXCEPTION)
    assert reminders.plan(now=START - 24 * HOUR) == 0

    ToBeMoved.objects.filter(pk=flag.pk).update(resolved_at=NOW)

    assert reminders.plan(now=START - 23 * HOUR) == 1


def test_flagged_after_it_was_planned(visit: Appointment) -> None:
    reminders.plan(now=START - HOUR)
    ToBeMoved.objects.create(appointment=visit, cause=Cause.HOURS)

    assert sent(START - HOUR) == []


@pytest.mark.parametrize(("late", "expected"), [(9, False), (11, True)])
def test_are_late_when_nobody_plans(visit: Appointment, late: int, expected: bool) -> None:
    now = START - 24 * HOUR + timedelta(minutes=late)

    assert reminders.are_late(now=now) == expected

    reminders.plan(now=now)
    assert not reminders.are_late(now=now)


ZONES = {
    "Europe/Berlin": ((date(2027, 3, 28), "CEST"), (date(2027, 10, 31), "CET")),
    "America/New_York": ((date(2027, 3, 14), "EDT"), (date(2027, 11, 7), "EST")),
    "Australia/Sydney": ((date(2027, 10, 3), "AEDT"), (date(2027, 4, 4), "AEST")),
}


@pytest.mark.parametrize(("zone", "number"), [(zone, number) for zone in ZONES for number in (0, 1)])
def test_reminder_when_the_clocks_change(zone: str, number: int, alice: Patient, dr_chen: Doctor) -> None:
    """A day is 24 hours, whatever the clocks do; the mail says what the site's clock will show."""
    day, name = ZONES[zone][number]
    site = make_site(time_zone=zone)
    make_hours(dr_chen, site, weekdays=range(5, 7))
    start = at("09:30", day, site)
    make_appointment(dr_chen, alice, start, site=site, agreed_at=LONG_AGO)

    assert reminders.plan(now=start - 24 * HOUR - SECOND) == 1  # that of a week before
    assert reminders.plan(now=start - 24 * HOUR) == 1

    told = f"Reminder: your appointment on {day:%a} {day.day} {day:%B} 2027, 09:30 ({name})"
    assert sent(start - 24 * HOUR) == [told, told]


def asked(now: datetime) -> int:
    with CaptureQueriesContext(connection) as queries:
        reminders.plan(now=now)
    return len(queries)


def test_plan_asks_as_often_for_many(dr_chen: Doctor) -> None:
    def grow(day: int, number: int) -> datetime:
        start = at("09:00", date(2027, 3, day))
        for minute in range(number):
            make_appointment(
                dr_chen, make_patient(), start + minute * timedelta(minutes=5), minutes=5, agreed_at=LONG_AGO
            )
        return start - 24 * HOUR + 2 * HOUR

    few = asked(grow(1, 2))
    many = asked(grow(2, 20))

    assert many == few


def test_plan_when_there_are_more_than_one_batch(dr_chen: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "BATCH", 2)
    for minute in range(5):
        make_appointment(dr_chen, make_patient(), START + minute * timedelta(minutes=5), minutes=5, agreed_at=LONG_AGO)

    assert reminders.plan(now=START - 20 * HOUR) == 5
    assert written() == 5


def test_plan_leaves_the_week_to_come_alone(alice: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, alice, NOW + timedelta(days=30), agreed_at=LONG_AGO)

    assert reminders.plan(now=NOW) == 0
