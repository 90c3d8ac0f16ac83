"""Letting an application in, in a browser: the page's policy lets its form lead there, and nowhere else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts import integrations
from accounts.integrations import Registered
from accounts.models import Integrator, Patient, Role
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.integrators import bearing, exchange, make_web, question
from clinic.tests.desk import client_of, grant_roles
from clinic.tests.desk import page as address_of
from scheduler.tests.browser.conftest import Watch, shoot
from scheduler.tests.browser.steps import heading
from scheduler.tests.browser.test_admin import sign_in
from scheduler.tests.browser.test_every_page import LOOKS, look_at


class _Application(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel='icon' href='data:,'><title>App</title><h1>Welcome back</h1>")

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def there() -> Iterator[str]:
    """Another site, to which the browser comes back."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def made(there: str) -> Registered:
    return make_web(redirect_uris=[f"{there}/callback"])


def ask(page: Page, home: str, made: Registered) -> None:
    """Open the consent page as a stranger, and sign in on the way."""
    page.goto(f"{home}/identity/o/authorize?{urlencode(question(made))}")
    heading(page, "Sign in")
    page.get_by_label("Email").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Let an application in?")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_let_an_application_in_and_show_it_out(  # case 166, 169
    width: int,
    scheme: str,
    browser: Browser,
    live_server: LiveServer,
    made: Registered,
    there: str,
    alice: Patient,
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(10_000)
    watch = Watch(context, live_server.url)
    page = context.new_page()

    ask(page, live_server.url, made)
    look_at(page, f"{width}-{scheme}-consent")
    page.get_by_label("Book, move and cancel appointments for you").uncheck()
    page.get_by_role("button", name="Let it in").click()
    heading(page, "Welcome back")
    came_back = parse_qs(urlsplit(page.url).query)
    tokens = exchange(made, came_back["code"][0]).json()

    assert came_back["state"] == ["a-state"]
    assert "appointments.write" not in tokens["scope"]
    assert bearing(tokens["access_token"]).get("/api/v1/appointments/").status_code == 200

    page.goto(f"{live_server.url}/accounts/applications/")
    look_at(page, f"{width}-{scheme}-applications")
    page.get_by_role("button", name="End its access").click()
    expect(page.get_by_text("You have let no application in.")).to_be_visible()
    assert bearing(tokens["access_token"]).get("/api/v1/appointments/").status_code == 401
    assert [found for found in watch.found if there not in found] == []
    context.close()


def test_refuse_by_keyboard(
    browser: Browser, live_server: LiveServer, made: Registered, there: str, alice: Patient
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    ask(page, live_server.url, made)

    page.get_by_role("button", name="Refuse").focus()
    page.keyboard.press("Enter")

    heading(page, "Welcome back")
    assert "error=access_denied" in page.url
    context.close()


def test_without_the_policys_exception_the_way_back_is_barred(
    browser: Browser, live_server: LiveServer, made: Registered, alice: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the exception is needed."""
    monkeypatch.setattr(integrations, "origin", lambda _uri: "'self'")
    page = browser.new_page()
    ask(page, live_server.url, made)

    with page.expect_console_message(lambda told: "form-action" in told.text):
        page.get_by_role("button", name="Let it in").click()

    heading(page, "Let an application in?")
    page.context.close()


def test_page_that_cannot_be_asked(browser: Browser, live_server: LiveServer, made: Registered) -> None:
    page = browser.new_page()

    page.goto(
        f"{live_server.url}/identity/o/authorize?{urlencode(question(made) | {'redirect_uri': 'https://x.invalid/'})}"
    )

    heading(page, "This does not work")
    look_at(page, "consent-refused")
    page.context.close()


def test_consent_is_not_framed(
    browser: Browser, live_server: LiveServer, made: Registered, there: str
) -> None:  # case 169
    page = browser.new_page()
    page.goto(there)

    with page.expect_console_message(lambda told: "frame-ancestors" in told.text or "frame" in told.text.lower()):
        page.evaluate(
            "address => document.body.append(Object.assign(document.createElement('iframe'), {src: address}))",
            f"{live_server.url}/identity/o/authorize?{urlencode(question(made))}",
        )

    page.context.close()


def test_register_an_integrator(context: BrowserContext, live_server: LiveServer) -> None:  # case 166
    grant_roles()
    sign_in(context, live_server, client_of(make_user(Role.ADMIN)))
    page = context.new_page()

    page.goto(live_server.url + address_of(Integrator, "add"))
    shoot(page, "admin-integrator-add")
    page.get_by_role("textbox", name="Name:").fill("Robot")
    page.get_by_label("Web application").check()
    page.get_by_label("appointments.read").check()
    page.get_by_label("Addresses to return to").fill("https://robot.example.com/callback")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Copy the secret now")).to_be_visible()
    shoot(page, "admin-integrator-secret")
    page.get_by_role("link", name="Continue").click()
    shoot(page, "admin-integrator-change")
