"""The API's description is complete, and says what is there."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

NOT_DESCRIBED = {"/api/v1/schema/", "/api/v1", "/api(?:/|$)"}
"""The description itself, and addresses that only lead on."""
OTHER_ID = re.compile(r"<uuid:(\w+)>")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The description."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


def operations(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Each operation with its name."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_schema_is_valid_and_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_every_operation_is_told(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        assert operation.get("summary"), name
        assert operation.get("description"), name
        assert operation["tags"][0] in ("site", "auth", "people", "directory", "time", "booking", "records"), name


def test_every_operation_tells_its_refusals_in_one_shape(schema: dict[str, Any]) -> None:
    shapes = {f"#/components/schemas/{name}" for name in ("Error", "Conflict", "InTheWayError")}

    for name, operation in operations(schema):
        if operation["operationId"] in ("token", "schema_retrieve"):  # RFC 6749 has its own shape
            continue
        refused = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert "429" in refused, name
        for status, answer in refused.items():
            assert answer["content"]["application/json"]["schema"]["$ref"] in shapes, (name, status)


PLAIN = ("List", "Department", "Site", "Specialty", "VisitType", "CancellationRequest", "GrantRequest")
"""Shapes that need no example: a name or two, or what a standard says."""


def test_every_body_and_answer_has_an_example(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        answers = [answer for status, answer in operation["responses"].items() if status < "300"]
        for body in [*answers, operation.get("requestBody", {})]:
            for content in body.get("content", {}).values():
                is_plain = content.get("schema", {}).get("$ref", "").endswith(PLAIN)
                assert content.get("examples") or is_plain or "schema" in name, name


def test_every_address_is_described(schema: dict[str, Any]) -> None:
    described = {path.replace("{id}", "ID") for path in schema["paths"]}

    assert {path for path in addresses(get_resolver().url_patterns) if path not in NOT_DESCRIBED} == described


def addresses(patterns: list[Any], before: str = "/") -> set[str]:
    """The addresses below /api/, ids as ID."""
    found = set()
    for one in patterns:
        path = before + OTHER_ID.sub(r"{\1}", str(one.pattern).lstrip("^").replace("<uuid:pk>", "ID"))
        if isinstance(one, URLResolver):
            found |= addresses(one.url_patterns, path)
        elif isinstance(one, URLPattern) and path.startswith("/api"):
            found.add(path)
    return found
