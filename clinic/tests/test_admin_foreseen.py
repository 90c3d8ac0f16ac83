"""Whoever changes a calendar over visits sees first whom that hits; copying hours."""

from typing import Any

import pytest

from accounts.models import Message, Patient, User
from clinic.models import Doctor, ExceptionKind, ScheduleException, Site, ToBeMoved, WeeklyHours
from clinic.tests.desk import client_of, hidden, page
from clinic.tests.factories import MONDAY, at, make_appointment, make_extra_hours, make_time_off

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def form(dr_chen: Doctor, berlin: Site) -> dict[str, Any]:
    """Time off of Dr. Chen on Monday from nine to twelve, as the admin's form has it."""
    day = MONDAY.isoformat()
    times = {"starts_at_0": day, "starts_at_1": "09:00", "ends_at_0": day, "ends_at_1": "12:00"}
    said = {"kind": "time_off", "doctor": dr_chen.pk, "site": "", "clock_of": berlin.pk, "reason": "A “talk”"}
    return times | said | {"slot_minutes": 60, "_save": "Save"}


ADD = page(ScheduleException, "add")


def test_time_off_over_a_visit_asks_first(
    adam: User, alice: Patient, dr_chen: Doctor, form: dict[str, Any]
) -> None:  # case 016
    visit = make_appointment(dr_chen, alice, at("10:00"))

    asked = client_of(adam).post(ADD, form).content.decode()

    assert "1 visit loses its place" in asked
    assert f"Mon 1 March 2027, 10:00 (CET): Alice Archer with Dr. Wei Chen, {visit.reference}" in asked
    assert "Tue 2 March 2027, 09:00 (CET) with Dr. Wei Chen, Berlin Mitte" in asked
    assert "Mon 1 March 2027, 09:00" not in asked
    assert not ScheduleException.objects.exists()
    assert not ToBeMoved.objects.exists()
    assert not Message.objects.exists()


def test_time_off_that_is_confirmed_is_written_with_flag_and_message(
    adam: User, alice: Patient, dr_chen: Doctor, form: dict[str, Any]
) -> None:  # case 016
    visit, client = make_appointment(dr_chen, alice, at("10:00")), client_of(adam)

    answer = client.post(ADD, hidden(client.post(ADD, form)), follow=True)

    made = ScheduleException.objects.get()
    assert (made.starts_at, made.ends_at, made.doctor, made.reason) == (at("09:00"), at("12:00"), dr_chen, "A “talk”")
    assert ToBeMoved.objects.get().appointment == visit
    assert Message.objects.get().kind == "to_be_moved"
    assert "1 visit is to be moved." in answer.content.decode()


def test_time_off_asks_again_if_another_visit_is_hit_meanwhile(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor, form: dict[str, Any]
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    client = client_of(adam)
    asked = client.post(ADD, form)
    make_appointment(dr_chen, bob, at("11:00"))

    again = client.post(ADD, hidden(asked))

    assert "2 visits lose their place" in again.content.decode()
    assert not ScheduleException.objects.exists()
    assert client.post(ADD, hidden(again)).status_code == 302
    assert ToBeMoved.objects.count() == 2


def test_time_off_over_nobody_is_written_at_once(adam: User, dr_chen: Doctor, form: dict[str, Any]) -> None:
    assert client_of(adam).post(ADD, form).status_code == 302
    assert ScheduleException.objects.count() == 1


def test_time_off_that_grows_over_a_visit_asks_first(
    adam: User, alice: Patient, dr_chen: Doctor, form: dict[str, Any]
) -> None:
    off = make_time_off(at("09:00"), at("10:00"), dr_chen)
    make_appointment(dr_chen, alice, at("10:00"))
    client, address = client_of(adam), page(ScheduleException, "change", off.pk)

    asked = client.post(address, form)
    off.refresh_from_db()
    assert off.ends_at == at("10:00")
    client.post(address, hidden(asked))

    off.refresh_from_db()
    assert off.ends_at == at("12:00")
    assert ToBeMoved.objects.get().exception == off


def test_word_that_visits_were_seen_is_worth_nothing_if_they_were_not(
    adam: User, alice: Patient, dr_chen: Doctor, form: dict[str, Any]
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))

    answer = client_of(adam).post(ADD, form | {"confirmed": "yes"})

    assert answer.status_code == 200
    assert not ScheduleException.objects.exists()


