"""The admin in a browser: its scripts work under the Content-Security-Policy (the window is watched)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient, User
from clinic.models import Appointment, Doctor, Site, ToBeMoved
from clinic.tests.desk import client_of, page, pages
from clinic.tests.factories import make_appointment, make_hours
from records.tests.desk import grant_roles, one_of_everything
from scheduler.tests.browser.conftest import shoot


def sign_in(context: BrowserContext, live_server: LiveServer, client: Client) -> None:
    """Let the window have the session of a signed-in client."""
    cookie = client.cookies["session"]
    context.add_cookies([{"name": "session", "value": cookie.value, "url": live_server.url}])


@pytest.fixture(autouse=True)
def roles(site_with_a_doctor: None) -> None:
    """Before anybody is given a role."""
    grant_roles()


@pytest.fixture
def monday() -> str:
    """A Monday to come, as its field wants it."""
    today = timezone.localdate()
    return (today + timedelta(days=14 - today.weekday())).isoformat()


@pytest.fixture
def desk(context: BrowserContext, live_server: LiveServer, roles: None, rita: User) -> Page:
    """A window in which Rita is signed in."""
    sign_in(context, live_server, client_of(rita))
    return context.new_page()


def choose(window: Page, field: str, words: str, choice: str) -> None:
    """Search in a field, and take what it finds."""
    window.locator(f".field-{field} .select2-selection").click()
    window.locator(".select2-search__field").fill(words)
    window.locator(".select2-results__option", has_text=choice).click()


def test_book_move_and_cancel(
    desk: Page, live_server: LiveServer, dr_chen: Doctor, bob: Patient, monday: str
) -> None:  # case 002, case 034, case 166
    desk.goto(f"{live_server.url}{page(Appointment, 'add')}")
    # The patient is new: added in a window of its own, and chosen in this one.
    with desk.expect_popup() as opened:
        desk.locator("#add_id_patient").click()
    opened.value.get_by_label("First name").fill("Mia")
    opened.value.get_by_label("Last name").fill("Meyer")
    opened.value.get_by_role("button", name="Save").click()
    expect(desk.locator(".field-patient .select2-selection__rendered")).to_contain_text("Mia Meyer")
    choose(desk, "doctor", "chen", "Dr. Wei Chen")
    desk.locator("#id_starts_at_0").fill(monday)
    desk.locator("#id_starts_at_1").fill("09:00")
    shoot(desk, "admin-book")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was added successfully")).to_be_visible()
    visit = Appointment.objects.get()
    make_appointment(dr_chen, bob, visit.starts_at + timedelta(hours=1))

    desk.goto(f"{live_server.url}{page(Appointment, 'change', visit.pk)}")
    desk.locator("#id_starts_at_1").fill("10:00")
    desk.get_by_role("button", name="Save", exact=True).click()
    refusal = desk.locator(".field-starts_at .errorlist")
    expect(refusal).to_contain_text("This time was just taken.")
    expect(refusal).to_contain_text("Free instead: ")
    shoot(desk, "admin-move-refused")
    desk.locator("#id_starts_at_1").fill("11:00")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("was changed successfully")).to_be_visible()

    desk.goto(f"{live_server.url}{page(Appointment, 'change', visit.pk)}")
    desk.get_by_role("link", name="Cancel appointment").click()
    desk.get_by_label("Reason").fill("The doctor is ill")
    shoot(desk, "admin-cancel")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("The appointment is cancelled.")).to_be_visible()
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == ("cancelled", "The doctor is ill")


def test_book_by_keyboard_alone(
    desk: Page, live_server: LiveServer, dr_chen: Doctor, alice: Patient, monday: str
) -> None:
    press = desk.keyboard
    desk.goto(f"{live_server.url}{page(Appointment, 'add')}")

    desk.locator(".field-patient .select2-selection").focus()
    press.press("Enter")
    desk.locator(".select2-search__field").press_sequentially("archer")
    expect(desk.locator(".select2-results__option--highlighted")).to_contain_text("Alice Archer")
    press.press("Enter")
    desk.locator(".field-doctor .select2-selection").focus()
    press.press("Enter")
    desk.locator(".select2-search__field").press_sequentially("chen")
    expect(desk.locator(".select2-results__option--highlighted")).to_contain_text("Chen")
    press.press("Enter")
    desk.locator("#id_starts_at_0").fill(monday)
    desk.locator("#id_starts_at_1").fill("09:30")
    press.press("Enter")

    expect(desk.get_by_text("was added successfully")).to_be_visible()
    assert Appointment.objects.get().patient == alice


def test_every_page(  # case 166
    context: BrowserContext, live_server: LiveServer, adam: User, alice: Patient, dr_chen: Doctor, berlin: Site
) -> None:
    """Wide and light, narrow and dark."""
    things = one_of_everything(dr_chen, alice, adam)
    make_hours(dr_chen, berlin, "14:00", "16:00")
    sign_in(context, live_server, client_of(adam))
    window = context.new_page()
    addresses = {"index": "/admin/"}
    for model, thing in things.items():
        found, name = pages()[model], model._meta.model_name
        addresses[f"{name}-list"] = page(model, "changelist")
        if found.may_add:
            addresses[f"{name}-add"] = page(model, "add")
        for what in ("change", *(verb.name for verb in found.verbs), *(["delete"] * found.may_delete)):
            addresses[f"{name}-{what}"] = page(model, what, thing.pk)
    addresses["history"] = page(Doctor, "history", dr_chen.pk)
    next_year = timezone.localdate().year + 1
    addresses["public-holidays"] = reverse("admin:desk-public-holidays") + f"?country=DE&year={next_year}"
    asked = f"?doctor={dr_chen.pk}&site={berlin.pk}&day={next_year}-02-07&time=10:10"
    addresses["why"] = reverse("admin:desk-why") + asked
    addresses["numbers"] = reverse("admin:desk-numbers")
    addresses["numbers-doctor"] = reverse("admin:desk-numbers") + "?grouping=doctor"
    addresses["move"] = reverse("admin:desk-move", args=[things[ToBeMoved].pk])

    for name, address in addresses.items():
        window.goto(live_server.url + address)
        for width, scheme in ((1280, "light"), (390, "dark")):
            window.set_viewport_size({"width": width, "height": 900})
            window.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

            shoot(window, f"admin-{name}-{width}-{scheme}")
            sticks_out = window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert sticks_out <= 0, f"{name} is {sticks_out} pixels wider than its window"
