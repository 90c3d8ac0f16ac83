"""Wherever an address comes in with a request, nobody is led off the site by it."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http://testserver@evil.example/",
    "https://testserver.evil.example",
    "\\evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "/%2f/evil.example",
    "/%5cevil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,evil",
    "/\r\nLocation: https://evil.example",
    "%0d%0aLocation:%20https://evil.example",
]
NAMES = ("next", "redirect_to", "return_to", "redirect_uri", "url")


def _leads_off(response: HttpResponse) -> bool:
    """Whether a browser would go to another host, or somebody else wrote a header."""
    # What a browser makes of an address: backslashes are slashes, and tabs are nothing.
    target = response.headers.get("Location", "").replace("\\", "/").replace("\t", "")
    led = urlsplit(urljoin("http://testserver/accounts/login/", target))
    is_forged = any(ord(character) < 32 for value in response.headers.values() for character in value)
    return (led.scheme, led.netloc) != ("http", "testserver") or is_forged


DOORS = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/logout/",
    "/accounts/password/reset/",
    "/accounts/reauthenticate/",
    "/accounts/confirm-email/",
    "/admin/login/",
    "/admin/logout/",
    "/admin/",
    "/start/",
    "/identity/o/logout",
    "/identity/o/authorize",
]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_sign_in(client: Client, alice: Patient, target: str) -> None:
    # case 171
    told = dict.fromkeys(NAMES, target)
    form = {"login": "alice@example.org", "password": PASSWORD} | told

    response = client.post("/accounts/login/", form, query_params=told)

    assert response.status_code == 302
    assert not _leads_off(response)


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_door_of_somebody_signed_in(client: Client, rita: User, path: str, method: str) -> None:
    # case 171
    led: list[tuple[str, str]] = []
    for target in ELSEWHERE:
        client.force_login(rita)
        told = dict.fromkeys(NAMES, target)
        data = {"query_params": told} if method == "GET" else {"query_params": told, "data": told}

        response = getattr(client, method.lower())(path, **data)

        assert response.status_code < 500
        led += [(target, response.headers["Location"])] if _leads_off(response) else []

    assert led == []


@pytest.mark.parametrize(
    "path", ["//evil.example/", "//evil.example", "/\\evil.example", "/%2f/evil.example", "/%0d%0aX: y"]
)
def test_path_that_lacks_its_slash(client: Client, db: None, path: str) -> None:
    # case 171
    response = client.get(path)

    assert not _leads_off(response)


def test_language_is_switched_by_no_address() -> None:
    # case 171
    with pytest.raises(NoReverseMatch):
        reverse("set_language")


def test_sign_in_leads_on_within_the_site(client: Client, alice: Patient) -> None:
    form = {"login": "alice@example.org", "password": PASSWORD, "next": "/appointments/"}

    assert client.post("/accounts/login/", form).headers["Location"] == "/appointments/"
