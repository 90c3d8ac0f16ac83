"""A doctor's own weekly hours."""

from datetime import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import Message, Patient
from clinic.models import Appointment, Doctor, Site, ToBeMoved, WeeklyHours
from clinic.tests.factories import at, make_appointment
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def chen(client: Client, dr_chen: Doctor) -> Client:
    """Dr. Chen's."""
    client.force_login(dr_chen.user)
    return client


def told(place: Site, **changes: Any) -> dict[str, Any]:
    """Hours as the form sends them."""
    return {"weekday": 5, "starts": "09:00", "ends": "10:50", "site": place.pk, "slot_minutes": 30} | changes


def rows(doctor: Doctor) -> set[tuple[int, time, time]]:
    return set(doctor.weekly_hours.values_list("weekday", "starts", "ends"))


def test_hours_page(chen: Client, dr_chen: Doctor, dr_diaz: Doctor) -> None:
    WeeklyHours.objects.filter(doctor=dr_diaz).update(ends=time(17, 45))

    words = text_of(chen.get("/hours/"))

    assert "Monday 09:00–12:00 Berlin Mitte 6 times of 30 minutes" in words
    assert "Saturday No hours" in words
    assert "17:45" not in words


def test_hours_when_added(chen: Client, dr_chen: Doctor, berlin: Site) -> None:
    # case 005
    page = chen.post("/hours/", told(berlin), follow=True)

    assert "Saturday 09:00-10:50: 3 visits: 09:00, 09:30, 10:00. The last 20 minutes are left over." in text_of(page)
    assert (5, time(9), time(10, 50)) in rows(dr_chen)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends": "09:00"}, "ends"),
        ({"ends": ""}, "ends"),
        ({"ends": "25:00"}, "ends"),
        ({"starts": "\x00"}, "starts"),
        ({"weekday": 0, "starts": "11:00", "ends": "13:00"}, "starts"),
        ({"slot_minutes": "5"}, "slot_minutes"),
        ({"slot_minutes": "9" * 30}, "slot_minutes"),
        ({"slot_minutes": "120"}, "slot_minutes"),
        ({"weekday": 7}, "weekday"),
        ({"site": "x"}, "site"),
        ({"valid_from": "9999-12-31"}, "valid_from"),
        ({"valid_from": "2027-03-02", "valid_until": "2027-03-01"}, "valid_until"),
    ],
)
def test_hours_that_make_no_sense(
    changes: dict[str, Any], field: str, chen: Client, dr_chen: Doctor, berlin: Site
) -> None:
    before = rows(dr_chen)

    page = chen.post("/hours/", told(berlin, **changes))

    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert 'value="10:50"' in page.content.decode() or "ends" in changes
    assert rows(dr_chen) == before


def test_hours_when_changed_over_a_visit(chen: Client, dr_chen: Doctor, alice: Patient, berlin: Site) -> None:
    # case 019
    visit = make_appointment(dr_chen, alice, at("11:00"))
    monday = dr_chen.weekly_hours.get(weekday=0)
    shorter = told(berlin, weekday=0, ends="11:00")

    page = chen.post(f"/hours/{monday.pk}/", shorter)

    assert "1 visit would lose its time" in text_of(page)
    assert "Alice Archer Mon 1 March 2027, 11:00 (CET)" in text_of(page)
    assert dr_chen.weekly_hours.get(weekday=0).ends == time(12)
    assert not ToBeMoved.objects.exists()

    page = chen.post(f"/hours/{monday.pk}/", shorter | {"seen": page.context["mark"]}, follow=True)

    assert "Monday 09:00-11:00: 4 visits: 09:00, 09:30, 10:00, 10:30." in text_of(page)
    assert "1 visit is to be moved now" in text_of(page)
    assert dr_chen.weekly_hours.get(weekday=0).ends == time(11)
    assert ToBeMoved.objects.get().appointment == visit
    assert Appointment.objects.get().starts_at == visit.starts_at
    assert Message.objects.filter(about=visit.pk).count() == 1


def test_hours_when_removed(chen: Client, dr_chen: Doctor, alice: Patient) -> None:
    monday, tuesday = dr_chen.weekly_hours.get(weekday=0), dr_chen.weekly_hours.get(weekday=1)
    make_appointment(dr_chen, alice, at("11:00"))

    page = chen.post(f"/hours/{tuesday.pk}/remove/", follow=True)
    asked = chen.post(f"/hours/{monday.pk}/remove/")

    assert "Removed: Tuesday 09:00-12:00." in text_of(page)
    assert "1 visit would lose its time" in text_of(asked)
    assert sorted(day for day, *_times in rows(dr_chen)) == [0, 2, 3, 4]
    assert not ToBeMoved.objects.exists()


def test_hours_when_a_day_is_copied(chen: Client, dr_chen: Doctor) -> None:
    dr_chen.weekly_hours.filter(weekday__gt=0).delete()

    page = chen.post("/hours/copy/", {"weekday": 0, "to": [2, 5]}, follow=True)

    assert "Saturday 09:00-12:00: 6 visits" in text_of(page)
    assert sorted(day for day, *_times in rows(dr_chen)) == [0, 2, 5]


@pytest.mark.parametrize("to", [[], ["0"], ["7"], ["x"]])
def test_hours_when_a_day_is_copied_nowhere(to: list[str], chen: Client, dr_chen: Doctor) -> None:
    before = rows(dr_chen)

    page = chen.post("/hours/copy/", {"weekday": 0, "to": to})

    assert page.context["copying"].errors["to"]
    assert rows(dr_chen) == before


def test_hours_of_a_colleague(chen: Client, dr_diaz: Doctor, berlin: Site) -> None:
    theirs = dr_diaz.weekly_hours.get(weekday=0)
    before = rows(dr_diaz)

    assert chen.get(f"/hours/{theirs.pk}/").status_code == 404
    assert chen.post(f"/hours/{theirs.pk}/", told(berlin)).status_code == 404
    assert chen.post(f"/hours/{theirs.pk}/remove/").status_code == 404
    assert rows(dr_diaz) == before