def test_hours_that_shrink_under_a_visit_ask_first(
    adam: User, alice: Patient, dr_chen: Doctor, berlin: Site
) -> None:  # case 019
    make_appointment(dr_chen, alice, at("11:30"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    said = {"doctor": dr_chen.pk, "site": berlin.pk, "weekday": 0, "starts": "09:00", "ends": "11:00"}
    client, address = client_of(adam), page(WeeklyHours, "change", monday.pk)

    asked = client.post(address, said | {"slot_minutes": 30, "valid_from": "", "valid_until": ""})

    assert "1 visit loses its place" in asked.content.decode()
    monday.refresh_from_db()
    assert f"{monday.ends:%H:%M}" == "12:00"
    assert not ToBeMoved.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("what", ["hours", "extra hours"])
def test_page_that_asks_before_deleting_lists_the_visits(
    what: str, adam: User, alice: Patient, dr_chen: Doctor, berlin: Site
) -> None:
    extra = make_extra_hours(dr_chen, berlin, at("14:00"), at("16:00"))
    assert extra.kind == ExceptionKind.EXTRA_HOURS
    visit = make_appointment(dr_chen, alice, at("10:00" if what == "hours" else "14:00"))
    thing = dr_chen.weekly_hours.get(weekday=0) if what == "hours" else extra

    asked = client_of(adam).get(page(type(thing), "delete", thing.pk)).content.decode()

    assert visit.reference in asked
    assert type(thing).objects.filter(pk=thing.pk).exists()


def test_page_that_asks_before_deleting_asks_again_if_another_visit_is_hit_meanwhile(
    adam: User, alice: Patient, bob: Patient, dr_chen: Doctor
) -> None:
    monday, client = dr_chen.weekly_hours.get(weekday=0), client_of(adam)
    make_appointment(dr_chen, alice, at("10:00"))
    address = page(WeeklyHours, "delete", monday.pk)
    asked = client.get(address)
    make_appointment(dr_chen, bob, at("11:00"))

    again = client.post(address, hidden(asked))

    assert "2 visits lose their place" in again.content.decode()
    assert dr_chen.weekly_hours.filter(weekday=0).exists()
    assert client.post(address, hidden(again)).status_code == 302
    assert not dr_chen.weekly_hours.filter(weekday=0).exists()
    assert ToBeMoved.objects.count() == 2


def test_day_is_copied_to_other_days(adam: User, dr_chen: Doctor, berlin: Site) -> None:
    monday = dr_chen.weekly_hours.get(weekday=0)
    address = page(WeeklyHours, "copy-day", monday.pk)
    assert "Saturday" in client_of(adam).get(address).content.decode()

    answer = client_of(adam).post(address, {"to": ["5", "6"]}, follow=True)

    assert "The hours are copied." in answer.content.decode()
    assert [hours.weekday for hours in dr_chen.weekly_hours.order_by("weekday")] == [0, 1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("to", [[], ["0"], ["7"], ["nonsense"]])
def test_day_is_copied_to_no_such_days(adam: User, dr_chen: Doctor, to: list[str]) -> None:
    monday = dr_chen.weekly_hours.get(weekday=0)

    answer = client_of(adam).post(page(WeeklyHours, "copy-day", monday.pk), {"to": to})

    assert answer.context["form"].errors
    assert dr_chen.weekly_hours.count() == 5


def test_week_is_copied_to_a_colleague(adam: User, alice: Patient, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    dr_chen.weekly_hours.exclude(weekday=0).delete()
    visit = make_appointment(dr_diaz, alice, at("10:00", MONDAY.replace(day=2)))

    answer = client_of(adam).post(page(Doctor, "copy-week", dr_chen.pk), {"to": dr_diaz.pk}, follow=True)

    assert "1 visit is to be moved." in answer.content.decode()
    assert [hours.weekday for hours in dr_diaz.weekly_hours.all()] == [0]
    assert ToBeMoved.objects.get().appointment == visit


def test_week_is_copied_to_nobody_else(adam: User, dr_chen: Doctor) -> None:
    answer = client_of(adam).post(page(Doctor, "copy-week", dr_chen.pk), {"to": dr_chen.pk})

    assert answer.context["form"].errors["to"] == ["Choose another doctor."]


def test_copying_is_for_administrators(rita: User, dr_chen: Doctor, dr_diaz: Doctor) -> None:  # case 120
    monday = dr_chen.weekly_hours.get(weekday=0)
    client = client_of(rita)

    assert client.post(page(WeeklyHours, "copy-day", monday.pk), {"to": ["5"]}).status_code == 403
    assert client.post(page(Doctor, "copy-week", dr_chen.pk), {"to": dr_diaz.pk}).status_code == 403
    assert WeeklyHours.objects.count() == 10
