"""The day sheet as a page of the admin: where receptionists begin, its filters, buttons, print view and file."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Patient, User
from clinic.models import Appointment, Doctor, Site, Status, ToBeMoved
from clinic.tests.desk import CANARY, client_of, page
from clinic.tests.factories import at, make_appointment, make_doctor, make_hours, make_site, make_visit_type
from clinic.tests.portal import text_of

SHEET = "/admin/day-sheet/"


@pytest.fixture(autouse=True)
def ten(db: None) -> Any:
    """Monday, five past ten in Berlin."""
    with time_machine.travel(at("10:05"), tick=False) as clock:
        yield clock


@pytest.fixture
def desk(rita: User) -> Client:
    return client_of(rita)


@pytest.fixture
def visit(dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice's, at half past nine: she is late."""
    Patient.objects.filter(pk=alice.pk).update(phone="+49301234567")
    texts = {"reason": f"{CANARY} knee", "notes": f"{CANARY} fracture"}
    return make_appointment(dr_chen, alice, at("09:30"), visit_type=make_visit_type(name="Check-up"), **texts)


def press(client: Client, visit: Appointment, step: str, query: str = "", **said: str) -> Any:
    address = reverse("admin:desk-visit-step", args=[visit.pk])
    return client.post(f"{address}?{query}", {"step": step, "version": visit.etag} | said, follow=True)


def test_home_is_the_sheet_of_today(desk: Client, visit: Appointment) -> None:
    answer = desk.get("/admin/", follow=True)

    assert answer.redirect_chain == [(SHEET, 302)]
    words = text_of(answer)
    assert "Mon 1 March 2027, Berlin Mitte" in words
    assert "Expected 1 1 late Arrived 0" in words
    assert "09:30 Alice Archer Check-up, 30 min · +49 30 1234567 Scheduled Late by 35 min" in words
    # The lists stay within reach.
    assert page(Appointment, "changelist") in answer.content.decode()


def test_home_of_administrators_is_the_index(adam: User, berlin: Site) -> None:
    answer = client_of(adam).get("/admin/")

    assert answer.status_code == 200
    assert f'href="{SHEET}"' in answer.content.decode()


def test_sheet_says_what_waits(desk: Client, visit: Appointment) -> None:
    ToBeMoved.objects.create(appointment=visit, cause="hours")

    words = text_of(desk.get(SHEET))

    assert "1 visit is to be moved." in words
    assert "To be moved" in words


def test_sheet_marks_in_words(desk: Client, dr_chen: Doctor, alice: Patient, bob: Patient) -> None:
    over = {"is_overbooked": True, "override_reason": f"{CANARY} in pain"}
    make_appointment(dr_chen, alice, at("10:00"), status=Status.ARRIVED, arrived_at=at("09:45"), **over)
    make_appointment(dr_chen, bob, at("10:30"), confirmed_at=at("09:00"))

    words = text_of(desk.get(SHEET))

    assert "Waiting for 20 min Overbooked" in words
    assert "Confirmed" in words
    assert CANARY not in words


def test_sheet_shows_no_reasons(desk: Client, visit: Appointment) -> None:
    # case 112
    pages = [desk.get(SHEET), desk.get(f"{SHEET}?print=1"), desk.post(SHEET, {"q": "archer"})]
    pages.append(desk.post(f"{SHEET}file/"))

    for answer in pages:
        assert "Archer" in answer.content.decode()
        assert CANARY not in answer.content.decode()


def test_sheet_of_another_day(desk: Client, visit: Appointment) -> None:
    answer = desk.get(SHEET, {"date": "2027-03-02"})

    shown = answer.content.decode()
    assert "Tue 2 March 2027" in text_of(answer)
    assert "Archer" not in shown
    assert "date=2027-03-01" in shown
    assert "date=2027-03-03" in shown


@pytest.mark.parametrize(
    "query",
    [
        "date=x",
        "date=9999-12-31",
        "date=0001-01-01",
        "site=x",
        "site=00000000-0000-4000-8000-000000000000",
        "doctor=x",
        "state=held",
        "state=x",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "print=x",
        "date=%FF&doctor=%27",
    ],
)
def test_sheet_when_asked_for_nonsense(desk: Client, visit: Appointment, query: str) -> None:
    answer = desk.get(f"{SHEET}?{query}")

    assert answer.status_code == 200
    assert "Alice Archer" in text_of(answer)


def test_sheet_keeps_to_the_site_that_was_asked_for(desk: Client, visit: Appointment) -> None:
    london = make_site(name="London", time_zone="Europe/London")

    desk.get(SHEET, {"site": str(london.pk)})

    assert "London" in text_of(desk.get(SHEET))


def test_sheet_without_any_site(desk: Client) -> None:
    assert "There is no site yet." in text_of(desk.get(SHEET))


def test_search_keeps_names_out_of_addresses(desk: Client, visit: Appointment, bob: Patient, dr_chen: Doctor) -> None:
    make_appointment(dr_chen, bob, at("10:30"))

    answer = desk.post(SHEET, {"q": "archer"})

    shown = answer.content.decode()
    assert "Archer" in shown
    assert "Baker" not in shown
    assert "q=" not in shown
    # What would come by the address alone is not what was searched for.
    assert "data-searched" in shown


