"""The rules of the house, read from the code itself: what may import what, and what may be written where.

``violations(root)`` reads the four packages below ``root`` and names every breach with file, line and rule.
"""

from collections.abc import Iterable
from pathlib import Path

from scheduler.tests.architecture import circles, doors, imports, shape
from scheduler.tests.architecture.source import Breach, Module, read

RULES = (*imports.RULES, *circles.RULES, *doors.RULES, *shape.RULES)


def violations(root: Path) -> list[Breach]:
    """Every breach of every rule, in the order of the files."""
    return breaches(read(root))


def breaches(modules: list[Module]) -> list[Breach]:
    """Those of what has been read already."""
    found: Iterable[Breach] = (breach for rule in RULES for breach in rule(modules))
    return sorted(set(found))


__all__ = ["RULES", "Breach", "Module", "breaches", "violations"]
