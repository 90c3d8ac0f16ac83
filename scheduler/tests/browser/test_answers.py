"""Answering from a mail, by keyboard alone, on a telephone and at a desk, and with JavaScript switched off."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient
from clinic import answers, booking, slots
from clinic.answers import Action
from clinic.models import Appointment, Doctor, Status
from scheduler.tests.browser.conftest import shoot
from scheduler.tests.browser.steps import heading, tab_to
from scheduler.tests.browser.test_every_page import look_at

SIZES = [(390, 800), (1280, 900)]


@pytest.fixture
def visit(alice: Patient, dr_chen: Doctor) -> Appointment:
    """Alice's visit, some days ahead."""
    now = timezone.now()
    kind = dr_chen.visit_types.get(name="Consultation")
    times = slots.first_openings([dr_chen], now=now, visit_type={dr_chen.pk: kind}, count=30)[dr_chen.pk]
    assert alice.user is not None
    return booking.book(
        doctor=dr_chen, patient=alice, starts_at=times[-1].starts_at, visit_type=kind, by=alice.user, now=now
    )


@pytest.fixture(params=SIZES, ids=["390", "1280"])
def sized(page: Page, request: pytest.FixtureRequest) -> Page:
    """A telephone's window, and a desk's."""
    width, height = request.param
    page.set_viewport_size({"width": width, "height": height})
    return page


def open_link(page: Page, home: str, visit: Appointment, action: Action) -> None:
    """As somebody does who presses it in a mail."""
    visit.refresh_from_db()
    page.goto(home + reverse("answer", args=[answers.link_token(visit, action)]))


def looked_at(page: Page, name: str) -> None:
    """Nothing is hard to use, nothing sticks out; a picture, in the light and in the dark."""
    assert page.viewport_size is not None
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        look_at(page, f"answer-{name}-{page.viewport_size['width']}-{scheme}")


def press(page: Page, name: str) -> None:
    """By keyboard."""
    tab_to(page, name, "button")
    page.keyboard.press("Enter")


def test_confirm_by_keyboard(sized: Page, live_server: LiveServer, visit: Appointment) -> None:
    open_link(sized, live_server.url, visit, Action.CONFIRM)
    heading(sized, "Will you come?")
    looked_at(sized, "confirm")

    press(sized, "Yes, I will come")

    heading(sized, "Thank you, we expect you")
    looked_at(sized, "confirmed")
    sized.reload()
    heading(sized, "Thank you, we expect you")
    visit.refresh_from_db()
    assert visit.confirmed_at is not None


def test_cancel_and_undo_by_keyboard(sized: Page, live_server: LiveServer, visit: Appointment) -> None:
    open_link(sized, live_server.url, visit, Action.CANCEL)
    heading(sized, "Cancel this appointment?")
    looked_at(sized, "cancel")
    press(sized, "Cancel the appointment")
    heading(sized, "The appointment is cancelled")
    looked_at(sized, "cancelled")
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED

    press(sized, "Undo: keep the appointment")

    heading(sized, "The appointment stands again")
    looked_at(sized, "restored")
    visit.refresh_from_db()
    assert visit.status == Status.SCHEDULED


def test_move_by_keyboard(sized: Page, live_server: LiveServer, visit: Appointment) -> None:
    before = visit.starts_at
    open_link(sized, live_server.url, visit, Action.MOVE)
    heading(sized, "Move the appointment")
    looked_at(sized, "move")
    sized.locator("button.slot").first.focus()
    sized.keyboard.press("Enter")

    heading(sized, "The appointment is moved")
    looked_at(sized, "moved")
    visit.refresh_from_db()
    assert visit.starts_at != before


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A telephone without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_cancel_without_javascript(plain_page: Page, live_server: LiveServer, visit: Appointment) -> None:
    open_link(plain_page, live_server.url, visit, Action.MOVE)
    plain_page.get_by_role("link", name="Later days").click()
    heading(plain_page, "Move the appointment")
    open_link(plain_page, live_server.url, visit, Action.CANCEL)
    plain_page.get_by_role("button", name="Cancel the appointment").click()
    heading(plain_page, "The appointment is cancelled")
    plain_page.get_by_role("button", name="Undo: keep the appointment").click()
    heading(plain_page, "The appointment stands again")


def test_undo_in_the_portal_by_keyboard(
    sized: Page, live_server: LiveServer, visit: Appointment, client: Client, alice: Patient
) -> None:
    assert alice.user is not None
    client.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    sized.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    booking.cancel(visit, by=alice.user, now=timezone.now())
    sized.goto(live_server.url + reverse("booked", args=[visit.pk]))
    looked_at(sized, "portal")

    press(sized, "Undo: keep the appointment")

    heading(sized, "Your visit is booked")
    visit.refresh_from_db()
    assert visit.status == Status.SCHEDULED


def test_dead_link(plain_page: Page, live_server: LiveServer, visit: Appointment) -> None:
    open_link(plain_page, live_server.url, visit, Action.CONFIRM)
    plain_page.get_by_role("button", name="Yes, I will come").click()
    heading(plain_page, "Thank you, we expect you")
    plain_page.go_back()

    plain_page.reload()

    heading(plain_page, "This link does not work any more")
    shoot(plain_page, "answer-dead-390-light")
