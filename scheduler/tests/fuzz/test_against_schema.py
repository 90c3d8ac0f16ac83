"""The running API against its own description: whatever is sent, no error of ours, and answers as described.

Short: what the schema's examples say, and a few requests with one seed. Long: many, and the edges of every parameter.
"""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks as openapi_checks

from accounts.models import Patient, User
from clinic.models import Doctor
from scheduler.tests.fuzz.world import ROLES, World, furnish
from scheduler.wsgi import application

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
# These send further requests of their own.
MORE_CHECKS = [
    openapi_checks.ignored_auth,
    openapi_checks.unsupported_method,
    openapi_checks.allow_header_conformance,
]
RELAXED = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    # The world is made once for all requests of an operation: what one of them does, the next one meets.
    "suppress_health_check": list(HealthCheck),
}


def served(environ: dict[str, Any], start_response: Any) -> Any:
    """The application behind a server, which always says where a request comes from."""
    return application(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)


@cache
def _document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


def description(**phases: bool) -> Any:
    """The schema, wired to the application, with these phases."""
    config = SchemathesisConfig.from_dict(
        {"seed": 1, "phases": {name: {"enabled": is_on} for name, is_on in phases.items()}}
    )
    schema = schemathesis.openapi.from_dict(deepcopy(_document()), config=config)
    schema.app = served
    # The description itself is long in the making, and the same for everybody.
    return schema.exclude(path="/api/v1/schema/")


SHORT = description(examples=True, coverage=False, stateful=False)
LONG = description(examples=True, coverage=True, stateful=False)


@pytest.fixture
def undisturbed(clock: object) -> Iterator[None]:
    """No counters: thousands of requests come in the one moment at which the clock stands. And no request closes the
    test's own connection; Django's test client sees to that, too."""
    dummy = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with override_settings(CACHES=dummy):
        yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(params=ROLES)
def world(
    request: pytest.FixtureRequest,
    undisturbed: None,
    alice: Patient,
    bob: Patient,
    dr_chen: Doctor,
    rita: User,
    adam: User,
) -> World:
    """The world, and in it somebody who asks."""
    return furnish(alice, bob, dr_chen, rita, adam).enter(request.param)


def ask(case: Any, world: World, looking_for: list[Any]) -> None:
    """Send one request and look at its answer."""
    world.furnish(case).call_and_validate(headers=world.headers, checks=looking_for)


@SHORT.parametrize()  # type: ignore[untyped-decorator]  # the library's schemas are Any here
@settings(max_examples=6, **RELAXED)
def test_any_request(case: Any, world: World) -> None:  # case 143
    ask(case, world, CHECKS)


@pytest.mark.long
@pytest.mark.serial
@LONG.parametrize()  # type: ignore[untyped-decorator]  # as above
@settings(max_examples=200, **RELAXED)
def test_many_requests(case: Any, world: World) -> None:  # case 143
    ask(case, world, CHECKS + MORE_CHECKS)
