"""The code as the rules see it: modules with their place in the house, and the imports in them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

PACKAGES = ("scheduler", "records", "clinic", "accounts")
"""Each may import those to its right."""


class Layer(IntEnum):
    """Where in its app a module stands; each may import its own layer and those below (greater numbers)."""

    DOOR = 0
    SCHEMA = 1
    DOMAIN = 2
    MODELS = 3
    CONSTRAINTS = 4


LAYERS = {
    Layer.DOOR: {
        # The entry points.
        *("views", "api", "admin", "urls", "tasks", "management", "commands"),
        # What libraries call: Django's set-up, its templates and middleware, allauth, DRF.
        *("apps", "templatetags", "adapter", "entrance", "authentication", "pagination", "throttles", "permissions"),
        # What the outbox calls: messages drawn from templates.
        "letters",
        # The project's own wiring.
        *(
            "settings",
            "environment",
            "providers",
            "celery",
            "wsgi",
            "middleware",
            "errors",
            "context",
            "checks",
            "health",
        ),
    },
    Layer.SCHEMA: {"forms", "serializers", "filters", "strict"},
    Layer.MODELS: {"models"},
    Layer.CONSTRAINTS: {"constraints", "encryption"},
}
"""By the name of a module or of a package around it. Whatever has none of these names is a domain module."""


@dataclass(frozen=True, order=True)
class Breach:
    """One place in the code that breaks one rule."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


@dataclass(frozen=True)
class Import:
    """A module named by an import statement; ``names`` are what it binds in the importing module."""

    target: str
    line: int
    names: tuple[str, ...]
    node: ast.stmt


@dataclass(frozen=True)
class Module:
    """A file of Python. ``path`` is relative to the root, ``name`` dotted; a package's name is its ``__init__``'s."""

    path: str
    name: str
    tree: ast.Module
    lines: list[str]
    known: frozenset[str]

    @property
    def package(self) -> str:
        """The app it belongs to."""
        return self.name.partition(".")[0]

    @property
    def parts(self) -> list[str]:
        """The names below the app, outermost first."""
        return self.name.split(".")[1:]

    @property
    def is_test(self) -> bool:
        """Whether it tests, and is held to the rules about packages alone."""
        return "tests" in self.parts

    @property
    def is_migration(self) -> bool:
        """Whether it is history."""
        return "migrations" in self.parts

    @property
    def layer(self) -> Layer:
        """Where it stands."""
        return layer_of(self.name)

    @cached_property
    def imports(self) -> list[Import]:
        """Every import, those inside functions too."""
        return [found for node in ast.walk(self.tree) for found in self._imports_in(node)]

    def imports_at_start(self) -> list[Import]:
        """The imports that run when the module is loaded: neither in a function nor for the type checker alone."""
        return [found for node in _running_at_start(self.tree.body) for found in self._imports_in(node)]

    def _imports_in(self, node: ast.AST) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, (alias.asname or alias.name.partition(".")[0],), node)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if whole in self.known else node.module
                yield Import(target, node.lineno, (alias.asname or alias.name,), node)

    def breach(self, line: int, rule: str, what: str) -> Breach:
        """A breach in this file."""
        return Breach(self.path, line, rule, what)


def layer_of(name: str) -> Layer:
    """The layer of a dotted name: that of the innermost part that has one."""
    for part in reversed(name.split(".")[1:]):
        for layer, names in LAYERS.items():
            if part in names:
                return layer
    return Layer.DOMAIN


def _running_at_start(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _running_at_start(node.orelse)
            continue
        yield node
        for block in ("body", "orelse", "finalbody"):
            yield from _running_at_start(getattr(node, block, []))


def read(root: Path) -> list[Module]:
    """The modules of the packages below ``root``, in the order of their paths."""
    files = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    names = {path: _dotted(path.relative_to(root)) for path in files}
    known = frozenset(names.values())
    return [_module(path, root, name, known) for path, name in names.items()]


def _module(path: Path, root: Path, name: str, known: frozenset[str]) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(path.relative_to(root).as_posix(), name, ast.parse(text), text.splitlines(), known)


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
