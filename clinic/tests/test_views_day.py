"""A doctor's day."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, User
from clinic.models import Appointment, Approval, Doctor, Site, Status
from clinic.tests.factories import MONDAY, NOW, at, make_appointment, make_hours, make_site, make_visit_type
from clinic.tests.portal import text_of

pytestmark = pytest.mark.usefixtures("clock")


def test_day(client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, bob: Patient) -> None:
    make_appointment(dr_chen, bob, at("11:00"), status=Status.CANCELLED)
    make_appointment(dr_chen, alice, at("09:30"), reason="A rash", visit_type=make_visit_type(name="Check-up"))
    make_appointment(dr_diaz, bob, at("09:30"))
    make_appointment(dr_chen, alice, at("09:30", MONDAY + timedelta(days=1)))
    client.force_login(dr_chen.user)

    words = text_of(client.get("/day/", {"date": "2027-03-01"}))

    assert "1 visit 09:30 30 min, CET Alice Archer Booked Check-up, Berlin Mitte A rash" in words
    assert "11:00 30 min, CET Bob Baker Cancelled" in words
    assert words.count("Bob Baker") == 1


def test_day_today(client: Client, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)

    page = client.get("/day/")

    assert "Today, Mon 22 February 2027" in text_of(page)
    assert "No visits on this day" in text_of(page)
    assert "?date=2027-02-21" in page.content.decode()
    assert "?date=2027-02-23" in page.content.decode()


def test_day_is_the_sites(client: Client, dr_chen: Doctor, alice: Patient, berlin: Site) -> None:
    """What begins at 23:30 in Honolulu is on that day's list, though it is the next day already in UTC."""
    honolulu = make_site(name="Honolulu", time_zone="Pacific/Honolulu")
    make_hours(dr_chen, honolulu, "22:00", "23:59")
    make_appointment(dr_chen, alice, at("23:30", MONDAY, honolulu), site=honolulu)
    client.force_login(dr_chen.user)

    assert "23:30 30 min, HST" in text_of(client.get("/day/", {"date": "2027-03-01"}))
    assert "No visits" in text_of(client.get("/day/", {"date": "2027-03-02"}))


@pytest.mark.parametrize("date", ["x", "9999-12-31", "0001-01-01", "2027-13-45", "\x00", ""])
def test_day_when_the_date_is_nonsense(date: str, client: Client, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)

    assert "Today, Mon 22 February 2027" in text_of(client.get("/day/", {"date": date}))


def test_day_for_others(client: Client, alice: Patient, rita: User) -> None:
    client.force_login(alice.user)
    assert client.get("/day/").status_code == 404
    client.force_login(rita)
    assert client.get("/day/").headers["Location"] == "/admin/"


