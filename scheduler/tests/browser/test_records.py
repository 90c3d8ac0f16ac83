"""A record's way in Chromium: a doctor writes and signs, the patient reads it and sees who did; then an emergency."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient
from accounts.tests.factories import PASSWORD
from clinic.models import Appointment, Doctor, Status
from clinic.tests.factories import make_appointment
from records.access import grants
from records.models import MedicalRecord
from scheduler.tests.browser.conftest import Watch, shoot
from scheduler.tests.browser.steps import heading, tab_to

WHY = "Unconscious, brought in by ambulance."
Enter = Callable[[str, str], Page]


@pytest.fixture
def visit(site_with_a_doctor: None, dr_chen: Doctor, alice: Patient) -> Appointment:
    """Alice is with Dr. Chen now."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    began = now - timedelta(minutes=10)
    made = make_appointment(dr_chen, alice, began, status=Status.IN_PROGRESS, arrived_at=began, started_at=began)
    grants.repair(grants.differences(), by="tests")
    return made


@pytest.fixture
def enter(browser: Browser, live_server: LiveServer) -> Iterator[Enter]:
    """A window of somebody's own, signed in, on a page."""
    opened, watches = [], []

    def sign_in(email: str, path: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(10_000)
        opened.append(context)
        watches.append(Watch(context, live_server.url))
        page = context.new_page()
        page.clock.install()
        page.goto(f"{live_server.url}/accounts/login/?next={path}")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        return page

    yield sign_in
    for context, watch in zip(opened, watches, strict=True):
        context.close()
        assert not watch.found, "\n".join(watch.found)


def press(page: Page, name: str, role: str = "button") -> None:
    """By keyboard."""
    page.get_by_role(role, name=name).first.wait_for()
    tab_to(page, name, role)
    page.keyboard.press("Enter")


def test_typing_for_longer_than_a_session_lives(enter: Enter, visit: Appointment) -> None:
    chen = enter("chen@example.org", f"/records/visits/{visit.pk}/")
    chen.clock.install()
    # The page's scripts have to begin with the clock that is moved on below.
    chen.reload()
    notes = chen.get_by_label("Notes")
    notes.fill("It began")
    chen.clock.fast_forward("02:00")

    with chen.expect_response("**/accounts/still-here/") as asked:
        notes.press_sequentially(".")
    Session.objects.all().delete()
    chen.clock.fast_forward("02:00")
    chen.get_by_role("button", name="Save as a draft").click()

    assert asked.value.status == 204
    expect(chen.get_by_role("alert")).to_contain_text("You were signed out meanwhile")
    expect(notes).to_have_value("It began.")
    assert not MedicalRecord.objects.exists()


def test_a_records_way(enter: Enter, visit: Appointment, dr_diaz: Doctor, live_server: LiveServer) -> None:
    # case 182, case 189, case 191, case 194
    chen = enter("chen@example.org", "/day/")
    press(chen, "Chart", "link")
    heading(chen, "Alice Archer")
    chen.get_by_label("Diagnosis").fill("Sprained ankle")
    press(chen, "Save as a draft")
    expect(chen.get_by_role("status")).to_contain_text("The record is saved.")
    chen.get_by_label("Notes").fill("Swollen, no fracture.")
    press(chen, "Save and sign")
    expect(chen.get_by_role("status")).to_contain_text("saved and signed")
    expect(chen.get_by_label("Why you amend it")).to_be_visible()
    shoot(chen, "record-visit")
    assert MedicalRecord.objects.get(appointment=visit).signed_at

    alice = enter("alice@example.org", "/records/")
    expect(alice.locator(".timeline")).to_contain_text("Swollen, no fracture.")
    shoot(alice, "record-mine")
    press(alice, "Who saw my record", "link")
    seen = alice.locator(".seen")
    expect(seen).to_contain_text("Wei Chen")
    expect(seen).to_contain_text("Signed the record of a visit")
    expect(seen.locator(".is-emergency")).to_have_count(0)

    diaz = enter("diaz@example.org", f"/records/emergency/{visit.patient_id}/")
    if diaz.get_by_label("Password").count():
        diaz.get_by_label("Password").fill(PASSWORD)
        diaz.keyboard.press("Enter")
    diaz.get_by_label("What has happened?").fill(WHY)
    press(diaz, "Open the chart")
    heading(diaz, "Alice Archer")
    expect(diaz.get_by_role("alert")).to_contain_text("Emergency access")
    expect(diaz.locator("main")).to_contain_text("Sprained ankle")
    expect(diaz.locator("main textarea")).to_have_count(0)
    shoot(diaz, "record-emergency")

    alice.reload()
    urgent = seen.locator(".is-emergency")
    expect(urgent.first).to_contain_text("Ana Diaz")
    expect(urgent.filter(has_text=WHY)).to_have_count(1)
    shoot(alice, "record-seen")
    # After signing out nothing comes back.
    alice.get_by_role("button", name="Sign out").click()
    heading(alice, "You are signed out")
    alice.go_back()
    expect(alice.locator("body")).not_to_contain_text("Ana Diaz")  # case 173
