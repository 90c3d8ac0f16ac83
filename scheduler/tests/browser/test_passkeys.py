"""Second factors in a browser: an app, without JavaScript; passkeys, with a device that Chromium pretends to have."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from fido2.utils import websafe_encode
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.tests.factories import PASSWORD
from accounts.tests.factors import code_of, factors_of
from scheduler.tests.browser.conftest import Watch
from scheduler.tests.browser.steps import heading
from scheduler.tests.browser.test_every_page import LOOKS, look_at

REQUIRED = ("doctor", "receptionist", "admin")


@pytest.fixture(autouse=True)
def policy(settings: Settings, live_server: LiveServer) -> None:
    """Staff need a second factor; passkeys belong to where the browser finds the site."""
    settings.MFA_REQUIRED_ROLES = REQUIRED
    settings.SITE_URL = live_server.url


def device(page: Page) -> tuple[CDPSession, str]:
    """Plug in a key that can stand in for the password, and whose owner puts his finger on it. How to speak to it."""
    channel = page.context.new_cdp_session(page)
    channel.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = channel.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return channel, added["authenticatorId"]


def give_password(page: Page, home: str, user: User) -> None:
    page.goto(f"{home}/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    """The password once more."""
    heading(page, "Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()


def add_passkey(page: Page, *, alone: bool = True) -> None:
    """From the overview to the recovery codes."""
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    heading(page, "Add a passkey")
    page.get_by_label("Name").fill("My phone")
    page.get_by_label("Use it instead of the password, too").set_checked(alone)
    page.get_by_role("button", name="Add").click()
    heading(page, "Recovery codes")


def test_passkey_is_added_and_signs_in_alone(page: Page, live_server: LiveServer, rita: User) -> None:  # case 166
    device(page)
    give_password(page, live_server.url, rita)
    heading(page, "Two-factor sign-in")
    expect(page.get_by_text("Your role needs a second factor.")).to_be_visible()
    add_passkey(page)
    assert factors_of(rita) == ["recovery_codes", "webauthn"]
    sign_out(page)

    page.goto(f"{live_server.url}/accounts/login/?next=/admin/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Clinic desk")).to_be_visible()


def test_passkey_is_the_second_step(page: Page, live_server: LiveServer, rita: User) -> None:
    device(page)
    give_password(page, live_server.url, rita)
    heading(page, "Two-factor sign-in")
    add_passkey(page, alone=False)
    sign_out(page)

    give_password(page, live_server.url, rita)
    heading(page, "Second step")
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_passkey_confirms_renames_and_removes(page: Page, live_server: LiveServer, rita: User) -> None:
    device(page)
    give_password(page, live_server.url, rita)
    heading(page, "Two-factor sign-in")
    add_passkey(page)
    sign_out(page)
    page.goto(f"{live_server.url}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Rename").click()
    heading(page, "Is it you?")
    page.get_by_role("link", name="Use a security key").click()
    page.get_by_role("button", name="Use a passkey").click()
    heading(page, "Rename a passkey")
    page.get_by_label("Name").fill("Key ring")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Key ring")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text("Your role needs a second factor")).to_be_visible()
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_passkey_that_nobody_unlocks_does_not_stand_in_for_the_password(
    page: Page, live_server: LiveServer, rita: User
) -> None:
    """A key that was found, by somebody without its PIN, who lets another page ask for less first, as step two does."""
    channel, key = device(page)
    give_password(page, live_server.url, rita)
    heading(page, "Two-factor sign-in")
    add_passkey(page)
    sign_out(page)
    channel.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    give_password(page, live_server.url, rita)
    heading(page, "Second step")
    handle = websafe_encode(user_pk_to_url_str(rita).encode())
    page.route("**/accounts/logout/", _keeping_cookies)

    page.evaluate(
        """async (handle) => {
            const options = JSON.parse(document.getElementById("passkey-options").textContent).request_options
            options.publicKey.userVerification = "discouraged"
            const answer = await window.webauthnJSON.get(options)
            answer.response.userHandle = handle
            const cancel = document.getElementById("cancel")
            await fetch(cancel.action, { method: "POST", body: new FormData(cancel) })
            const form = document.querySelector("[data-passkey]")
            form.action = "/accounts/2fa/webauthn/login/"
            form.elements.credential.value = JSON.stringify(answer)
            form.submit()
        }""",
        handle,
    )

    expect(page.get_by_text("This passkey could not be used.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def _keeping_cookies(route: Route) -> None:
    """As a program would, which heeds no Clear-Site-Data."""
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={n: v for n, v in answer.headers.items() if n != "clear-site-data"})


@pytest.fixture
def plain_page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A telephone without JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_app_is_set_up_and_asked_for_without_javascript(
    plain_page: Page, live_server: LiveServer, rita: User
) -> None:  # case 094
    page = plain_page
    give_password(page, live_server.url, rita)
    heading(page, "Two-factor sign-in")
    page.get_by_role("link", name="Set up an app").click()
    confirm(page)
    heading(page, "Set up an authenticator app")
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Set up").click()
    heading(page, "Recovery codes")
    code = page.locator(".codes code").first.inner_text()
    sign_out(page)

    give_password(page, live_server.url, rita)
    heading(page, "Second step")
    expect(page.get_by_role("button", name="passkey")).to_have_count(0)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()

    page.goto(f"{live_server.url}/admin/")
    expect(page.get_by_role("heading", name="Clinic desk")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_page_of_the_second_factor(
    width: int, scheme: Any, browser: Browser, live_server: LiveServer, rita: User
) -> None:  # case 166
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(10_000)
    watch = Watch(context, live_server.url)
    page, home = context.new_page(), live_server.url
    device(page)

    def look(name: str) -> None:
        look_at(page, f"{width}-{scheme}-factor-{name}")

    _set_up(page, home, rita, look)
    _change(page, home, look)
    _come_again(page, home, rita, look)
    assert not watch.found, "\n".join(watch.found)
    context.close()


def _set_up(page: Page, home: str, rita: User, look: Callable[[str], None]) -> None:
    page.goto(f"{home}/accounts/login/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    look("sign-in")
    give_password(page, home, rita)
    heading(page, "Two-factor sign-in")
    look("missing")
    page.get_by_role("link", name="Set up an app").click()
    look("confirm")
    confirm(page)
    heading(page, "Set up an authenticator app")
    look("app")
    page.get_by_label("Code").fill("1")
    page.get_by_role("button", name="Set up").click()
    look("app-wrong")
    page.get_by_label("Code").fill(code_of(page.locator("code.secret").inner_text().replace(" ", "")))
    page.get_by_role("button", name="Set up").click()
    heading(page, "Recovery codes")
    look("codes")
    page.get_by_role("link", name="Make new codes").click()
    look("codes-new")
    page.goto(f"{home}/accounts/2fa/totp/deactivate/")
    look("app-last")


def _change(page: Page, home: str, look: Callable[[str], None]) -> None:
    page.goto(f"{home}/accounts/2fa/webauthn/")
    look("no-passkeys")
    page.goto(f"{home}/accounts/2fa/webauthn/add/")
    look("passkey-add")
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add").click()
    heading(page, "Two-factor sign-in")
    look("overview")
    page.goto(f"{home}/accounts/2fa/totp/deactivate/")
    look("app-remove")
    page.goto(f"{home}/accounts/2fa/webauthn/")
    look("passkeys")
    page.get_by_role("link", name="Rename").click()
    look("passkey-rename")
    page.goto(f"{home}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    look("passkey-remove")
    page.goto(f"{home}/accounts/2fa/reauthenticate/")
    look("confirm-code")
    page.goto(f"{home}/accounts/2fa/webauthn/reauthenticate/")
    look("confirm-passkey")


def _come_again(page: Page, home: str, rita: User, look: Callable[[str], None]) -> None:
    sign_out(page)
    give_password(page, home, rita)
    heading(page, "Second step")
    look("step-two")
    page.get_by_label("Code").fill("1")
    page.get_by_role("button", name="Sign in").click()
    look("step-two-wrong")
