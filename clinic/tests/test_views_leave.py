"""A doctor's own time off and extra hours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Message, Patient
from clinic.models import Appointment, Doctor, ScheduleException, Site, ToBeMoved, WeeklyHours
from clinic.tests.factories import MONDAY, at, make_appointment, make_extra_hours, make_time_off
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(days=1)


@pytest.fixture
def chen(client: Client, dr_chen: Doctor) -> Client:
    """Dr. Chen's."""
    client.force_login(dr_chen.user)
    return client


@pytest.mark.parametrize(
    ("told", "starts_at", "ends_at", "words"),
    [
        ({}, at("00:00"), at("00:00", MONDAY + DAY), "Time off, Mon 1 March 2027, the whole day"),
        (
            {"to_day": "2027-03-05"},
            at("00:00"),
            at("00:00", MONDAY + 5 * DAY),
            "Time off, Mon 1 March 2027 to Fri 5 March 2027",
        ),
        (
            {"from_time": "13:00", "to_time": "15:30"},
            at("13:00"),
            at("15:30"),
            "Time off, Mon 1 March 2027, 13:00–15:30 (CET)",
        ),
        (
            {"from_time": "13:00", "to_day": "2027-03-02"},
            at("13:00"),
            at("00:00", MONDAY + 2 * DAY),
            "Time off, Mon 1 March 2027, 13:00 to Wed 3 March 2027, 00:00 (CET)",
        ),
    ],
)
def test_leave_when_taken(
    told: dict[str, str], starts_at: datetime, ends_at: datetime, words: str, chen: Client, dr_chen: Doctor
) -> None:
    page = chen.post("/leave/", {"from_day": "2027-03-01", "reason": "Holiday"} | told, follow=True)

    assert f"Noted: {words}." in text_of(page)
    [row] = ScheduleException.objects.all()
    assert (row.doctor, row.site, row.kind) == (dr_chen, None, "time_off")
    assert (row.starts_at, row.ends_at, row.reason) == (starts_at, ends_at, "Holiday")


def test_leave_where_the_clock_skips_midnight(chen: Client, dr_chen: Doctor, berlin: Site) -> None:
    """In Beirut the 28th of March 2027 begins at one o'clock."""
    Site.objects.update(time_zone="Asia/Beirut")

    page = chen.post("/leave/", {"from_day": "2027-03-28"}, follow=True)

    assert "Noted: Time off, Sun 28 March 2027, the whole day." in text_of(page)
    row = ScheduleException.objects.get()
    assert (row.starts_at, row.ends_at) == (
        datetime(2027, 3, 27, 22, tzinfo=UTC),
        datetime(2027, 3, 28, 21, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"from_day": ""}, "from_day"),
        ({"from_day": "\x00"}, "from_day"),
        ({"from_day": "9999-12-31"}, "from_day"),
        ({"to_day": "9999-12-31"}, "to_day"),
        ({"to_day": "2037-03-01"}, "to_day"),
        ({"to_day": "2027-02-28"}, "to_day"),
        ({"from_day": "2027-02-01"}, "from_day"),
        ({"from_time": "10:00", "to_time": "10:00"}, "to_time"),
        ({"from_time": "10:00", "to_time": "09:00"}, "to_time"),
        ({"from_day": "2027-03-28", "from_time": "02:30"}, "from_time"),
        ({"reason": "a\x00b"}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"site": "\x00"}, "site"),
    ],
)
def test_leave_that_makes_no_sense(told: dict[str, str], field: str, chen: Client) -> None:
    page = chen.post("/leave/", {"from_day": "2027-03-01", "reason": "Holiday"} | told)

    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert "Holiday" in page.content.decode() or field == "reason"
    assert not ScheduleException.objects.exists()