def test_day_of_a_doctor_who_is_not_approved(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    make_appointment(dr_chen, alice, at("09:30"))
    Doctor.objects.update(approval=Approval.PENDING)
    client.force_login(dr_chen.user)

    assert "Alice" not in text_of(client.get("/day/", {"date": "2027-03-01"}))


def test_day_asks_as_often_for_many_as_for_few(client: Client, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    client.force_login(dr_chen.user)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/day/", {"date": "2027-03-01"})
        return len(queries)

    make_appointment(dr_chen, alice, at("09:00"))
    count()
    few = count()
    for number in range(1, 6):
        make_appointment(dr_chen, bob, at("09:00") + timedelta(minutes=30 * number), visit_type=make_visit_type())

    assert count() == few


@pytest.mark.parametrize("day", ["x", "9999-12-31", "0001-01-01"])
def test_day_that_makes_no_sense_is_said_so_at_the_field(dr_chen: Doctor, client: Client, day: str) -> None:
    client.force_login(dr_chen.user, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/day/", {"date": day})

    assert answer.status_code == 200
    assert answer.context["form"].errors["date"]
    assert b"invalid-feedback" in answer.content


def test_agenda_when_switched(client: Client, dr_chen: Doctor) -> None:
    client.force_login(dr_chen.user)
    assert "Send me this e-mail" in text_of(client.get("/day/"))

    page = client.post("/day/agenda/", {"wants": "yes"}, follow=True)

    assert "From now on you get your day" in text_of(page)
    assert "Stop this e-mail" in text_of(page)
    assert Doctor.objects.get().wants_agenda
    page = client.post("/day/agenda/", follow=True)
    assert "Send me this e-mail" in text_of(page)
    assert not Doctor.objects.get().wants_agenda


def test_agenda_of_somebody_who_is_no_doctor(client: Client, alice: Patient, rita: User, dr_chen: Doctor) -> None:
    for user in (alice.user, rita):
        client.force_login(user)
        assert client.post("/day/agenda/", {"wants": "yes"}).status_code == 404

    assert not Doctor.objects.get().wants_agenda


def today_of(doctor: Doctor, patient: Patient, clock: str, **more: Any) -> Appointment:
    """A visit on the day on which the clock stands at 09:00."""
    return make_appointment(doctor, patient, at(clock, NOW.date()), **more)


def press(client: Client, visit: Appointment, step: str, **more: Any) -> Any:
    """A button of the visit, as the page would send it."""
    return client.post(f"/day/visits/{visit.pk}/{step}/", {"version": visit.etag} | more, follow=True)


def test_day_shows_who_is_next(client: Client, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    today_of(dr_chen, alice, "10:00")
    waiting = NOW - timedelta(minutes=12)
    today_of(dr_chen, bob, "11:00", status=Status.ARRIVED, arrived_at=waiting)
    client.force_login(dr_chen.user)

    words = " ".join(text_of(client.get("/day/")).replace("\xa0", " ").split())

    assert "Next patient 11:00 30 min, CET Bob Baker Arrived Berlin Mitte Waiting for 12 minutes Start" in words
    assert words.count("Start , Bob Baker") == 1
    assert "Not here yet" not in words


def test_day_steps_to_the_end(client: Client, dr_chen: Doctor, alice: Patient) -> None:
    visit = today_of(dr_chen, alice, "09:00")
    client.force_login(dr_chen.user)
    assert "Arrived , Alice Archer" in text_of(client.get("/day/"))

    for step, words, status in (
        ("arrive", "the patient is here", Status.ARRIVED),
        ("start", "The visit has begun.", Status.IN_PROGRESS),
        ("complete", "The visit is completed.", Status.COMPLETED),
        ("undo", "Taken back.", Status.IN_PROGRESS),
    ):
        visit.refresh_from_db()
        page = press(client, visit, step)
        assert words in text_of(page)
        assert page.redirect_chain == [(f"/day/?date=2027-02-22#visit-{visit.pk}", 302)]
        visit.refresh_from_db()
        assert visit.status == status


@pytest.mark.parametrize(
    ("step", "more", "words"),
    [
        ("arrive", {"version": "old"}, "It was changed meanwhile; please look again."),
        ("complete", {}, "This cannot follow"),
        ("no_show", {}, "It is too early for this."),
        ("undo", {}, "There is nothing to take back."),
    ],
)
def test_day_step_when_refused(
    step: str, more: dict[str, str], words: str, client: Client, dr_chen: Doctor, alice: Patient
) -> None:
    visit = today_of(dr_chen, alice, "10:00")
    client.force_login(dr_chen.user)

    page = press(client, visit, step, **more)

    assert words in text_of(page)
    assert Appointment.objects.get().status == Status.SCHEDULED


def test_day_step_of_others(client: Client, dr_chen: Doctor, dr_diaz: Doctor, alice: Patient, rita: User) -> None:
    """Another doctor's visit, his own as a patient; staff have the day sheet; there is no step of that name."""
    visit = today_of(dr_chen, alice, "09:00")
    Patient.objects.filter(pk=alice.pk).update(user=dr_chen.user)
    for user, step in ((dr_diaz.user, "arrive"), (dr_chen.user, "arrive"), (rita, "arrive"), (dr_chen.user, "cancel")):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert press(client, visit, step).status_code == 404

    assert Appointment.objects.get().status == Status.SCHEDULED
