"""A browser, a site with a doctor in it, and what every page must keep to: no error, no outside request.

Screenshots of every page that a test looks at are written to the folder named by ``SCREENSHOTS``, if it is set.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request
from pytest_django.live_server_helper import LiveServer

from clinic.models import Doctor, Specialty
from clinic.tests.factories import make_visit_type

CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder run alone."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.serial)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; as root it needs to be told to do without its sandbox."""
    # Playwright's loop counts as running in this thread for the rest of the session, though it is idle while a test
    # asks the database; Django would refuse every query.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A desk's window; tests make their own for other sizes."""
    return browser_context_args | {"viewport": {"width": 1280, "height": 900}}


@pytest.fixture(autouse=True)
def site_with_a_doctor(django_db_serialized_rollback: None, live_server: LiveServer, dr_chen: Doctor) -> None:
    """Dr. Chen, a dermatologist, offers two visits.

    (The rows that migrations made are restored first: emptying the tables after such a test takes them away.)
    """
    dr_chen.specialties.add(Specialty.objects.create(name="Dermatology"))
    dr_chen.visit_types.add(
        make_visit_type(name="Consultation", instructions="Bring your insurance card."),
        make_visit_type(name="Check-up", minutes=60),
    )


class Watch:
    """What went wrong on a page that nobody would see by looking at it."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.found: list[str] = []
        self.home = home
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # A broken Content-Security-Policy is told on the console too.
        if message.type in ("error", "warning"):
            self.found.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:")):
            self.found.append(f"request to another host: {request.url}")


@pytest.fixture
def context(context: BrowserContext, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser window that is watched: at the end nothing may have gone wrong."""
    context.set_default_timeout(10_000)
    watch = Watch(context, live_server.url)
    yield context
    assert not watch.found, "\n".join(watch.found)


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if pictures are wanted."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
