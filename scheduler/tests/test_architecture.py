"""The house keeps its rules; and each rule, broken on purpose in a small house of its own, is seen to be broken."""

from pathlib import Path

import pytest
from django.conf import settings

from scheduler.tests.architecture import breaches, violations
from scheduler.tests.architecture.houses import BROKEN, IN_ORDER, MODELS
from scheduler.tests.architecture.shape import LONGER, LONGEST
from scheduler.tests.architecture.source import Layer, Module, layer_of, read


@pytest.fixture(scope="module")
def house() -> list[Module]:
    """Every module of ours."""
    return read(settings.BASE_DIR)


def test_house_keeps_its_rules(house: list[Module]) -> None:
    found = breaches(house)

    assert not found, "\n" + "\n".join(str(breach) for breach in found)


def test_house_is_read(house: list[Module]) -> None:
    names = {module.name for module in house}

    assert {"scheduler.settings", "clinic.models.appointment", "clinic.booking", "accounts.people"} <= names


def test_exceptions_are_still_needed() -> None:
    for path in LONGER:
        assert len((settings.BASE_DIR / path).read_text().splitlines()) > LONGEST


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("clinic.views.find", Layer.DOOR),
        ("clinic.api.appointments", Layer.DOOR),
        ("clinic.api.serializers", Layer.SCHEMA),
        ("scheduler.management.commands.load_demo", Layer.DOOR),
        ("accounts.adapter", Layer.DOOR),
        ("accounts.forms", Layer.SCHEMA),
        ("clinic.booking.holds", Layer.DOMAIN),
        ("clinic.grid", Layer.DOMAIN),
        ("clinic.models.appointment", Layer.MODELS),
        ("clinic.constraints", Layer.CONSTRAINTS),
    ],
)
def test_layer_when_named(name: str, layer: Layer) -> None:
    assert layer_of(name) == layer


def _house(root: Path, files: dict[str, str]) -> list[str]:
    """Write ``files`` below ``root`` and say what is wrong with them: ``path:line: rule``."""
    packages = {f"{package}/__init__.py": "" for package in ("accounts", "clinic", "records")}
    for path, text in (packages | files).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return [f"{breach.path}:{breach.line}: {breach.rule}" for breach in violations(root)]


@pytest.mark.parametrize("story", BROKEN)
def test_house_when(story: str, tmp_path: Path) -> None:
    files, expected = BROKEN[story]

    found = _house(tmp_path, MODELS | files)

    assert found == expected


@pytest.mark.parametrize("story", IN_ORDER)
def test_house_is_in_order_when(story: str, tmp_path: Path) -> None:
    assert _house(tmp_path, MODELS | IN_ORDER[story]) == []


def test_breach_when_told(tmp_path: Path) -> None:
    _house(tmp_path, {"clinic/views.py": "visit.save()\n"})

    [breach] = violations(tmp_path)

    assert str(breach) == "clinic/views.py:1: entry points never write: visit.save"
