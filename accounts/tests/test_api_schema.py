from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

PATHS = ("register", "verify-email", "login", "token", "token/refresh")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def test_schema_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("path", PATHS)
def test_each_endpoint_is_described_with_its_body_and_its_refusals(schema: dict[str, Any], path: str) -> None:
    # S3-21, S4-45
    endpoint = schema["paths"][f"/api/v1/auth/{path}/"]["post"]

    assert endpoint["summary"]
    assert endpoint["description"]
    assert endpoint["requestBody"]["required"]
    assert {"400", "405", "406", "415", "429"} <= endpoint["responses"].keys()
    assert all(response["description"] is not None for response in endpoint["responses"].values())


@pytest.mark.parametrize("path", PATHS)
def test_each_endpoint_needs_no_credentials(schema: dict[str, Any], path: str) -> None:
    assert schema["paths"][f"/api/v1/auth/{path}/"]["post"]["security"] == [{}]


def test_token_is_a_form_and_refuses_in_the_standards_words(schema: dict[str, Any]) -> None:
    endpoint = schema["paths"]["/api/v1/auth/token/"]["post"]

    assert list(endpoint["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
    refusal = endpoint["responses"]["400"]["content"]["application/json"]["schema"]
    assert refusal == {"$ref": "#/components/schemas/OAuth2Error"}


def test_no_answer_names_a_secret(schema: dict[str, Any]) -> None:  # fault B0-1
    components = schema["components"]["schemas"]
    answers = [components[name]["properties"] for name in ("Newcomer", "Tokens", "SignedInUser")]

    assert not [name for answer in answers for name in answer if "password" in name or "insurance" in name]
