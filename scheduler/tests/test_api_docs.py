"""docs/api.md tells every address, every filter and every reason of a refusal."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from scheduler.errors import STATUS

ROOT = Path(settings.BASE_DIR)
TELLING = (
    "clinic/booking",
    "clinic/slots",
    "clinic/idempotency.py",
    "clinic/instants.py",
    "clinic/api",
    "scheduler/api",
    "records/api",
    "records/charting.py",
    "records/attachments.py",
)
RAISED = re.compile(
    r'code="([a-z_]+)"|(?:refusal|body)\(\s*"([a-z_]+)"|: \("([a-z_]+)", gettext|"(bad_idempotency_key)"'
)


@pytest.fixture(scope="module")
def text() -> str:
    """The page."""
    return (ROOT / "docs/api.md").read_text()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The description."""
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, no-any-return]


def codes() -> set[str]:
    """The codes that appear in the code."""
    files = [
        file
        for place in TELLING
        for file in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    files.append(ROOT / "scheduler/errors.py")
    found = {code for file in files for match in RAISED.findall(file.read_text()) for code in match if code}
    # What no endpoint can be made to say: whoever walks in is the desk's.
    return (found | set(STATUS)) - {"required", "override_reason_required"}


def test_every_code_is_told(text: str) -> None:
    assert len(codes()) > 30
    assert {code for code in codes() if f"`{code}`" not in text} == set()


def test_every_address_is_told(schema: dict[str, Any], text: str) -> None:
    places = {path.removeprefix("/api/v1/").replace("/{id}/", "/") for path in schema["paths"]}

    untold = {place for place in places if place.strip("/").rsplit("/", 1)[-1] not in text}
    assert untold == set()


def test_every_filter_is_told(schema: dict[str, Any], text: str) -> None:
    for path in ("slots/", "doctors/", "appointments/"):
        for parameter in schema["paths"][f"/api/v1/{path}"]["get"]["parameters"]:
            assert f"`{parameter['name']}`" in text or f"?{parameter['name']}=" in text, (path, parameter["name"])