def test_refresh_gets_the_part_that_changes(desk: Client, visit: Appointment) -> None:
    answer = desk.get(SHEET, headers={"HX-Request": "true", "X-Background": "yes"})

    shown = answer.content.decode()
    assert "Alice Archer" in shown
    assert "<html" not in shown
    assert 'id="sheet"' in shown


def test_refresh_prolongs_no_session(desk: Client, visit: Appointment, ten: time_machine.Traveller) -> None:
    # case 090
    desk.get(SHEET)
    another = make_site()

    for _minutes in range(4):
        ten.shift(timedelta(minutes=4))
        answer = desk.get(SHEET, {"site": str(another.pk)}, headers={"HX-Request": "true", "X-Background": "yes"})

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


def test_free_times_lead_to_booking(desk: Client, dr_chen: Doctor) -> None:
    shown = desk.get(SHEET).content.decode()

    assert "10:30" in shown
    assert f"?doctor={dr_chen.pk}&amp;starts_at=2027-03-01T10%3A30%3A00%2B01%3A00" in shown


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (Status.SCHEDULED, "arrive", Status.ARRIVED),
        (Status.SCHEDULED, "start", Status.IN_PROGRESS),
        (Status.ARRIVED, "start", Status.IN_PROGRESS),
        (Status.IN_PROGRESS, "complete", Status.COMPLETED),
        (Status.SCHEDULED, "no_show", Status.NO_SHOW),
    ],
)
def test_step_and_back(desk: Client, dr_chen: Doctor, alice: Patient, before: Status, step: str, after: Status) -> None:
    arrived_at = at("09:20") if before == Status.ARRIVED else None
    visit = make_appointment(dr_chen, alice, at("09:30"), status=before, arrived_at=arrived_at)

    answer = press(desk, visit, step, "date=2027-03-01&state=&doctor=")

    visit.refresh_from_db()
    assert visit.status == after
    address, _status = answer.redirect_chain[-1]
    assert address == f"{SHEET}?site={visit.site_id}&date=2027-03-01#visit-{visit.pk}"
    assert visit.reference in text_of(answer)

    press(desk, visit, "undo")

    visit.refresh_from_db()
    assert visit.status == before


@pytest.mark.parametrize(
    ("status", "step"),
    [(Status.COMPLETED, "arrive"), (Status.SCHEDULED, "complete"), (Status.SCHEDULED, "cancel"), (Status.ARRIVED, "x")],
)
def test_step_that_cannot_be(desk: Client, dr_chen: Doctor, alice: Patient, status: Status, step: str) -> None:
    visit = make_appointment(dr_chen, alice, at("09:30"), status=status)

    answer = press(desk, visit, step)

    visit.refresh_from_db()
    assert answer.status_code == 200
    assert visit.status == status


def test_step_when_somebody_was_faster(desk: Client, visit: Appointment) -> None:
    answer = press(desk, visit, "arrive", version='"old"')

    visit.refresh_from_db()
    assert "It was changed meanwhile" in text_of(answer)
    assert visit.status == Status.SCHEDULED


@pytest.mark.parametrize("who", ["alice", "dr_chen"])
def test_step_by_others(request: Any, visit: Appointment, who: str) -> None:
    client = client_of(request.getfixturevalue(who).user)

    answer = press(client, visit, "arrive")

    visit.refresh_from_db()
    assert answer.status_code == 403
    assert visit.status == Status.SCHEDULED


def test_step_with_what_is_no_visit(desk: Client, visit: Appointment) -> None:
    address = reverse("admin:desk-visit-step", args=["00000000-0000-4000-8000-000000000000"])

    assert desk.post(address, {"step": "arrive"}).status_code == 404
    assert desk.get(address).status_code == 405


def test_print_view_has_no_buttons(desk: Client, visit: Appointment) -> None:
    answer = desk.get(f"{SHEET}?print=1")

    shown = answer.content.decode()
    assert "09:30 Alice Archer +49 30 1234567 Check-up Scheduled" in text_of(answer)
    assert "<form" not in shown


def test_doctors_are_on_pages(desk: Client, berlin: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.day_sheet.reading.DOCTORS_AT_ONCE", 1)
    for _number in range(3):
        make_hours(make_doctor(), berlin)

    second = desk.get(SHEET, {"page": "2"}).content.decode()
    on_paper = desk.get(SHEET, {"page": "2", "print": "on"}).content.decode()

    assert f'rel="prev" href="?site={berlin.pk}&amp;date=2027-03-01"' in second
    assert f'rel="next" href="?site={berlin.pk}&amp;date=2027-03-01&amp;page=3"' in second
    assert f'rel="next" href="?site={berlin.pk}&amp;date=2027-03-01&amp;page=3&amp;print=on"' in on_paper


def test_file(desk: Client, visit: Appointment, rita: User) -> None:
    answer = desk.post(f"{SHEET}file/?date=2027-03-01", {"q": "archer"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="day-sheet-2027-03-01.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfTime,Doctor,")
    assert AuditEntry.objects.get(verb="clinic.day_sheet.exported").actor == rita.pk


def test_sheet_in_hours_of_another_site(desk: Client, dr_chen: Doctor, berlin: Site) -> None:
    london = make_site(name="London", time_zone="Europe/London")
    make_hours(dr_chen, london, "14:00", "16:00")

    free = text_of(desk.get(SHEET, {"site": str(london.pk)}))

    assert "14:00" in free
    assert "11:30" not in free
