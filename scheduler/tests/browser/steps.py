"""What the browser tests do on the pages."""

from playwright.sync_api import Page, expect

from clinic.tests.portal import NEWCOMER, mailed_code

MOST_TABS = 60


def heading(page: Page, text: str) -> None:
    """Wait until the page with this heading is there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def tab_to(page: Page, name: str, role: str = "") -> None:
    """Press Tab until what has this accessible name has the focus."""
    target = page.get_by_role(role, name=name) if role else page.get_by_label(name)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate_all("found => found.includes(document.activeElement)"):
            return
    raise AssertionError(f"Tab never reaches {name}")


def choose_a_time(page: Page, home: str) -> None:
    """The first screen."""
    page.goto(home)
    page.locator("button.slot").first.click()
    heading(page, "Your details")


def sign_up(page: Page, **changes: str) -> None:
    """The second screen of somebody who is new, until the code is mailed."""
    told = NEWCOMER | changes
    form = page.get_by_role("region", name="I am new here")
    form.get_by_label("First name").fill(told["first_name"])
    form.get_by_label("Last name").fill(told["last_name"])
    form.get_by_label("Email").fill(told["email"])
    form.get_by_label("Password").fill(told["password1"])
    form.get_by_role("button").click()
    heading(page, "Enter the code")


def enter_code(page: Page) -> None:
    """The code that was mailed."""
    page.get_by_label("Code").fill(mailed_code())
    page.get_by_role("button", name="Confirm").click()
    heading(page, "Your details")


def book(page: Page, home: str) -> None:
    """All three screens."""
    choose_a_time(page, home)
    sign_up(page)
    enter_code(page)
    page.get_by_label("What brings you here?").fill("A rash")
    page.get_by_role("button", name="Book this visit").click()
    heading(page, "Your visit is booked")
