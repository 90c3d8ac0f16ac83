"""Every page, light and dark, wide and narrow: axe finds nothing, nothing sticks out, and each has its picture."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient
from accounts.tests.factories import PASSWORD, make_patient
from clinic.models import Appointment, Department, Doctor, Status
from clinic.tests.factories import at, make_appointment
from records.access import grants
from scheduler.tests.browser.conftest import Watch, shoot
from scheduler.tests.browser.steps import choose_a_time, enter_code, heading, sign_up

LOOKS = [(1280, "light"), (390, "dark")]
if os.environ.get("SCREENSHOTS"):
    LOOKS += [(390, "light"), (1280, "dark")]


def look_at(page: Page, name: str) -> None:
    """axe finds nothing on this page, and it is not wider than its window."""
    # A colour on its way to another is neither.
    page.wait_for_load_state("load")
    page.evaluate("Promise.all(document.getAnimations().map(each => each.finished.catch(() => null)))")
    shoot(page, name)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}\n{found.generate_report()}"
    sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert sticks_out <= 0, f"{name} is {sticks_out} pixels wider than its window"


def test_look_at_sees_what_is_wrong(browser: Browser, live_server: LiveServer) -> None:
    """The control: a picture without words, a wide thing, a script from elsewhere."""
    context = browser.new_context()
    watch = Watch(context, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/book/")

    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    with pytest.raises(AssertionError, match="image-alt"):
        look_at(page, "control")
    page.evaluate("document.querySelector('main img').remove()")
    page.evaluate("document.querySelector('h1').textContent = 'wide'.repeat(500)")
    with pytest.raises(AssertionError, match="wider than its window"):
        look_at(page, "control")
    script = "document.body.append(Object.assign(document.createElement('script'), {src: 'http://x.invalid/x.js'}))"
    with page.expect_console_message():
        page.evaluate(script)

    assert any("Content Security Policy" in found for found in watch.found)
    assert "request to another host: http://x.invalid/x.js" in watch.found
    context.close()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page(
    width: int, scheme: str, browser: Browser, live_server: LiveServer, dr_chen: Doctor, alice: Patient
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(10_000)
    watch = Watch(context, live_server.url)
    page = context.new_page()
    Department.objects.create(name="Heart Centre", description="Hearts, day and night.").doctors.add(dr_chen)

    def look(name: str) -> None:
        look_at(page, f"{width}-{scheme}-{name}")

    _of_a_stranger(page, live_server.url, look)
    _of_a_patient(page, live_server.url, look)
    assert not watch.found, "\n".join(watch.found)
    context.clear_cookies()
    _of_a_doctor(page, live_server.url, look, dr_chen, alice)
    _of_a_record(page, live_server.url, look, dr_chen, alice)
    context.clear_cookies()
    _of_her_record(page, live_server.url, look)
    # One page was asked for that is not there.
    wrong = [found for found in watch.found if "404 (Not Found)" not in found]
    assert not wrong, "\n".join(wrong)
    context.close()


def _of_a_stranger(page: Page, home: str, look: Callable[[str], None]) -> None:
    page.goto(home)
    look("find")
    page.goto(f"{home}/accounts/invitation/x/")
    look("invitation")
    page.goto(f"{home}/?q=nobody+at+all")
    look("find-nobody")
    page.goto(f"{home}/?day=2999-01-01")
    look("find-late")
    page.goto(f"{home}/?q=" + "x" * 101)
    look("find-error")
    page.goto(home)
    page.get_by_role("link", name="More days").first.click()
    page.get_by_role("link", name="Later days").wait_for()
    look("find-one-doctor")
    page.goto(f"{home}/doctors/?name=Wei")
    look("doctors")
    page.get_by_role("link", name="Dr. Wei Chen", exact=True).click()
    heading(page, "Dr. Wei Chen")
    look("doctor")
    page.get_by_role("link", name="Heart Centre").click()
    heading(page, "Heart Centre")
    look("department")
    page.get_by_role("link", name="All departments").click()
    look("departments")
    page.goto(f"{home}/doctors/?name=nobody+at+all")
    look("doctors-nobody")
    page.goto(f"{home}/book/")
    look("nothing-kept")
    choose_a_time(page, home)
    look("details")
    page.get_by_role("button", name="Sign up and continue").click()
    look("details-errors")
    sign_up(page)
    look("code")
    page.get_by_label("Code").fill("x")
    page.get_by_role("button", name="Confirm").click()
    look("code-wrong")
    enter_code(page)
    look("confirm")
    Appointment.objects.update(hold_expires_at=datetime.now(UTC) - timedelta(minutes=1))
    page.reload()
    heading(page, "Your time is no longer kept")
    look("lost")
    page.locator("button.slot").first.click()


def _of_a_patient(page: Page, home: str, look: Callable[[str], None]) -> None:
    page.get_by_role("button", name="Book this visit").click()
    heading(page, "Your visit is booked")
    look("booked")
    page.get_by_role("link", name="Move").click()
    look("move")
    page.go_back()
    page.get_by_role("link", name="Cancel").click()
    look("cancel")
    page.goto(f"{home}/appointments/")
    look("my-appointments")
    page.goto(f"{home}/appointments/?when=past")
    look("my-appointments-past")
    page.get_by_role("link", name="Subscribe to my calendar").click()
    page.get_by_role("button", name="Make an address").click()
    page.get_by_role("heading", name="Your calendar address").wait_for()
    look("my-calendar")
    _of_an_account(page, home, look)


def _of_an_account(page: Page, home: str, look: Callable[[str], None]) -> None:
    page.goto(f"{home}/accounts/profile/")
    look("profile")
    page.get_by_label("Phone").fill("12")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()
    look("profile-error")
    for name in ("email", "password/change", "sessions", "my-data", "logout"):
        page.goto(f"{home}/accounts/{name}/")
        look(f"account-{name.replace('/', '-')}")


def _of_a_doctor(page: Page, home: str, look: Callable[[str], None], dr_chen: Doctor, alice: Patient) -> None:
    starts_at = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=40)
    make_appointment(dr_chen, alice, starts_at, reason="A rash")
    make_appointment(dr_chen, alice, starts_at + timedelta(hours=1), status=Status.CANCELLED)
    page.goto(f"{home}/accounts/login/?next=/day/")
    look("sign-in")
    page.get_by_label("Email").fill(dr_chen.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("day-empty")
    page.goto(f"{home}/day/?date={starts_at:%Y-%m-%d}")
    page.get_by_role("link", name="Alice Archer").first.wait_for()
    look("day")
    page.get_by_role("link", name="Alice Archer").first.click()
    look("day-visit")
    page.get_by_role("link", name="Book a follow-up").click()
    look("follow-up")
    _of_a_workspace(page, home, look, dr_chen, alice)
    page.goto(f"{home}/nowhere/")
    look("not-found")


def _of_a_workspace(page: Page, home: str, look: Callable[[str], None], dr_chen: Doctor, alice: Patient) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    make_appointment(dr_chen, alice, now + timedelta(minutes=5), status=Status.ARRIVED, arrived_at=now, minutes=5)
    monday = (now + timedelta(days=21 - now.weekday())).date()
    make_appointment(dr_chen, alice, at("09:00", monday))
    page.goto(f"{home}/day/")
    look("day-today")
    page.goto(f"{home}/week/?date={monday}")
    look("week")
    page.goto(f"{home}/hours/")
    look("hours")
    page.get_by_role("link", name="Change").first.click()
    page.get_by_label("From").fill("12:00")
    page.get_by_role("button", name="Set these hours").click()
    page.get_by_role("alert").wait_for()
    look("hours-error")
    page.goto(f"{home}/leave/")
    page.get_by_role("region", name="Take time off").get_by_label("First day").fill(f"{monday}")
    page.get_by_role("button", name="Take this time off").click()
    heading(page, "1 visit would lose its time")
    look("leave-asks-first")
    page.get_by_role("button", name="Take this time off").click()
    heading(page, "Time off and extra hours")
    look("leave")
    page.goto(f"{home}/to-be-moved/")
    look("to-be-moved")


def _of_a_record(page: Page, home: str, look: Callable[[str], None], dr_chen: Doctor, alice: Patient) -> None:
    began = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=1)
    visit = make_appointment(dr_chen, alice, began, status=Status.COMPLETED)
    grants.repair(grants.differences(), by="tests")
    page.goto(f"{home}/records/")
    look("record-nothing")
    page.goto(f"{home}/records/visits/{visit.pk}/")
    page.get_by_role("button", name="Save and sign").click()
    page.get_by_role("alert").wait_for()
    look("record-visit-error")
    page.get_by_label("Diagnosis").fill("Sprained ankle")
    page.get_by_role("button", name="Save and sign").click()
    page.get_by_role("status").wait_for()
    look("record-visit")
    page.goto(f"{home}/records/patients/{alice.pk}/")
    for allergy in ("Nuts", "Nuts and penicillin"):
        page.get_by_label("Allergies").fill(allergy)
        page.get_by_role("button", name="Save the chart").click()
        page.get_by_role("status").wait_for()
    page.get_by_role("link", name="What it said before").click()
    look("record-chart")
    _of_an_emergency(page, home, look)


def _of_an_emergency(page: Page, home: str, look: Callable[[str], None]) -> None:
    """Of a patient who is not his."""
    make_patient(first_name="Nora", last_name="Novak", date_of_birth=date(1990, 5, 17))
    page.goto(f"{home}/records/emergency/")
    look("emergency")
    page.get_by_label("Name").fill("Novak")
    for day in ("1990-05-18", "1990-05-17"):
        page.get_by_label("Date of birth").fill(day)
        page.get_by_role("button", name="Find the patient").click()
        page.get_by_text("Nobody is called so" if day.endswith("18") else "Nora Novak").first.wait_for()
        look(f"emergency-found-{day}")
    page.get_by_role("link", name="Open the chart").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.get_by_role("button", name="Open the chart").click()
    page.get_by_role("alert").wait_for()
    look("emergency-error")
    page.get_by_label("What has happened?").fill("Unconscious at the station.")
    page.get_by_role("button", name="Open the chart").click()
    heading(page, "Nora Novak")
    look("emergency-chart")


def _of_her_record(page: Page, home: str, look: Callable[[str], None]) -> None:
    page.goto(f"{home}/accounts/login/?next=/records/")
    page.get_by_label("Email").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".timeline").wait_for()
    look("record-mine")
    page.locator(".timeline a").first.click()
    page.get_by_role("button", name="Send to the doctor").click()
    page.get_by_role("alert").wait_for()
    look("record-ask-error")
    page.get_by_label("What is wrong").fill("It was the left one.")
    page.get_by_role("button", name="Send to the doctor").click()
    page.get_by_role("link", name="Print view").click()
    look("record-print")
    page.goto(f"{home}/records/seen/")
    look("record-seen")
