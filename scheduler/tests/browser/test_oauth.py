"""Signing in through a real OpenID Connect server on this machine, in a browser that keeps to our policy."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD
from accounts.tests.openid import openid_server
from clinic.models import Appointment, Status
from clinic.tests.portal import mailed_code
from scheduler.tests.browser.conftest import Watch
from scheduler.tests.browser.steps import choose_a_time, heading
from scheduler.tests.browser.test_every_page import LOOKS, look_at

VERA = {"sub": "vera", "given_name": "Vera", "family_name": "Vale", "email": "vera@example.org", "email_verified": True}
NORA = {"sub": "nora", "email": "nora@example.org", "email_verified": False}
ALICE = {"sub": "alice", "name": "Alice Archer", "email": "alice@example.org", "email_verified": True}
STYLES_OF_THE_SERVER = "https://cdn.jsdelivr.net/**"
Look = Callable[[str], None]


class WatchTwo(Watch):
    """Two sites are visited: ours, and the server that people sign in at. What that one's pages load is its affair."""

    def __init__(self, context: BrowserContext, home: str, there: str) -> None:
        self.there = there
        super().__init__(context, home)

    def _request(self, request: Request) -> None:
        if not (request.url.startswith(self.there) or request.frame.url.startswith(self.there)):
            super()._request(request)


@pytest.fixture
def there() -> Iterator[str]:
    with openid_server(VERA, NORA, ALICE) as address:
        yield address


def _without_styles(route: Route) -> None:
    route.fulfill(body="", content_type="text/css")


@pytest.fixture(params=LOOKS, ids=str)
def page(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, there: str
) -> Iterator[tuple[Page, Look]]:
    """A page, and how to look at it; at the end nothing may have gone wrong."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(10_000)
    context.route(STYLES_OF_THE_SERVER, _without_styles)
    watch = WatchTwo(context, live_server.url, there)
    page = context.new_page()
    yield page, lambda name: look_at(page, f"{width}-{scheme}-oauth-{name}")
    assert not watch.found, "\n".join(watch.found)
    context.close()


def leave(page: Page) -> None:
    """Press our button; the server asks who it is."""
    page.get_by_role("button", name="Continue with Willow ID").click()
    heading(page, "Authorize Client")


def sign_in(page: Page, sub: str) -> None:
    """There and back."""
    leave(page)
    page.get_by_role("button", name=sub, exact=True).first.click()


def test_book_with_another_account(page: tuple[Page, Look], live_server: LiveServer) -> None:
    """The time that was chosen before is still kept; whoever comes again is the same."""
    browser, look = page
    choose_a_time(browser, live_server.url)
    hold = Appointment.objects.get()
    look("details")

    sign_in(browser, "vera")

    heading(browser, "Your details")
    expect(browser.get_by_role("main")).to_contain_text("Vera Vale")
    look("confirm")
    browser.get_by_role("button", name="Book this visit").click()
    heading(browser, "Your visit is booked")
    appointment = Appointment.objects.get()
    assert (appointment.pk, appointment.status) == (hold.pk, Status.SCHEDULED)
    assert appointment.patient.user == User.objects.get(email="vera@example.org")
    browser.goto(f"{live_server.url}/accounts/3rdparty/")
    look("connected")
    browser.get_by_role("button", name="Remove Willow ID").click()
    expect(browser.get_by_role("alert")).to_contain_text("This is your only way to sign in.")
    look("last-way")

    browser.get_by_role("button", name="Sign out").first.click()
    browser.goto(f"{live_server.url}/accounts/login/?next=/appointments/")
    look("sign-in")
    sign_in(browser, "vera")

    heading(browser, "My appointments")
    assert User.objects.filter(email="vera@example.org").count() == 1


def test_book_when_name_and_proof_are_missing(page: tuple[Page, Look], live_server: LiveServer) -> None:
    browser, look = page
    choose_a_time(browser, live_server.url)
    hold = Appointment.objects.get()

    sign_in(browser, "nora")
    heading(browser, "Almost done")
    look("almost-done")
    browser.get_by_role("button", name="Sign up").click()
    look("almost-done-errors")
    browser.get_by_label("First name").fill("Nora")
    browser.get_by_label("Last name").fill("North")
    browser.get_by_role("button", name="Sign up").click()
    browser.get_by_label("Code").fill(mailed_code())
    look("code")
    browser.get_by_role("button", name="Confirm").click()

    heading(browser, "Your details")
    expect(browser.get_by_role("main")).to_contain_text("Nora North")
    browser.get_by_role("button", name="Book this visit").click()
    heading(browser, "Your visit is booked")
    assert Appointment.objects.get().pk == hold.pk


def test_connect_when_the_address_is_known(page: tuple[Page, Look], live_server: LiveServer, alice: Patient) -> None:
    """Told kindly; then signed in with the password, connected, and from then on without it."""
    browser, look = page
    browser.goto(f"{live_server.url}/accounts/signup/")
    look("sign-up")

    sign_in(browser, "alice")

    heading(browser, "You have an account already")
    look("known")
    browser.get_by_role("main").get_by_role("link", name="Sign in").click()
    browser.get_by_label("Email").fill("alice@example.org")
    browser.get_by_label("Password").fill(PASSWORD)
    browser.get_by_role("button", name="Sign in", exact=True).click()
    browser.goto(f"{live_server.url}/accounts/3rdparty/")
    look("not-connected")
    browser.get_by_role("button", name="Connect Willow ID").click()
    browser.get_by_label("Password").fill(PASSWORD)
    look("password-again")
    browser.get_by_role("button", name="Continue", exact=True).click()
    heading(browser, "Authorize Client")
    browser.get_by_role("button", name="alice", exact=True).first.click()
    heading(browser, "Connected accounts")
    expect(browser.get_by_text("You can now sign in with Willow ID.")).to_be_visible()
    look("connected-now")
    browser.get_by_role("button", name="Sign out").first.click()

    browser.goto(f"{live_server.url}/accounts/login/?next=/appointments/")
    sign_in(browser, "alice")
    heading(browser, "My appointments")


def test_sign_in_when_it_comes_to_nothing(page: tuple[Page, Look], live_server: LiveServer) -> None:
    browser, look = page
    browser.goto(f"{live_server.url}/accounts/oidc/oidc/login/")
    look("asked")
    browser.get_by_role("button", name="Continue").click()
    browser.get_by_role("button", name="Deny").wait_for()
    state = browser.evaluate("new URL(location).searchParams.get('state')")
    browser.goto(f"{live_server.url}/accounts/oidc/oidc/login/callback/?error=access_denied&state={state}")
    heading(browser, "You are not signed in")
    look("turned-back")


def test_sign_in_when_the_policy_does_not_name_the_server(
    browser: Browser, live_server: LiveServer, there: str
) -> None:
    """The control: without the server's origin in form-action, Chromium goes nowhere, and says so."""
    context = browser.new_context()
    watch = Watch(context, live_server.url)
    page = context.new_page()
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    closed = {"DIRECTIVES": directives | {"form-action": [directives["form-action"][0]]}}
    with override_settings(CONTENT_SECURITY_POLICY=closed):
        page.goto(f"{live_server.url}/accounts/login/")
        with page.expect_console_message(lambda message: "form-action" in message.text):
            page.get_by_role("button", name="Continue with Willow ID").click()

    assert page.url == f"{live_server.url}/accounts/login/"
    assert any("form-action" in found for found in watch.found)
    context.close()
