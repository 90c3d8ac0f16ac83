"""Which other sites' scripts the API answers: those that are listed, with tokens, and nobody else."""

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from accounts.models import Patient

FRIEND = "https://portal.example"
STRANGERS = [
    "https://evil.example",
    "null",
    "https://portal.evil",
    "https://portal.example.evil",
    "https://evilportal.example",
    "https://sub.portal.example",
    "http://portal.example",
    "https://portal.example:8443",
    "https://portal.example@evil.example",
    "https://portal.example, https://evil.example",
    "https://[::1",
    "*",
    "",
]
ASKED = ["/api/v1/doctors/", "/api/v1/appointments/", "/api/v1/no-such-thing/", "/.well-known/openid-configuration"]


@pytest.fixture(autouse=True)
def listed(db: None) -> Iterator[None]:
    with override_settings(CORS_ALLOWED_ORIGINS=[FRIEND]):
        yield


def _preflight(client: Client, path: str, origin: str, method: str = "POST") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "if-match"}
    answer = client.options(path, headers=asked)
    assert answer.status_code == 200
    assert not answer.content
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


@pytest.mark.parametrize("path", ASKED)
def test_answer_to_who_is_listed(client: Client, path: str) -> None:
    # case 169
    answer = client.get(path, headers={"Origin": FRIEND})

    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "origin" in answer.headers["Vary"].lower()
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Retry-After", "X-Request-ID", "Location"} <= set(exposed)


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ASKED)
def test_answer_to_who_is_not_listed(client: Client, path: str, origin: str) -> None:
    # case 169
    answer = client.get(path, headers={"Origin": origin})

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert _preflight(client, path, origin) == {}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_preflight_of_who_is_listed(client: Client, method: str) -> None:
    told = _preflight(client, "/api/v1/appointments/", FRIEND, method)

    assert told["access-control-allow-origin"] == FRIEND
    assert method in told["access-control-allow-methods"].split(", ")
    wanted = {"authorization", "content-type", "idempotency-key", "if-match"}
    assert wanted <= set(told["access-control-allow-headers"].split(", "))
    assert "access-control-allow-credentials" not in told


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/login/", "/identity/o/authorize", "/health/live"])
def test_pages_answer_no_other_site(client: Client, path: str) -> None:
    # case 169
    answer = client.get(path, headers={"Origin": FRIEND})

    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_session_of_somebody_is_worth_nothing_elsewhere(client: Client, alice: Patient) -> None:
    # case 093, case 169
    client.force_login(alice.user)

    answer = client.get("/api/v1/appointments/", headers={"Origin": FRIEND})

    assert "Access-Control-Allow-Credentials" not in answer.headers


@override_settings(CORS_ALLOWED_ORIGINS=[])
def test_nobody_is_listed_unless_somebody_lists_him(client: Client) -> None:
    assert _preflight(client, "/api/v1/doctors/", FRIEND) == {}


def test_options_of_who_is_no_browser(client: Client) -> None:
    """OPTIONS that is no preflight describes nothing."""
    answer = client.generic("OPTIONS", "/api/v1/doctors/", headers={"Origin": FRIEND})

    assert answer.status_code == 405
