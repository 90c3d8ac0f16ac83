"""A receptionist's morning, in Chromium through the admin."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient, User
from clinic.models import Appointment, Doctor, Site, Status
from clinic.tests.desk import client_of, grant_roles
from clinic.tests.factories import make_appointment, make_extra_hours
from scheduler.tests.browser.conftest import shoot
from scheduler.tests.browser.steps import heading, tab_to
from scheduler.tests.browser.test_admin import sign_in
from scheduler.tests.browser.test_every_page import look_at

A_WHILE = 31_000
"""Milliseconds after which the sheet has refreshed itself."""
SEARCH = "Name, telephone number or date of birth"


@pytest.fixture(autouse=True)
def roles(site_with_a_doctor: None) -> None:
    """Before anybody is given a role."""
    grant_roles()


@pytest.fixture
def noon(site_with_a_doctor: None, dr_chen: Doctor, berlin: Site) -> datetime:
    """Now, in whole minutes: the site is where it is noon, and Dr. Chen sees patients from ten to four."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    berlin.time_zone = f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT"
    berlin.save()
    hour = timedelta(hours=1)
    make_extra_hours(dr_chen, berlin, now - 2 * hour, now + 4 * hour)
    return now


@pytest.fixture
def desk(context: BrowserContext, live_server: LiveServer, roles: None, noon: datetime, rita: User) -> Page:
    """A window in which Rita is signed in."""
    sign_in(context, live_server, client_of(rita))
    return context.new_page()


def row(window: Page, visit: Appointment) -> Locator:
    """The visit on the sheet."""
    return window.locator(f"#visit-{visit.pk}")


def state_of(window: Page, visit: Appointment) -> Locator:
    """How it stands, by the sheet."""
    return row(window, visit).locator(".state")


def press(window: Page, step: str, visit: Appointment) -> None:
    """Tab to a button of the visit, and press Enter."""
    tab_to(window, f"{step} , {visit.patient}", "button")
    window.keyboard.press("Enter")


def test_the_day_sheet(
    desk: Page, live_server: LiveServer, noon: datetime, dr_chen: Doctor, alice: Patient, bob: Patient
) -> None:  # case 090, case 112, case 122, case 166
    alices = make_appointment(dr_chen, alice, noon - timedelta(minutes=10), reason="A rash")
    bobs = make_appointment(dr_chen, bob, noon + timedelta(minutes=30))
    desk.clock.install()

    # The sheet is where a receptionist begins.
    desk.goto(f"{live_server.url}/admin/")
    expect(desk).to_have_url(f"{live_server.url}/admin/day-sheet/")
    expect(row(desk, alices)).to_contain_text("Late by 1")
    for width, scheme in ((390, "dark"), (1280, "light")):
        desk.set_viewport_size({"width": width, "height": 900})
        desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        look_at(desk, f"{width}-{scheme}-day-sheet")

    _comes_and_goes(desk, alices)
    _cannot_come(desk, live_server.url, bobs)
    _refreshes_itself(desk, alices)
    _is_found(desk, alices, bobs)
    _on_paper(desk)
    desk.get_by_role("link", name="Back to the day sheet").click()
    _goes_when_the_session_has_ended(desk, alices)


def _comes_and_goes(desk: Page, visit: Appointment) -> None:
    """By keyboard alone; what was pressed too early is undone."""
    for step, state in (("Arrived", "Arrived"), ("Start", "In progress"), ("Complete", "Completed")):
        press(desk, step, visit)
        expect(state_of(desk, visit)).to_have_text(state)
    press(desk, "Undo", visit)
    expect(state_of(desk, visit)).to_have_text("In progress")
    visit.refresh_from_db()
    assert visit.status == Status.IN_PROGRESS


def _cannot_come(desk: Page, home: str, visit: Appointment) -> None:
    desk.get_by_role("link", name=f"Cancel , {visit.patient}").click()
    desk.get_by_label("Reason").fill("He called")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("The appointment is cancelled.")).to_be_visible()
    desk.goto(f"{home}/admin/")
    expect(state_of(desk, visit)).to_have_text("Cancelled")


def _refreshes_itself(desk: Page, visit: Appointment) -> None:
    """But not under her hands."""
    search = desk.get_by_label(SEARCH)
    search.focus()
    expect(desk.get_by_role("status")).to_have_text("Paused while you work here")
    Appointment.objects.filter(pk=visit.pk).update(status=Status.COMPLETED)
    with desk.expect_response("**/admin/day-sheet/**"):
        desk.clock.fast_forward(A_WHILE)
    expect(state_of(desk, visit)).to_have_text("In progress")
    search.blur()
    with desk.expect_response("**/admin/day-sheet/**"):
        desk.clock.fast_forward(A_WHILE)
    expect(state_of(desk, visit)).to_have_text("Completed")


