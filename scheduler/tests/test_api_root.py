"""The API's root, and what is below /api/ and is nothing."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clinic.tests.clients import Caller, refusal

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")


def test_root_tells_where_everything_is(db: None) -> None:
    answer = Caller().get("/api/v1/")

    body = answer.json()
    assert (answer.status_code, set(body), body["status"]) == (200, {"status", "links"}, "ok")
    assert body["links"]["doctors"] == "http://testserver/api/v1/doctors/"


def test_links_of_the_root_lead_somewhere(db: None) -> None:
    for address in Caller().get("/api/v1/").json()["links"].values():
        assert Caller().get(address.removeprefix("http://testserver")).status_code in (200, 400, 401, 405), address


def test_root_without_its_slash(db: None) -> None:
    answer = Caller().get("/api/v1")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/v1/")


def test_root_with_a_token_that_is_none(db: None) -> None:
    assert Caller(HTTP_AUTHORIZATION="Bearer x").get("/api/v1/").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_root_by_another_method(db: None, method: str) -> None:
    assert refusal(getattr(Caller(), method)("/api/v1/")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/api/", "/api", "/api/v1/nothing/", "/api/v2/", "/api/v1/doctors", "/api/v1/doctors//", "/api/v1/%00/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_address_that_is_none(db: None, path: str, method: str) -> None:
    answer = getattr(Caller(), method)(path)

    assert refusal(answer) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/json"


def test_address_that_is_none_while_debugging(db: None, settings: Any) -> None:
    settings.DEBUG = True

    assert refusal(Caller().get("/api/v1/nothing/")) == (404, "not_found")


def test_page_whose_name_begins_alike(db: None) -> None:
    assert Client().get("/apiary").headers["Content-Type"].startswith("text/html")


def test_schema_is_for_everybody(db: None) -> None:
    answer = Caller(HTTP_ACCEPT="application/vnd.oai.openapi+json").get("schema/")

    assert (answer.status_code, answer.json()["openapi"][:2]) == (200, "3.")


def test_every_answer_carries_the_headers(adam: User) -> None:  # case 163
    answers = [
        *(Caller(adam).get("doctors/"), Caller().get("appointments/"), Caller().get("nothing/")),
        *(Caller().post("slots/"), Caller(adam).post("appointments/", {})),
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 404, 405, 400]
    for answer in answers:
        assert all(header in answer.headers for header in HEADERS)


@pytest.mark.parametrize("version", ["\r\nX:1", "\x00", "2"])
def test_schema_of_a_version_that_is_none(db: None, version: str) -> None:
    answer = Client().get("/api/v1/schema/", {"version": version})

    assert answer.status_code == 200
    assert version not in answer.headers.get("Content-Disposition", "")
