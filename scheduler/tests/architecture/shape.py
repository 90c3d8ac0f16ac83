"""How modules are named, and how long they may be."""

from collections.abc import Iterable, Iterator

from scheduler.tests.architecture.source import Breach, Module

FORBIDDEN = {
    *("service", "services", "selector", "selectors", "util", "utils", "helper", "helpers", "common", "core"),
    *("manager", "managers", "handler", "handlers", "misc"),
}
"""Names that say nothing about the clinic."""

LONGEST = 250

LONGER = {"scheduler/settings.py": "every setting stands in one file, so that there is one place to look"}
"""Files that may be longer, each with the reason."""


def names(modules: Iterable[Module]) -> Iterator[Breach]:
    """A module is named with a noun that the clinic's staff would use."""
    for module in modules:
        for part in FORBIDDEN.intersection(module.parts):
            yield module.breach(1, "module name", f"{part!r} says nothing")


def length(modules: Iterable[Module]) -> Iterator[Breach]:
    """A file past 250 lines becomes a package."""
    for module in modules:
        if module.is_test or module.is_migration or module.path in LONGER:
            continue
        if len(module.lines) > LONGEST:
            yield module.breach(LONGEST + 1, "file length", f"{len(module.lines)} lines; at most {LONGEST}")


RULES = (names, length)
