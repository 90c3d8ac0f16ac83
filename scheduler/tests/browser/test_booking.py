"""From a need to a booked visit in a browser: by keyboard alone, without JavaScript, and with it."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from clinic.models import Appointment, Status
from clinic.tests.portal import NEWCOMER, mailed_code
from scheduler.tests.browser.conftest import shoot
from scheduler.tests.browser.steps import book, choose_a_time, enter_code, heading, sign_up, tab_to


def test_book_by_keyboard_alone(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    tab_to(page, "Specialty or reason")
    page.keyboard.type("dermatology")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("1 doctor has free times.")
    tab_to(page, "Dr. Wei Chen", "button")
    page.keyboard.press("Enter")

    heading(page, "Your details")
    for label, name in (("First name", "first_name"), ("Last name", "last_name"), ("Email", "email")):
        tab_to(page, label)
        page.keyboard.type(NEWCOMER[name])
    tab_to(page, "Password")
    page.keyboard.type(NEWCOMER["password1"])
    page.keyboard.press("Enter")
    heading(page, "Enter the code")
    tab_to(page, "Code")
    page.keyboard.type(mailed_code())
    page.keyboard.press("Enter")
    heading(page, "Your details")
    tab_to(page, "What brings you here?")
    page.keyboard.type("A rash")
    tab_to(page, "Book this visit", "button")
    page.keyboard.press("Enter")

    heading(page, "Your visit is booked")
    appointment = Appointment.objects.get()
    assert (appointment.status, appointment.reason) == (Status.SCHEDULED, "A rash")


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A telephone without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_book_without_javascript(plain_page: Page, live_server: LiveServer) -> None:
    page = plain_page
    page.goto(live_server.url)
    page.get_by_label("Specialty or reason").fill("check-up")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="More days").click()
    page.get_by_role("link", name="Later days").click()
    page.locator("button.slot").last.click()
    heading(page, "Your details")
    expect(page.get_by_text("This time is kept for you until")).to_be_visible()
    page.get_by_role("button", name="Keep it longer").click()
    sign_up(page)
    enter_code(page)
    page.get_by_role("button", name="Book this visit").click()
    heading(page, "Your visit is booked")
    before = Appointment.objects.get()

    page.get_by_role("link", name="Move").click()
    page.locator("button.slot").first.click()
    heading(page, "Your visit is booked")
    assert Appointment.objects.get().starts_at < before.starts_at

    page.get_by_role("link", name="My appointments").first.click()
    assert Appointment.objects.get().starts_at - before.starts_at < timedelta(0)
    expect(page.get_by_text("Booked", exact=True)).to_be_visible()


def test_book_when_the_button_is_pressed_twice(page: Page, live_server: LiveServer) -> None:
    # case 043
    choose_a_time(page, live_server.url)
    sign_up(page)
    enter_code(page)

    page.get_by_role("button", name="Book this visit").dblclick()

    heading(page, "Your visit is booked")
    page.go_back()
    heading(page, "This visit is booked")
    page.reload()
    heading(page, "This visit is booked")
    assert Appointment.objects.get().status == Status.SCHEDULED


def test_deadline_is_told(page: Page, live_server: LiveServer) -> None:
    """At 5, 2 and 1 minutes and at the end, and not every second."""
    page.clock.install()
    choose_a_time(page, live_server.url)
    # The countdown is running.
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"\(\d+:\d\d\)"))
    told = page.locator(".deadline [role=status]")
    course = [
        *((241, "^$"), (60, "5 minutes left."), (120, "5 minutes left."), (60, "2 minutes left.")),
        *((60, "1 minute left."), (60, "no longer kept for you")),
    ]

    for seconds, sentence in course:
        page.clock.run_for(seconds * 1000)
        expect(told).to_have_text(re.compile(sentence))


def test_search_without_leaving_the_page(page: Page, live_server: LiveServer) -> None:
    """htmx fetches the results and more days; the focus goes along, and the back button works."""
    page.goto(live_server.url)
    page.evaluate("window.wasHere = true")
    page.get_by_label("Specialty or reason").fill("check-up")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("q=check-up"))
    expect(page.get_by_text("Check-up, 60 minutes")).to_be_visible()

    page.get_by_role("link", name="More days").click()

    expect(page.get_by_role("heading", name="Dr. Wei Chen")).to_be_focused()
    expect(page.get_by_role("link", name="Later days")).to_be_visible()
    assert page.evaluate("window.wasHere") is True
    page.go_back()
    expect(page.get_by_text("Consultation, 30 minutes")).to_be_visible()


def test_move_and_cancel(page: Page, live_server: LiveServer) -> None:
    book(page, live_server.url)
    page.get_by_role("link", name="Move").click()
    shoot(page, "move")
    page.locator("button.slot").nth(2).click()
    expect(page.get_by_text("The appointment is moved.")).to_be_visible()

    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("button", name="Cancel the appointment").click()

    expect(page.get_by_text("The appointment is cancelled.")).to_be_visible()
    assert Appointment.objects.get().status == Status.CANCELLED


def test_calendar_file_is_saved(page: Page, live_server: LiveServer) -> None:
    book(page, live_server.url)

    with page.expect_download() as download:
        page.get_by_role("link", name="Add to my calendar").click()

    assert download.value.suggested_filename == "appointment.ics"
