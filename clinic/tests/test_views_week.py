"""A doctor's week."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from clinic.models import Approval, Doctor, Site, Status
from clinic.tests.factories import (
    MONDAY,
    NOW,
    at,
    make_appointment,
    make_extra_hours,
    make_hours,
    make_site,
    make_time_off,
    make_visit_type,
)
from clinic.tests.portal import text_of
from clinic.workspace.week import Kind, week_of

pytestmark = pytest.mark.usefixtures("clock")


def told(doctor: Doctor, day: date) -> list[tuple[Kind, str]]:
    """What stands on that day of the week from MONDAY."""
    days = week_of(doctor, MONDAY, by=doctor.user, now=NOW)
    return [(entry.kind, entry.times) for entry in days[(day - MONDAY).days].entries]


def test_week_of_a_doctor(dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient, berlin: Site) -> None:
    kind = make_visit_type(buffer_after=15)
    visit = make_appointment(dr_chen, alice, at("09:30"), occupied_until=at("10:15"), visit_type=kind)
    make_appointment(dr_chen, bob, at("11:00"), status=Status.CANCELLED)
    make_appointment(dr_diaz, bob, at("11:00"))
    make_time_off(at("11:30"), at("14:00"), dr_chen)
    make_extra_hours(dr_chen, berlin, at("17:00"), at("18:00"))

    assert visit.occupied_until == at("10:15")
    assert told(dr_chen, MONDAY) == [
        (Kind.FREE, "09:00–09:30"),
        (Kind.VISIT, "09:30–10:00"),
        (Kind.FREE, "10:15–11:30"),
        (Kind.TIME_OFF, "11:30–14:00"),
        (Kind.EXTRA_HOURS, "17:00–18:00"),
        (Kind.FREE, "17:00–18:00"),
    ]


def test_week_when_somebody_is_away_for_days(dr_chen: Doctor) -> None:
    day = timedelta(days=1)
    make_time_off(at("10:00"), at("00:00", MONDAY + 3 * day), dr_chen)
    make_time_off(at("10:00", MONDAY + 3 * day), at("11:00", MONDAY + 3 * day))

    assert told(dr_chen, MONDAY) == [(Kind.FREE, "09:00–10:00"), (Kind.TIME_OFF, "10:00–00:00")]
    assert told(dr_chen, MONDAY + day) == [(Kind.TIME_OFF, "All day")]
    assert told(dr_chen, MONDAY + 2 * day) == [(Kind.TIME_OFF, "All day")]
    assert told(dr_chen, MONDAY + 3 * day) == [
        (Kind.FREE, "09:00–10:00"),
        (Kind.TIME_OFF, "10:00–11:00"),
        (Kind.FREE, "11:00–12:00"),
    ]


def test_week_names_the_zone_of_another_clock(dr_chen: Doctor, alice: Patient) -> None:
    """What begins at 23:30 in Honolulu is that day's, though it is the next day already where the doctor mostly is."""
    honolulu = make_site(name="Honolulu", time_zone="Pacific/Honolulu")
    make_hours(dr_chen, honolulu, "22:00", "23:30", weekdays=[0])
    make_appointment(dr_chen, alice, at("22:00", MONDAY, honolulu), site=honolulu)

    assert told(dr_chen, MONDAY)[-2:] == [(Kind.VISIT, "22:00–22:30 (HST)"), (Kind.FREE, "22:30–23:30 (HST)")]


def test_week_on_the_day_when_clocks_go_forward(dr_chen: Doctor, berlin: Site) -> None:
    make_hours(dr_chen, berlin, "01:00", "05:00", weekdays=[6])

    days = week_of(dr_chen, date(2027, 3, 22), by=dr_chen.user, now=NOW)

    assert [entry.times for entry in days[6].entries] == ["01:00–05:00"]
    assert days[5].zone == "CET"


def test_week_page(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("09:30"), reason="A rash")
    client.force_login(dr_chen.user)

    page = client.get("/week/", {"date": "2027-03-04"})

    words = text_of(page)
    assert "Mon 1 March 2027 to Sun 7 March 2027" in words
    assert "09:30–10:00 Alice Archer" in words
    assert "A rash" not in words
    assert {"?date=2027-02-22", "?date=2027-03-08"} <= set(page.content.decode().split('"'))
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize("day", ["x", "9999-12-31", "0001-01-01", "2027-13-45", "\x00"])
def test_week_when_the_date_is_nonsense(day: str, client: Client, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)

    page = client.get("/week/", {"date": day})

    assert page.status_code == 200
    assert page.context["form"].errors["date"]
    assert "Mon 22 February 2027" in text_of(page)


def test_week_asks_as_often_for_many_as_for_few(client: Client, dr_chen: Doctor, bob: Patient, berlin: Site) -> None:
    client.force_login(dr_chen.user)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/week/", {"date": "2027-03-01"})
        return len(queries)

    make_appointment(dr_chen, bob, at("09:00"))
    make_extra_hours(dr_chen, berlin, at("17:00"), at("18:00"))
    count()
    few = count()
    for number in range(1, 6):
        make_appointment(dr_chen, bob, at("09:00") + timedelta(minutes=30 * number), visit_type=make_visit_type())
        make_time_off(at("15:00") + timedelta(days=number), at("16:00") + timedelta(days=number), dr_chen)

    assert count() == few


PAGES = ["/week/", "/hours/", "/leave/", "/to-be-moved/"]


@pytest.mark.parametrize("path", PAGES)
def test_workspace_is_for_doctors(path: str, client: Client, alice: Patient, rita: User, adam: User) -> None:
    for user in (alice.user, rita, adam):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_workspace_of_a_doctor_who_is_not_let_in(path: str, client: Client, dr_chen: Doctor) -> None:
    Doctor.objects.update(approval=Approval.REJECTED)
    client.force_login(dr_chen.user)

    page = client.get(path, follow=True)

    assert page.redirect_chain == [("/day/", 302)]
    assert "once an administrator has approved your profile" in text_of(page)
