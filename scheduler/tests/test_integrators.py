"""What integrators' tokens open, at every address of the API, and that everything else is closed to them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import resolve
from django.utils import timezone

from accounts import integrations
from accounts.api.integrators.authentication import scope_needed
from accounts.integrations import Scope
from accounts.models import Patient, Role, User
from accounts.tests.factories import make_user
from accounts.tests.integrators import ALL, bearing, make_app, make_service, make_web, service_token, tokens_for
from clinic.models import Appointment, Doctor
from clinic.tests.desk import one_of_everything
from clinic.tests.factories import at, make_appointment
from scheduler.tests.addresses import addresses

BASE = "/api/v1/"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
ROW = re.compile(r"^\| ((?:`[a-z-]+/`(?:, )?)+) \| (?:`([a-z.]+)`)? ?\| (?:`([a-z.]+)`)? ?\|$", re.MULTILINE)


def views() -> dict[str, Any]:
    """The class behind each address of the API."""
    found = {}
    for path in addresses():
        if path.startswith(BASE):
            callback: Any = resolve(path).func
            found[path] = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    return {path: view for path, view in found.items() if hasattr(view, "authentication_classes")}


def looks_at_tokens(view: Any) -> bool:
    return bool(view.authentication_classes)


def documented() -> dict[str, tuple[str | None, str | None]]:
    """The table of docs/api.md: the first part of an address, and the scopes to read and to write."""
    text = Path(settings.BASE_DIR, "docs/api.md").read_text()
    return {place: (row[2], row[3]) for row in ROW.finditer(text) for place in re.findall(r"`([a-z-]+)/`", row[1])}


def test_views_ask_for_the_scopes_that_the_table_says() -> None:
    actual: dict[str, set[Any]] = {}
    for path, view in views().items():
        scopes = tuple(scope and scope.value for scope in (scope_needed(view, "GET"), scope_needed(view, "POST")))
        if any(scopes):
            actual.setdefault(path.removeprefix(BASE).partition("/")[0], set()).add(scopes)

    assert actual == {place: {scopes} for place, scopes in documented().items()}


@pytest.fixture
def world(alice: Patient, bob: Patient, dr_chen: Doctor, adam: User) -> dict[Any, Any]:
    return one_of_everything(dr_chen, alice, adam)


def rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Appointment, User, Patient, Doctor)]


@pytest.mark.parametrize("scope", [None, *Scope.values])
def test_token_opens_what_its_scope_names_and_nothing_else(world: Any, scope: str | None) -> None:  # case 100, 101
    """With one scope, of somebody who may do everything."""
    admin = make_user(Role.ADMIN)
    made = make_web(scopes=ALL)
    token = tokens_for(admin, made, scope=scope or "openid")["access_token"]
    client = bearing(token)
    client.raise_request_exception = False
    before = rows()

    wrong = {}
    for path, view in views().items():
        for method in METHODS:
            if not looks_at_tokens(view):
                continue
            answer = client.generic(method, path, "{}", content_type="application/json")
            needed = scope_needed(view, method)
            is_open = needed is not None and needed == scope
            is_refused = "insufficient_scope" in answer.headers.get("WWW-Authenticate", "")
            if is_open == is_refused or is_refused != (answer.status_code == 403):
                wrong[method, path] = answer.status_code

    assert wrong == {}
    assert rows() == before


def test_sign_in_and_accounts_are_closed_to_a_token_with_every_scope(world: Any) -> None:
    admin = make_user(Role.ADMIN)
    client = bearing(tokens_for(admin, make_web())["access_token"])

    for path in ("users/", "users/me/", f"users/{admin.pk}/", "auth/logout/", "auth/password/change/"):
        for method in ("GET", "POST", "PATCH", "DELETE"):
            answer = client.generic(method, BASE + path, "{}", content_type="application/json")
            assert answer.status_code in (401, 403), (method, path, answer.content)
    admin.refresh_from_db()
    assert admin.is_active


def test_token_is_good_for_the_api_alone(world: Any) -> None:
    admin = make_user(Role.ADMIN)
    client = bearing(tokens_for(admin, make_web())["access_token"])

    for path in ("/admin/", "/accounts/applications/", "/accounts/password/change/"):
        assert client.get(path).status_code == 302, path


def test_refusal_names_the_scope_in_the_standards_words(alice: Patient) -> None:
    client = bearing(tokens_for(alice.user, make_web(), scope="appointments.read")["access_token"])

    answer = client.post(f"{BASE}appointments/", "{}", content_type="application/json")

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "insufficient_scope"
    assert answer["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="appointments.write"'


@pytest.mark.parametrize("token", ["x", "x" * 86, "x" * 5000, "", "a.b.c", "é"])
@pytest.mark.parametrize("path", ["appointments/", "doctors/", "slots/next/"])
def test_bearer_of_anything_else_is_nobody(db: None, token: str, path: str) -> None:
    answer = Browser(headers={"Authorization": f"Bearer {token}"}).get(BASE + path)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_nobody_is_told_to_sign_in(db: None) -> None:
    answer = Browser().get(f"{BASE}appointments/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_token_sees_what_its_person_sees(alice: Patient, bob: Patient, dr_chen: Doctor) -> None:  # case 103, 115
    mine = make_appointment(dr_chen, alice, at("10:00"))
    other = make_appointment(dr_chen, bob, at("11:00"))
    client = bearing(tokens_for(alice.user, make_app(), scope="appointments.read")["access_token"])

    listed = client.get(f"{BASE}appointments/").json()

    assert [row["id"] for row in listed["results"]] == [str(mine.pk)]
    assert listed["count"] == 1
    for question in (f"patient={bob.pk}", "from=2000-01-01&to=2999-01-01&status=scheduled&page=1"):
        found = client.get(f"{BASE}appointments/?{question}")
        assert str(other.pk) not in found.content.decode()
    assert client.get(f"{BASE}appointments/?patient={bob.pk}").json()["count"] == 0
    assert client.get(f"{BASE}appointments/{other.pk}/").status_code == 404


def test_service_holds_for_many(dr_chen: Doctor, clock: Any, rita: User) -> None:
    client = bearing(service_token(make_service(user=rita)))

    answers = [
        client.post(
            f"{BASE}holds/",
            {"doctor": str(dr_chen.pk), "starts_at": at(time).isoformat()},
            content_type="application/json",
        )
        for time in ("10:00", "11:00")
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Appointment.objects.filter(status="held").count() == 2


def test_session_still_needs_its_csrf_token(alice: Patient) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")

    answer = browser.post(f"{BASE}appointments/", "{}", content_type="application/json")

    assert answer.json()["error"]["code"] == "csrf_failed"


def test_token_costs_one_query(alice: Patient, django_assert_num_queries: Any) -> None:
    token = tokens_for(alice.user, make_web())["access_token"]

    with django_assert_num_queries(1):
        assert integrations.bearer(token, now=timezone.now()).user == alice.user
