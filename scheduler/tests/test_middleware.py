"""What every request meets: refusals at the door, private answers, sessions that end."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from pytest_django import DjangoAssertNumQueries

from accounts.models import Patient, Role, User
from accounts.tests.factories import PASSWORD, make_user
from scheduler.middleware import private_answers, refuse_at_the_door


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("answered")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/admin/login/", "/health/live", "/api/v1/"])
def test_refuse_when_the_method_is_none_of_ours(address: str, method: str) -> None:
    # case 180
    response = refuse_at_the_door(_answer)(RequestFactory().generic(method, address))

    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert b"answered" not in response.content
    assert response.headers["Content-Type"].startswith(
        "application/json" if address.startswith("/api/") else "text/html"
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_refuse_when_there_is_nothing_to_refuse(method: str) -> None:
    response = refuse_at_the_door(_answer)(RequestFactory().generic(method, "/api/v1/", secure=True))

    assert response.content == b"answered"


@override_settings(SECURE_SSL_REDIRECT=True)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refuse_when_the_api_is_called_in_the_clear(client: Client, method: str) -> None:
    # case 164
    response = client.generic(method, "/api/v1/appointments/", headers={"Authorization": "Bearer abc"})

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "https_required"
    assert "Location" not in response.headers


@override_settings(SECURE_SSL_REDIRECT=True)
def test_page_when_asked_for_in_the_clear(client: Client) -> None:
    # case 164
    response = client.get("/accounts/login/?next=/")

    assert response.status_code == 301
    assert response.headers["Location"] == "https://testserver/accounts/login/?next=/"


def test_private_when_nobody_is_known() -> None:
    response = private_answers(_answer)(RequestFactory().get("/"))

    assert "Cache-Control" not in response.headers


@pytest.mark.parametrize(
    "request_",
    [
        RequestFactory().get("/", headers={"Authorization": "Bearer abc"}),
        RequestFactory().get("/", headers={"Cookie": "session=abc"}),
        RequestFactory().post("/api/v1/holds/"),
    ],
    ids=["token", "session", "writing"],
)
def test_private_when_somebody_is_known(request_: HttpRequest) -> None:
    # case 173
    response = private_answers(_answer)(request_)

    assert response.headers["Cache-Control"] == "no-store, private"


def test_private_when_signing_in(client: Client, alice: Patient) -> None:
    # case 173
    response = client.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert response.headers["Cache-Control"] == "no-store, private"


def _who(request: HttpRequest) -> HttpResponse:
    return HttpResponse("somebody" if request.user.is_authenticated else "nobody")


urlpatterns = [path("who/", _who), path("anybody/", _answer)]
own_addresses = pytest.mark.urls(__name__)


def _is_signed_in(client: Client) -> bool:
    return client.get("/who/").content == b"somebody"


@own_addresses
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "minutes"), [(Role.PATIENT, 30), (Role.DOCTOR, 15), (Role.RECEPTIONIST, 15), (Role.ADMIN, 15)]
)
def test_session_when_idle(client: Client, clock: time_machine.Traveller, role: Role, minutes: int) -> None:
    client.force_login(make_user(role))
    assert _is_signed_in(client)

    clock.shift(timedelta(minutes=minutes - 2))
    assert _is_signed_in(client)

    clock.shift(timedelta(minutes=minutes - 2))
    assert _is_signed_in(client)

    clock.shift(timedelta(minutes=minutes + 1))
    assert not _is_signed_in(client)


@own_addresses
def test_session_when_a_page_asks_by_itself(client: Client, clock: time_machine.Traveller, rita: User) -> None:
    # case 090
    client.force_login(rita)
    assert _is_signed_in(client)

    for _minutes in range(7):
        clock.shift(timedelta(minutes=2))
        assert client.get("/who/", headers={"X-Background": "yes"}).content == b"somebody"
    clock.shift(timedelta(minutes=2))

    assert client.get("/who/", headers={"X-Background": "yes"}).content == b"nobody"


@own_addresses
@override_settings(IDLE_MINUTES_STAFF=3)
def test_session_when_the_policy_is_stricter(client: Client, clock: time_machine.Traveller, rita: User) -> None:
    client.force_login(rita)
    assert _is_signed_in(client)

    clock.shift(timedelta(minutes=4))

    assert not _is_signed_in(client)


@own_addresses
@pytest.mark.django_db
@pytest.mark.parametrize(("role", "step"), [(Role.PATIENT, 25), (Role.ADMIN, 10)])
def test_session_when_it_is_old(client: Client, clock: time_machine.Traveller, role: Role, step: int) -> None:
    # case 090
    client.force_login(make_user(role))
    assert _is_signed_in(client)

    for _ in range(12 * 60 // step - 1):
        clock.shift(timedelta(minutes=step))
        assert _is_signed_in(client)
    clock.shift(timedelta(minutes=step + 5))

    assert not _is_signed_in(client)


@own_addresses
def test_session_when_pages_follow_each_other(client: Client, clock: time_machine.Traveller, rita: User) -> None:
    client.force_login(rita)
    client.get("/who/")
    before = client.session["seen_at"]

    clock.shift(timedelta(seconds=30))
    client.get("/who/")

    assert client.session["seen_at"] == before
    assert client.session[SESSION_KEY] == str(rita.pk)


@own_addresses
def test_session_when_the_page_does_not_ask_for_it(
    client: Client, rita: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(rita)

    with django_assert_num_queries(0):
        response = client.get("/anybody/")

    assert response.content == b"answered"


@own_addresses
@pytest.mark.django_db
def test_session_when_a_stranger_looks_around(client: Client) -> None:
    response = client.get("/who/")

    assert not response.cookies


@pytest.mark.parametrize("value", ['"\\000aaaaaaaaaaaa"', "x", "A" * 32, "a" * 500])
def test_cookie_that_is_no_sessions_is_as_good_as_none(client: Client, db: None, value: str) -> None:
    assert client.get("/", headers={"cookie": f"session={value}"}).status_code == 200
