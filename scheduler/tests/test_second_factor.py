"""Nothing opens to whoever must have a second factor and has none: every address of the site, by every method."""

import pytest
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import Settings

from accounts.models import Role, User
from accounts.second_factor.middleware import HEALTH, OPEN
from accounts.tests.factories import PASSWORD, make_patient, make_user
from accounts.tests.factors import code_of, set_up_app
from scheduler.tests.addresses import addresses

ROLES = (Role.DOCTOR, Role.RECEPTIONIST, Role.ADMIN)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
INDEX = "/accounts/2fa/"
PUBLIC_API = {"register", "verify-email", "login", "token", "token-refresh", "password-reset", "api-root"}
"""These look at no session: there one gets credentials, and learns that the API is there."""


@pytest.fixture(params=ROLES)
def person(request: pytest.FixtureRequest, db: None, settings: Settings) -> User:
    settings.MFA_REQUIRED_ROLES = tuple(ROLES)
    return make_user(request.param)


def browser_of(user: User) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def test_every_page_leads_to_the_set_up(person: User) -> None:  # case 094
    browser = browser_of(person)
    pages = [path for path in addresses() if not path.startswith("/api/")]
    closed = [path for path in pages if resolve(path).view_name not in (*OPEN, *HEALTH)]

    # That no method is forgotten, one role shows for all.
    methods = METHODS if person.role == Role.ADMIN else ("GET", "POST")

    answers = {(method, path): browser.generic(method, path) for method in methods for path in closed}

    assert len(closed) > 100
    open_doors = {door: a.status_code for door, a in answers.items() if a.headers.get("Location") != INDEX}
    assert open_doors == {}


def test_every_endpoint_refuses(person: User) -> None:  # case 094
    browser = browser_of(person)
    paths = [path for path in addresses() if path.startswith("/api/v1/")]
    closed = [path for path in paths if resolve(path).view_name not in PUBLIC_API]

    answers = {(method, path): browser.generic(method, path) for method in METHODS for path in closed}

    told = {door: a.status_code for door, a in answers.items() if a.status_code != 403}
    assert told == {}
    assert len(closed) > 20


def test_pages_to_set_one_up_are_open(person: User) -> None:
    browser = browser_of(person)

    answers = {name: browser.get(reverse(name)) for name in OPEN}

    assert answers["mfa_index"].status_code == 200
    assert "Your role needs a second factor" in answers["mfa_index"].content.decode()
    assert {a.headers.get("Location", "") for a in answers.values()}.isdisjoint({INDEX})
    for name in HEALTH:
        assert browser.get(reverse(name)).status_code == 200


def test_everything_is_open_once_it_is_set_up(person: User) -> None:
    browser = browser_of(person)
    set_up_app(person)

    assert browser.get("/").status_code == 200
    # A receptionist is led on to where her day begins.
    leads_to = browser.get("/admin/").headers.get("Location", "/admin/")
    assert leads_to.startswith("/admin/login/") != person.is_staff
    assert browser.get("/api/v1/appointments/").status_code == 200


def test_fragments_lead_to_the_set_up_too(person: User) -> None:
    answer = browser_of(person).get("/", headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == INDEX
    assert answer.content == b""


def test_role_that_changes_is_asked_at_the_next_request(person: User) -> None:
    User.objects.filter(pk=person.pk).update(role=Role.PATIENT)
    browser = browser_of(person)
    before = browser.get("/appointments/")

    User.objects.filter(pk=person.pk).update(role=Role.RECEPTIONIST)

    assert before.status_code == 200
    assert browser.get("/appointments/").headers["Location"] == INDEX


def test_nobody_is_asked_where_the_policy_asks_nobody(person: User, settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = ()

    assert browser_of(person).get("/").status_code == 200


def test_sign_in_on_the_booking_page_asks_for_the_second_step_and_comes_back(db: None) -> None:
    alice = make_patient(email="alice@example.org").user
    secret, browser = set_up_app(alice), Client()

    asked = browser.post("/book/", {"enter": "sign-in", "login": alice.email, "password": PASSWORD})
    half = browser.get("/book/")
    done = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert asked.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not half.context["user"].is_authenticated
    assert done.headers["Location"] == "/book/"
    assert browser.get("/book/").context["user"] == alice
