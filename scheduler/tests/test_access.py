"""Every address of the site, every method, and everybody: what opens, for whom, and what the others learn."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from clinic.tests.desk import pages
from scheduler.tests.access.routes import address, routes
from scheduler.tests.access.table import TABLE, THINGS, Row
from scheduler.tests.access.world import ACTORS, NOWHERE, World, is_allowed, make_clinic
from scheduler.tests.test_admin_pages import documented

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
CSRF_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
ADMIN = re.compile(r"admin:(accounts|clinic|records)_(?P<model>[a-z]+)_(?P<page>[a-z-]+)")
DESK = "admin:desk-"
"""The desk's own pages have rows in the table."""
FRAME = {"index", "login", "logout", "autocomplete", "jsi18n", "app_list", "password_change", "password_change_done"}
"""The admin's own pages: for staff, or on the way there."""


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once: what a test does to it is undone within the transaction that it stands in."""
    with django_db_blocker.unblock(), transaction.atomic():
        transaction.get_connection().atomic_blocks[-1]._from_testcase = True
        yield make_clinic()
        transaction.set_rollback(True)


@pytest.fixture
def world(standing: World, db: None) -> World:
    return standing.anew()


def test_table_has_every_route_and_no_other() -> None:
    # case 101
    ours = {name for name in routes() if not name.startswith("admin:") or name.startswith(DESK)}

    assert ours == set(TABLE)


def test_admin_has_no_route_of_an_unknown_kind() -> None:
    strange = {name for name in routes() if name.startswith("admin:") and not ADMIN.fullmatch(name)}
    strange = {name for name in strange if not name.startswith(DESK)}

    assert strange == {f"admin:{name}" for name in FRAME}


def path_of(name: str, world: World) -> str:
    """The route's address, with alice's thing in it."""
    kinds = (TABLE[name].thing or THINGS.get(name, "")).split()
    things = [world.people["a"] if kind == "User" else world.things[kind] for kind in kinds]
    return address(name, *[thing.pk for thing in things])


def allowed(row: Row, method: str) -> str:
    """Who may, by the table."""
    return row.methods.get("GET" if method == "HEAD" else method, "")


@pytest.mark.parametrize("name", sorted(TABLE))
def test_door_when_tried(world: World, name: str) -> None:
    # case 093, case 101, case 102, case 119, case 120, case 131, fault B0-4, fault B0-6, fault B2-6, fault B3-1
    row, path = TABLE[name], path_of(name, world)
    is_api = path.startswith("/api/")

    for method in METHODS:
        opened = "".join(who for who in ACTORS if is_allowed(world.ask(who, method, path)))
        expected = allowed(row, method)
        if is_api or method in ("GET", "POST"):
            assert opened == expected, f"{method} {path}: opens for {opened or 'nobody'}, should for {expected}"
        else:
            # Django's views take some methods for others, and say by OPTIONS which. Nobody may more by them.
            opened = "" if method == "OPTIONS" else opened
            assert set(opened) <= set(allowed(row, "GET") + allowed(row, "POST")), f"{method} {path}"


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.thing))
def test_thing_when_it_is_somebody_elses(world: World, name: str) -> None:
    # case 101, case 104, case 105
    row = TABLE[name]
    there, missing = path_of(name, world), address(name, NOWHERE)

    for method, may in row.methods.items():
        # Who sees the thing may learn that he cannot change it.
        for who in set(ACTORS) - set(may) - set(allowed(row, "GET") + row.known_to):
            one, other = world.ask(who, method, there), world.ask(who, method, missing)
            assert told(one) == told(other), f"{method} {name} for {ACTORS[who]}"


def told(answer: HttpResponse) -> tuple[int, str]:
    """What somebody learns: status and words, but for the ids that he sent himself and that of the request."""
    words = CSRF_TOKEN.sub("token", answer.content.decode()) + answer.headers.get("Location", "")
    return answer.status_code, ID.sub("id", words)


@pytest.mark.parametrize("name", sorted(name for name in routes() if ADMIN.fullmatch(name)))
def test_admin_when_tried(world: World, name: str) -> None:
    # case 101, case 121, case 130
    found = ADMIN.fullmatch(name)
    assert found is not None
    model = next(model for model in pages() if model._meta.model_name == found["model"])
    permissions = documented()
    verb = next((verb for verb in pages()[model].verbs if verb.name == found["page"]), None)
    needs = {"changelist": "view", "history": "view", "change": "view", "add": "add", "delete": "delete"}
    # Shown once, to who has just registered the integrator.
    needs |= {"secret": "change"}
    action = verb.permission if verb else needs[found["page"]]
    roles = {"r": "receptionist", "m": "admin", "s": "admin"}
    may = {who for who, role in roles.items() if action in permissions[model.__name__, role]}
    path = reverse(name, args=[world.things[model.__name__].pk]) if routes()[name] else reverse(name)

    answers = {who: world.ask(who, "GET", path) for who in ACTORS}
    # To the first page, with a word that there is no such thing.
    opened = {who for who, answer in answers.items() if is_allowed(answer) and answer.get("Location") != "/admin/"}

    # A verb that makes no sense for the object is not there for anybody.
    assert opened == may or (verb is not None and not opened)
    for who in set(ACTORS) - may:
        answer = world.ask(who, "POST", path)
        assert not is_allowed(answer) or answer.get("Location") == "/admin/", who


@pytest.mark.parametrize("who", "nacrm")
def test_nothing_changes_when_looked_at(world: World, who: str) -> None:
    # case 093
    page, api = (world.client(who, is_api=is_api) for is_api in (False, True))
    before = everything()

    for name in TABLE:
        path = path_of(name, world)
        for method in ("GET", "HEAD"):
            (api if path.startswith("/api/") else page).generic(method, path)

    assert everything() == before


def everything() -> dict[str, list[Any]]:
    """Every row, but for what each request leaves by itself: sessions and the audit trail."""
    passing = {"Session", "UserSession", "AuditEntry", "AuditLink"}
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model.__name__ not in passing and model._meta.managed
    }


@pytest.mark.parametrize("token", [None, "0" * 64, "foreign"])
def test_form_when_it_comes_from_elsewhere(world: World, token: str | None) -> None:
    # case 093
    client, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    client.force_login(world.people["a"])
    other.force_login(world.people["b"])
    other.get("/accounts/login/")
    other.get("/book/")
    if token == "foreign":
        token = other.cookies["csrf"].value if "csrf" in other.cookies else "1" * 64
    before = everything()

    for name, row in TABLE.items():
        path = path_of(name, world)
        is_api = path.startswith("/api/")
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            if not row.methods.get(method):
                continue
            body = {"csrfmiddlewaretoken": token} if token else {}
            answer = client.post(path, body) if method == "POST" and not is_api else client.generic(method, path)
            if name not in WITHOUT_SESSION:
                assert answer.status_code == 403, f"{method} {path}"

    assert everything() == before


WITHOUT_SESSION = {
    *("register", "verify-email", "login", "token", "token-refresh", "password-reset"),
    *("idp:oidc:token", "idp:oidc:revoke"),
    # Sent on to the same question by GET, where consent is asked for.
    "idp:oidc:authorization",
}
"""They do not look at the session, or change nothing: nothing is gained by another's browser sending them."""


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_method_when_a_header_names_another(world: World, header: str) -> None:
    # case 093
    client = world.client("a", is_api=True)
    path = f"/api/v1/appointments/{world.things['Appointment'].pk}/"
    before = everything()

    client.get(path, headers={header: "DELETE"})
    client.get(path + "?_method=DELETE")

    assert everything() == before
