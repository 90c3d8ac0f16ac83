"""The documents say what is: their links lead somewhere, their commands exist, their drawings are in step."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from devtools import draw_schema

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text() for page in PAGES}
POLICY = re.compile(r"^\| `([A-Z_]+)` \| (\d+) \|", re.MULTILINE)
PROMISES = {"S0": 52, "S1": 49, "S2": 56, "S3": 27, "S4": 48}
"""How many each earlier system made."""


def test_what_a_newcomer_looks_for_is_there() -> None:
    wanted = {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/schema.md"}
    assert wanted <= TEXTS.keys()
    assert "MIT License" in (ROOT / "LICENSE").read_text()


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_to_files_that_are_there(name: str) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", TEXTS[name])

    missing = [link for link in links if not (ROOT / name).parent.joinpath(link).exists()]

    assert not missing


@pytest.mark.parametrize("name", TEXTS)
def test_paths_named_in_the_text_are_there(name: str) -> None:
    paths = re.findall(r"`((?:accounts|clinic|scheduler|devtools|docs|static|templates)/[\w./-]+)`", TEXTS[name])

    missing = [path for path in paths if not (ROOT / path).exists()]

    assert not missing


@pytest.mark.parametrize("name", TEXTS)
def test_commands_named_in_the_text_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"[`\n]make ([a-z][a-z-]*)", TEXTS[name]))
    commands = set(re.findall(r"manage\.py ([a-z_]+)", TEXTS[name]))

    assert named <= targets
    assert commands <= set(get_commands())


def test_policy_has_the_defaults_that_the_text_says() -> None:
    told = dict(POLICY.findall(TEXTS["docs/architecture.md"]))

    sample = (ROOT / ".env.example").read_text()
    policy = sample[sample.index("--- Policy") : sample.index("--- Limits")]

    assert told == dict(re.findall(r"^# ([A-Z_]+)=(\d+)$", policy, re.MULTILINE))


def test_schema_is_drawn_from_the_models() -> None:
    assert TEXTS["docs/schema.md"] == draw_schema.page(), draw_schema.__doc__


def test_every_promise_is_covered_by_a_test_or_a_word() -> None:
    numbers = re.findall(r"^\| (S\d-\d+) \|", TEXTS["docs/coverage.md"], re.MULTILINE)

    assert numbers == [f"{system}-{number}" for system, last in PROMISES.items() for number in range(1, last + 1)]


def test_every_test_that_covers_a_promise_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", TEXTS["docs/coverage.md"])

    missing = [f"{file}::{test}" for file, test in named if not _has_test(file, test)]

    assert named
    assert not missing


def _has_test(file: str, test: str) -> bool:
    path = ROOT / file
    return path.exists() and f"def {test}(" in path.read_text()
