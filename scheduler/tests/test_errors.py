"""Refusals: one shape, one status for each code, nothing about the inside."""

from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.test import Client, override_settings
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.models import Patient
from clinic.models import Doctor
from clinic.slots import SlotTaken, nearest
from clinic.tests.clients import Caller, refusal
from clinic.tests.factories import NOW, at
from scheduler import errors


def answered(error: Exception) -> Response:
    """What the API answers to what a view raised."""
    response = errors.answer(error, {"view": None})
    assert response is not None
    return response


def told(error: Exception) -> tuple[int, dict[str, Any]]:
    """Status and error."""
    response = answered(error)
    assert set(response.data) == {"error"}
    return response.status_code, response.data["error"]


@pytest.mark.parametrize(("code", "status"), [*errors.STATUS.items(), ("outside_hours", 400), (None, 400)])
def test_answer_to_a_verbs_refusal(code: str | None, status: int) -> None:
    assert told(ValidationError("No.", code=code)) == (status, {"code": code or "invalid", "message": "No."})


def test_answer_to_a_refusal_at_fields() -> None:
    refused = ValidationError({"starts_at": ValidationError("Too soon.", code="too_soon"), "doctor": ["Who?", "You?"]})

    assert told(refused) == (
        400,
        {
            "code": "too_soon",
            "message": "Too soon.",
            "fields": {"starts_at": ["Too soon."], "doctor": ["Who?", "You?"]},
        },
    )


@pytest.mark.usefixtures("db")
def test_answer_to_a_lost_slot_brings_others(dr_chen: Doctor) -> None:
    lost = SlotTaken({"starts_at": ValidationError("Gone.", code="slot_taken")})
    lost.alternatives = nearest(dr_chen, at("10:00"), now=NOW)

    status, error = told(lost)

    assert status == 409
    assert [slot["starts_at"] for slot in error["alternatives"]] == [
        f"2027-03-01T{clock}:00+01:00" for clock in ("09:30", "10:00", "10:30")
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("CNRY"), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=12.3), 429, "throttled"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.PermissionDenied("CSRF Failed: CSRF token missing."), 403, "csrf_failed"),
        (OperationalError("CNRY"), 503, "unavailable"),
        (InterfaceError("CNRY"), 503, "unavailable"),
    ],
)
def test_answer_to_other_refusals(error: Exception, status: int, code: str) -> None:
    answer_status, body = told(error)

    assert (answer_status, body["code"]) == (status, code)
    assert body["message"]
    assert "CNRY" not in str(body)


def test_answer_says_when_to_come_again() -> None:
    assert answered(exceptions.Throttled(wait=12.3)).headers["Retry-After"] == "13"
    assert answered(OperationalError()).headers["Retry-After"] == "5"
    assert answered(ValidationError("", code="too_many_holds")).headers["Retry-After"] == "600"


@pytest.mark.parametrize("error", [RuntimeError("CNRY"), IntegrityError("CNRY"), KeyError("CNRY")])
def test_answer_to_what_nobody_foresaw(error: Exception) -> None:
    assert errors.answer(error, {}) is None


@pytest.mark.parametrize(
    ("detail", "code", "fields"),
    [
        ({"a": ["x"]}, "invalid", {"a": ["x"]}),
        (["x"], "invalid", {}),
        ({"a": {"b": ["x"]}, "c": [{}, {"d": ["y"]}]}, "invalid", {"a.b": ["x"], "c.1.d": ["y"]}),
        (exceptions.ErrorDetail("x", "no_offset"), "no_offset", {}),
        ({"a": [exceptions.ErrorDetail("x", "no_offset")]}, "no_offset", {"a": ["x"]}),
        ({"a": [exceptions.ErrorDetail("x", "no_offset")], "b": ["y"]}, "invalid", {"a": ["x"], "b": ["y"]}),
        ({"a": [exceptions.ErrorDetail("x", "required")]}, "invalid", {"a": ["x"]}),
        ({"non_field_errors": ["x"], "a": ["y"]}, "invalid", {"a": ["y"]}),
        ({}, "invalid", {}),
    ],
)
def test_answer_to_malformed_input(detail: Any, code: str, fields: dict[str, list[str]]) -> None:
    status, error = told(exceptions.ValidationError(detail))

    assert (status, error["code"], error.get("fields", {})) == (400, code, fields)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError, 500, "server_error"),
        (OperationalError, 503, "unavailable"),
        (RedisConnectionError, 503, "unavailable"),
    ],
)
@pytest.mark.parametrize("where", ["clinic.api.doctors.Doctors.get_queryset", "scheduler.middleware._is_new"])
def test_errors_of_ours_tell_nothing(  # case 179; fault B0-12
    db: None, error: type[Exception], status: int, code: str, where: str
) -> None:
    with mock.patch(where, side_effect=error("CNRY")):
        answer = Caller().get("doctors/")

    assert refusal(answer) == (status, code)
    assert b"CNRY" not in answer.content
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_page_while_the_database_is_away(db: None) -> None:
    with mock.patch("scheduler.middleware._is_new", side_effect=OperationalError("CNRY")):
        answer = Client(raise_request_exception=False).get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"CNRY" not in answer.content


def test_too_many_requests(dr_chen: Doctor, alice: Patient) -> None:
    rates = {"anon": "2/min", "user": "2/min", "holds": "1/min", "booking": "1/min"}
    changed = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}

    with (
        override_settings(REST_FRAMEWORK=changed),
        mock.patch("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", rates),
    ):
        strangers = [Caller(REMOTE_ADDR="203.0.113.7").get("doctors/") for _number in range(3)]
        caller = Caller(alice.user)
        bookings = [caller.post("appointments/", {}) for _number in range(2)]

    assert [answer.status_code for answer in strangers] == [200, 200, 429]
    assert refusal(strangers[-1]) == (429, "throttled")
    assert 1 <= int(strangers[-1].headers["Retry-After"]) <= 61
    assert [answer.status_code for answer in bookings] == [400, 429]
