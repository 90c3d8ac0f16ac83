"""The API's pages: they work under the Content-Security-Policy, and ask no other host (the window is watched)."""

from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from scheduler.tests.browser.conftest import shoot


def test_docs_read_and_tried_out(context: BrowserContext, live_server: LiveServer) -> None:  # case 166, 177
    page = context.new_page()

    page.goto(f"{live_server.url}/docs")

    page.get_by_text("List the doctors").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table").get_by_text("Dr. Wei Chen")).to_be_visible()
    shoot(page, "docs")


def test_redoc_read(context: BrowserContext, live_server: LiveServer) -> None:  # case 166, 177; fault B3-14
    page = context.new_page()

    page.goto(f"{live_server.url}/redoc")

    expect(page.get_by_role("heading", name="Find free times")).to_be_visible()
    shoot(page, "redoc")
