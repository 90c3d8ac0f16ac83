"""A doctor's week, in his own pages: hours, time off over visits, and one of them moved."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient
from accounts.tests.factories import PASSWORD, make_patient
from clinic.models import Appointment, Doctor, ScheduleException, Site, ToBeMoved
from clinic.tests.factories import at, make_appointment
from scheduler.tests.browser.steps import heading, tab_to


def press(page: Page, name: str, role: str = "button") -> None:
    """By keyboard."""
    tab_to(page, name, role)
    page.keyboard.press("Enter")


def test_a_doctors_week(
    page: Page, live_server: LiveServer, dr_chen: Doctor, alice: Patient, bob: Patient, berlin: Site
) -> None:
    # case 016
    today = datetime.now(UTC).date()
    monday = today + timedelta(days=14 - today.weekday())
    carla = make_patient(email="carla@example.org", first_name="Carla", last_name="Cole")
    for patient, clock in ((alice, "09:00"), (bob, "10:00"), (carla, "11:30")):
        make_appointment(dr_chen, patient, at(clock, monday))
    page.goto(f"{live_server.url}/accounts/login/?next=/hours/")
    page.get_by_label("Email").fill(dr_chen.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()

    # He sets hours: Saturday mornings.
    heading(page, "My hours")
    adding = page.get_by_role("region", name="Add hours")
    adding.get_by_label("Day", exact=False).first.select_option(label="Saturday")
    adding.get_by_label("From").fill("09:00")
    adding.get_by_label("To", exact=False).first.fill("11:00")
    press(page, "Add these hours")
    expect(page.get_by_role("status")).to_contain_text("4 visits: 09:00, 09:30, 10:00, 10:30")

    # He takes the Monday off on which three patients come: first he sees whom that hits.
    page.get_by_role("link", name="Time off").click()
    page.get_by_role("region", name="Take time off").get_by_label("First day").fill(f"{monday}")
    press(page, "Take this time off")
    heading(page, "3 visits would lose their times")
    for name in ("Alice Archer", "Bob Baker", "Carla Cole"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert not ScheduleException.objects.exists()
    press(page, "Take this time off")
    expect(page.get_by_role("alert")).to_contain_text("3 visits are to be moved now")

    # He moves one with one press; the others go on waiting.
    press(page, "To be moved", "link")
    heading(page, "Visits to be moved")
    times = page.get_by_role("group", name="Bob Baker").locator("button.slot")
    expect(times).to_have_count(3)
    wanted = datetime.fromisoformat(times.first.get_attribute("value") or "")
    times.first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Moved to")
    expect(page.get_by_role("heading", name="Bob Baker")).to_have_count(0)
    assert Appointment.objects.get(patient=bob).starts_at == wanted
    assert ToBeMoved.objects.filter(resolved_at=None).count() == 2

    # His week shows it all.
    page.goto(f"{live_server.url}/week/?date={monday}")
    expect(page.locator(".week-day").first).to_contain_text("All day")
    expect(page.locator(".week-day").nth(5)).to_contain_text("09:00–11:00")
    expect(page.locator(".week")).to_contain_text("Needs another time")
