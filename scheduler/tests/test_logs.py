"""The log: one line for each request, each line whole, and no values in any."""

import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from accounts.models import Patient
from scheduler import logs
from scheduler.tests.log_lines import Lines, written
from scheduler.urls import handler500

__all__ = ["handler500"]

CANARY = "canary-7f3a"
ID = "0b5f5f0e-6f0c-4a55-9d8b-1c6a1f2f7a11"


def _fail(_request: HttpRequest, kind: str) -> HttpResponse:
    try:
        raise LookupError(f"{CANARY} {kind}")
    except LookupError as error:
        raise RuntimeError(f"{CANARY} {kind}") from error


def _speak(_request: HttpRequest) -> HttpResponse:
    logging.getLogger("clinic.booking").info("Something happened.")
    return HttpResponse()


urlpatterns = [
    path("fails/<str:kind>/", _fail, name="fails"),
    path("speaks/", _speak),
    path("", include("scheduler.urls")),
]
own_addresses = pytest.mark.urls(__name__)


@pytest.fixture(params=["INFO", "DEBUG"])
def log(request: pytest.FixtureRequest) -> Iterator[Lines]:
    """What production writes, line by line."""
    with written(request.param) as lines:
        yield lines


@pytest.fixture
def visitor(client: Client, db: None) -> Client:
    client.raise_request_exception = False
    return client


def test_request_when_answered(log: Lines, visitor: Client) -> None:
    answer = visitor.get(f"/?q={CANARY}", headers={"User-Agent": CANARY}, REMOTE_ADDR="203.0.113.7")

    [line] = log()
    assert line.pop("ms") > 0
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "request",
        "logger": "scheduler.requests",
        "level": "info",
        "method": "GET",
        "route": "find",
        "status": 200,
        "user": None,
        "address": "203.0.113.7",
        "request_id": answer.headers["X-Request-ID"],
    }
    assert UUID(line["request_id"])


def test_request_of_somebody(log: Lines, visitor: Client, alice: Patient) -> None:
    visitor.force_login(alice.user)

    visitor.get("/appointments/")

    assert [line["user"] for line in log()] == [str(alice.user.pk)]


def test_request_with_a_token(log: Lines, visitor: Client, alice: Patient) -> None:
    said = {"email": alice.user.email, "password": "clinic-demo-1"}
    token = visitor.post("/api/v1/auth/login/", said, content_type="application/json").json()["access_token"]

    visitor.get("/api/v1/appointments/", headers={"Authorization": f"Bearer {token}"})

    assert [line["user"] for line in log()] == [None, str(alice.user.pk)]


@pytest.mark.parametrize("address", [f"/nothing/{CANARY}/", f"/api/v1/{CANARY}/", f"/static/{CANARY}.css"])
def test_request_for_nothing(log: Lines, visitor: Client, address: str) -> None:
    # case 174
    visitor.get(address)

    [line] = log()
    assert line["status"] == 404
    assert CANARY not in str(line)


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"), [(1, ID, True), (0, ID, False), (1, "alice@example.org", False)]
)
def test_request_that_has_an_id(visitor: Client, proxies: int, given: str, is_taken: bool) -> None:
    with override_settings(TRUSTED_PROXIES=proxies):
        answer = visitor.get("/", headers={"X-Request-ID": given})

    assert (answer.headers["X-Request-ID"] == given) is is_taken


@own_addresses
def test_line_within_a_request(log: Lines, visitor: Client) -> None:
    answer = visitor.get("/speaks/")

    own, request = log()
    assert own["event"] == "Something happened."
    assert own["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    assert logs.request_id() == ""


@own_addresses
def test_request_that_fails(log: Lines, visitor: Client) -> None:
    # case 175, case 179
    answer = visitor.get(f"/fails/{CANARY}/?{CANARY}")

    fault, request = log()
    assert CANARY not in str([fault, request])
    assert (request["status"], request["level"], request["route"]) == (500, "error", "fails")
    assert fault["exception"]["type"] == "builtins.RuntimeError"
    assert fault["exception"]["because"]["type"] == "builtins.LookupError"
    assert any(place.startswith("scheduler/tests/test_logs.py:") for place in fault["exception"]["places"])
    assert fault["request_id"] == request["request_id"]
    assert request["request_id"] in answer.content.decode()


@own_addresses
def test_request_that_fails_in_the_api(visitor: Client) -> None:
    # case 179
    answer = visitor.get("/api/v1/no-such-thing/")
    assert "request_id" not in answer.json()["error"]

    with override_settings(ROOT_URLCONF="scheduler.tests.test_error_pages"):
        answer = visitor.get("/api/v1/fails/500/")

    assert answer.json()["error"]["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    "junk", ["a\nb", "a\r\n{}", "\x1b[31mred", "${jndi:ldap://evil}", '"},{"event":"forged"', "\u2028", "\x00", "%s%n"]
)
def test_line_when_a_stranger_writes_it(log: Lines, visitor: Client, junk: str) -> None:
    # case 194
    for header in ("User-Agent", "X-Request-ID", "X-Forwarded-For", "Referer", "Host"):
        visitor.get("/", headers={header: junk})
    logging.getLogger("clinic").warning("Somebody said %s", junk)
    logging.getLogger("elsewhere").warning(junk)

    lines = log()
    assert [line["event"] for line in lines if line["logger"] == "scheduler.requests"] == ["request"] * 5
    assert "forged" not in [line["event"] for line in lines]
    assert not [line for line in lines if any(not str(value).isprintable() for value in line.values())]


def test_line_of_a_library(log: Lines) -> None:
    # case 175
    logging.getLogger("library").warning("It belongs to %s of %s", CANARY, "alice@example.org")
    logging.getLogger("library").warning("Already filled in: " + CANARY)  # noqa: G003  as some do
    logging.getLogger("library").debug("It is %s", CANARY)

    first, second = log()
    assert first["event"] == "It belongs to %s of %s"
    assert second["event"] == "test_line_of_a_library"
    assert second["place"].startswith("scheduler/tests/test_logs.py:")
    assert CANARY not in str([first, second])


def test_line_of_ours(log: Lines) -> None:
    logging.getLogger("accounts.tokens").warning("Sign-in %s of %s has ended.", ID, "alice@example.org")
    logging.getLogger("accounts.tokens").warning("Two for %s", "one", "two")  # noqa: PLE1205  by mistake

    first, second = log()
    assert first["event"] == f"Sign-in {ID} of [address] has ended."
    assert second["event"] == "Two for %s"


@pytest.mark.parametrize("name", ["django.server", "gunicorn.access", "django.db.backends", "django.request"])
def test_lines_that_name_paths_are_silent(log: Lines, name: str) -> None:
    # case 174
    logging.getLogger(name).info("GET /%s", CANARY)

    assert log() == []


def test_line_for_the_eye() -> None:
    record = logging.LogRecord("library", logging.INFO, __file__, 1, "It is %s\n", ("this",), None)

    assert "It is this\\x0a" in logs.formatter(debug=True).format(record)