def test_leave_over_visits_asks_first(chen: Client, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    # case 016
    first = make_appointment(dr_chen, alice, at("09:30"), reason="A rash")
    second = make_appointment(dr_chen, bob, at("10:00", MONDAY + DAY))
    away = {"from_day": "2027-03-01", "to_day": "2027-03-02", "reason": "Ill"}

    page = chen.post("/leave/", away)

    words = text_of(page)
    assert "2 visits would lose their times" in words
    assert "Alice Archer Mon 1 March 2027, 09:30 (CET) The nearest free times:" in words
    assert "Wed 3 March 2027, 09:00 (CET)" in words
    assert "A rash" not in words
    assert 'name="reason" value="Ill"' in page.content.decode()
    assert not ScheduleException.objects.exists()
    assert not ToBeMoved.objects.exists()
    assert not Message.objects.exists()

    third = make_appointment(dr_chen, bob, at("11:00"))
    page = chen.post("/leave/", away | {"seen": page.context["mark"]})

    assert "3 visits would lose their times" in text_of(page), "one of them has not been shown yet"
    assert not ScheduleException.objects.exists()

    page = chen.post("/leave/", away | {"seen": page.context["mark"]}, follow=True)

    assert "3 visits are to be moved now; their patients are being told." in text_of(page)
    assert "To be moved 3" in text_of(page)
    assert "3 visits wait to be moved" in text_of(page)
    assert {flag.appointment for flag in ToBeMoved.objects.all()} == {first, second, third}
    assert Message.objects.count() == 3

    page = chen.post(f"/leave/{ScheduleException.objects.get().pk}/remove/", follow=True)

    assert "3 visits stand again." in text_of(page)
    assert not ToBeMoved.objects.filter(resolved_at=None).exists()


def test_leave_when_removed(chen: Client, dr_chen: Doctor) -> None:
    row = make_time_off(at("00:00"), at("00:00", MONDAY + DAY), dr_chen)
    make_time_off(at("00:00") - 30 * DAY, at("00:00") - 29 * DAY, dr_chen, reason="Over")

    page = chen.get("/leave/")
    after = chen.post(f"/leave/{row.pk}/remove/", follow=True)

    assert "Time off, Mon 1 March 2027, the whole day" in text_of(page)
    assert "Over" not in text_of(page)
    assert "No time off and no extra hours to come" in text_of(after)
    assert not ScheduleException.objects.filter(pk=row.pk).exists()


def test_leave_of_others(chen: Client, dr_diaz: Doctor) -> None:
    theirs = make_time_off(at("00:00"), at("12:00"), dr_diaz)
    everybodys = make_time_off(at("00:00"), at("12:00"))

    assert "1 March" not in text_of(chen.get("/leave/"))
    for row in (theirs, everybodys):
        assert chen.post(f"/leave/{row.pk}/remove/").status_code == 404
    assert ScheduleException.objects.count() == 2


def extra(place: Site, **changes: Any) -> dict[str, Any]:
    """Extra hours as the form sends them."""
    told = {"day": "2027-03-06", "from_clock": "10:00", "to_clock": "12:00", "site": place.pk, "slot_minutes": 30}
    return {f"extra-{name}": value for name, value in (told | changes).items()}


def test_extra_hours_when_offered(chen: Client, dr_chen: Doctor, berlin: Site) -> None:
    # case 014
    page = chen.post("/leave/extra/", extra(berlin), follow=True)

    assert "Noted: Extra hours, Sat 6 March 2027, 10:00–12:00 (CET)." in text_of(page)
    row = ScheduleException.objects.get()
    saturday = MONDAY + 5 * DAY
    assert (row.kind, row.starts_at, row.ends_at) == ("extra_hours", at("10:00", saturday), at("12:00", saturday))


def test_extra_hours_into_the_next_day(chen: Client, berlin: Site) -> None:
    chen.post("/leave/extra/", extra(berlin, from_clock="22:00", to_clock="01:00"))

    row = ScheduleException.objects.get()
    assert row.ends_at - row.starts_at == timedelta(hours=3)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to_clock": "10:00"}, "to_clock"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "2027-02-01"}, "to_clock"),
        ({"site": ""}, "site"),
        ({"slot_minutes": "-1"}, "slot_minutes"),
    ],
)
def test_extra_hours_that_make_no_sense(changes: dict[str, str], field: str, chen: Client, berlin: Site) -> None:
    page = chen.post("/leave/extra/", extra(berlin, **changes))

    assert page.context["extra"].errors[field]
    assert not ScheduleException.objects.exists()


def test_extra_hours_that_are_booked_are_removed_after_a_look(
    chen: Client, dr_chen: Doctor, alice: Patient, berlin: Site
) -> None:
    saturday = MONDAY + 5 * DAY
    row = make_extra_hours(dr_chen, berlin, at("10:00", saturday), at("12:00", saturday))
    make_appointment(dr_chen, alice, at("10:00", saturday))

    asked = chen.post(f"/leave/{row.pk}/remove/")

    assert "1 visit would lose its time" in text_of(asked)
    assert ScheduleException.objects.exists()
    page = chen.post(f"/leave/{row.pk}/remove/", {"seen": asked.context["mark"]}, follow=True)
    assert "1 visit is to be moved now" in text_of(page)
    assert Appointment.objects.get().status == "scheduled"
    assert WeeklyHours.objects.exists()
