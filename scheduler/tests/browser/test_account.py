"""One's own account in a browser: the picture, another address, the way out."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD
from accounts.tests.letters import code_in
from scheduler.tests.browser.conftest import shoot
from scheduler.tests.browser.steps import heading


@pytest.fixture(autouse=True)
def disk(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def visitor(page: Page, live_server: LiveServer, alice: Patient) -> Page:
    """Alice is signed in, and sees her profile."""
    sign_in(page, f"{live_server.url}/accounts/login/?next=/accounts/profile/")
    return page


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Email").fill("alice@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    heading(page, "Profile")


def test_signing_out_leaves_nothing_behind(visitor: Page, live_server: LiveServer) -> None:
    # case 089, case 173
    visitor.goto(f"{live_server.url}/accounts/my-data/")
    expect(visitor.get_by_text("alice@example.org").first).to_be_visible()

    visitor.get_by_role("button", name="Sign out").click()

    heading(visitor, "You are signed out")
    shoot(visitor, "signed-out")
    names = {cookie["name"] for cookie in visitor.context.cookies()}
    assert "session" not in names
    visitor.go_back()
    expect(visitor.get_by_role("heading", level=1)).not_to_have_text("What we hold about you")
    assert "alice@example.org" not in visitor.content()
    sign_in(visitor, f"{live_server.url}/accounts/login/?next=/accounts/profile/")


def test_signing_out_everywhere_ends_this_browser_too(visitor: Page, live_server: LiveServer) -> None:
    # case 089
    visitor.goto(f"{live_server.url}/accounts/sessions/")

    visitor.get_by_role("button", name="Sign out everywhere").click()

    heading(visitor, "You are signed out")
    visitor.goto(f"{live_server.url}/accounts/profile/")
    expect(visitor).to_have_url(f"{live_server.url}/accounts/login/?next=/accounts/profile/")


def test_picture_is_shown_and_removed(visitor: Page, alice: Patient) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (80, 60), "teal").save(drawn, "PNG")

    visitor.get_by_label("A picture of you").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    visitor.get_by_role("button", name="Save the picture").click()

    shown = visitor.get_by_role("img", name="Your picture")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 80)
    visitor.get_by_role("button", name="Remove it").click()
    expect(shown).to_have_count(0)


def test_address_is_changed(visitor: Page, live_server: LiveServer, alice: Patient) -> None:
    visitor.get_by_role("link", name="Email").click()
    visitor.get_by_label("New email address").fill("new@example.org")
    visitor.get_by_role("button", name="Send the code").click()
    visitor.get_by_label("Password").fill(PASSWORD)
    visitor.get_by_role("main").get_by_role("button").first.click()
    heading(visitor, "Confirm your email address")
    shoot(visitor, "address-code")

    visitor.get_by_label("Code").fill(code_in(mail.outbox[-1]))
    visitor.get_by_role("button", name="Confirm").click()

    heading(visitor, "Email address")
    expect(visitor.get_by_text("new@example.org")).to_be_visible()
    assert User.objects.get(pk=alice.user_id).email == "new@example.org"