def _is_found(desk: Page, visit: Appointment, other: Appointment) -> None:
    """Nobody's name is in an address; what is found is what the file has."""
    desk.get_by_label(SEARCH).fill("archer")
    desk.keyboard.press("Enter")
    expect(row(desk, other)).to_have_count(0)
    expect(row(desk, visit)).to_be_visible()
    assert "archer" not in desk.url.lower()
    with desk.expect_response("**/admin/day-sheet/**"):
        desk.clock.fast_forward(A_WHILE)
    expect(row(desk, other)).to_have_count(0)
    with desk.expect_download() as loaded:
        desk.get_by_role("button", name="CSV file").click()
    table = Path(loaded.value.path()).read_text()
    assert "Alice Archer" in table
    assert "Bob Baker" not in table
    assert "rash" not in table


def _on_paper(desk: Page) -> None:
    desk.get_by_role("link", name="Print view").click()
    desk.get_by_role("button", name="Print").wait_for()
    look_at(desk, "1280-light-day-sheet-print")
    desk.emulate_media(media="print")
    expect(desk.get_by_role("button", name="Print")).to_be_hidden()
    shoot(desk, "day-sheet-paper")
    desk.emulate_media(media="screen")


def _goes_when_the_session_has_ended(desk: Page, visit: Appointment) -> None:
    """It asks even while paused, and shows nobody's name any more."""
    expect(row(desk, visit)).to_be_visible()
    desk.get_by_label(SEARCH).focus()
    Session.objects.all().delete()
    desk.clock.fast_forward(A_WHILE)
    heading(desk, "Sign in")


def test_booking_on_behalf(
    desk: Page, live_server: LiveServer, noon: datetime, dr_chen: Doctor, bob: Patient, alice: Patient
) -> None:  # case 022, case 133
    """Find, register (he is here already), book: with the keyboard alone. Then overbook, and somebody walks in."""
    desk.goto(f"{live_server.url}/admin/book/")
    words = desk.get_by_label("Name, telephone number, date of birth or insurance number")
    expect(words).to_be_focused()
    desk.keyboard.type("Bob Bakerman")
    desk.keyboard.press("Enter")
    desk.get_by_text("Nobody found.").wait_for()
    expect(desk.get_by_label("Last name")).to_have_value("Bakerman")

    # It was a slip of the pen: he is here already.
    desk.get_by_label("Last name").fill("Baker")
    desk.keyboard.press("Enter")
    desk.get_by_text("Is it one of them?").wait_for()
    look_at(desk, "desk-book-alike")
    tab_to(desk, "It is this one : Bob Baker", "link")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="When, and with whom?").wait_for()
    look_at(desk, "desk-book-times")
    desk.locator("a.slot.is-free").last.focus()
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Is this right?").wait_for()
    tab_to(desk, "Book", "button")
    desk.keyboard.press("Enter")
    desk.get_by_role("heading", name="Booked").wait_for()
    look_at(desk, "desk-book-done")
    visit = Appointment.objects.get()
    assert (visit.patient, visit.doctor, visit.is_overbooked) == (bob, dr_chen, False)

    # Over his time, somebody who is really new.
    desk.goto(f"{live_server.url}/admin/book/?doctor={dr_chen.pk}&starts_at={visit.starts_at:%Y-%m-%dT%H:%M:%SZ}")
    desk.get_by_text("Register a new patient").click()
    desk.get_by_label("First name").fill("Mia")
    desk.get_by_label("Last name").fill("Meyer")
    desk.get_by_role("button", name="Register").click()
    expect(desk.get_by_role("alert")).to_contain_text("Bob Baker")
    desk.get_by_label("Reason for overbooking").fill("In pain")
    look_at(desk, "desk-overbook")
    desk.get_by_role("button", name="Overbook").click()
    desk.get_by_role("heading", name="Booked").wait_for()
    over = Appointment.objects.get(is_overbooked=True)
    assert (over.starts_at, over.override_reason, str(over.patient)) == (visit.starts_at, "In pain", "Mia Meyer")

    # And Alice stands at the desk.
    desk.goto(f"{live_server.url}/admin/walk-in/")
    words.fill("archer")
    desk.keyboard.press("Enter")
    desk.get_by_role("link", name="Choose : Alice Archer").click()
    look_at(desk, "desk-walk-in")
    desk.get_by_role("radio", name="Dr. Wei Chen").check()
    desk.get_by_role("button", name="The patient is here").click()
    desk.get_by_role("heading", name="Booked, and here").wait_for()
    assert Appointment.objects.get(patient=alice).status == Status.ARRIVED
    assert not any(name in desk.url for name in ("Archer", "Alice", "Baker", "Mia"))
