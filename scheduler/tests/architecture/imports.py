"""What may import what."""

import ast
import re
from collections.abc import Iterable, Iterator

from scheduler.tests.architecture.source import PACKAGES, Breach, Import, Layer, Module, layer_of

NOT_FOR_THE_DOMAIN = ("django.http", "django.shortcuts", "django.template", "django.views", "rest_framework", "celery")

ONLY_IN = {
    "guardian": re.compile(r"records/(access|models|admin)(/.*)?\.py"),
    "allauth": re.compile(r"accounts/.*|scheduler/settings\.py"),
}
"""Libraries that are named in few files."""

DATABASES = re.compile(r"sqlite|postgres|psycopg|^vendor$", re.IGNORECASE)
"""To ask a connection for its vendor is to speak of one."""

NAMES_DATABASES = re.compile(r"(accounts|clinic)/constraints\.py|scheduler/(settings|environment)\.py")

MODEL_NAME = re.compile(rf"({'|'.join(PACKAGES)})\.[A-Z]\w*")


def dependency_law(modules: Iterable[Module]) -> Iterator[Breach]:
    """scheduler -> records -> clinic -> accounts: only to the right, in imports and in names written as strings."""
    for module in modules:
        if module.is_migration:
            continue
        for target, line in _named(module):
            package = target.partition(".")[0]
            if package in PACKAGES and PACKAGES.index(package) < PACKAGES.index(module.package):
                yield module.breach(line, "dependency law", f"{module.package} must not name {target}")


def _named(module: Module) -> Iterator[tuple[str, int]]:
    yield from ((found.target, found.line) for found in module.imports)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            if MODEL_NAME.fullmatch(name) or {name, name.rpartition(".")[0]} & module.known - set(PACKAGES):
                yield name, node.lineno


def layers(modules: Iterable[Module]) -> Iterator[Breach]:
    """entry points -> forms, serializers -> domain modules -> models -> constraints: only to the right."""
    for module in modules:
        if module.is_test or module.is_migration:
            continue
        for found in module.imports:
            if found.target.partition(".")[0] in PACKAGES and layer_of(found.target) < module.layer:
                what = f"{_kind(module.layer)} must not import {found.target} ({_kind(layer_of(found.target))})"
                yield module.breach(found.line, "layers", what)


def _kind(layer: Layer) -> str:
    return {Layer.DOOR: "an entry point", Layer.SCHEMA: "a form or serializer", Layer.DOMAIN: "a domain module"}.get(
        layer, layer.name.lower()
    )


def no_request_inside(modules: Iterable[Module]) -> Iterator[Breach]:
    """Domain modules and models never see a request, DRF, Celery or a template."""
    for module in modules:
        if module.is_test or module.is_migration or module.layer < Layer.DOMAIN:
            continue
        for found in module.imports:
            if _is_within(found, NOT_FOR_THE_DOMAIN):
                yield module.breach(found.line, "domain without a request", f"imports {found.target}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.arg) and node.arg == "request":
                yield module.breach(node.lineno, "domain without a request", "takes a request")


def vendors(modules: Iterable[Module]) -> Iterator[Breach]:
    """Databases are named where constraints are defined; guardian and allauth each in their few files."""
    for module in modules:
        if module.is_test or module.is_migration:
            continue
        for found in module.imports:
            library = found.target.partition(".")[0]
            if library in ONLY_IN and not ONLY_IN[library].fullmatch(module.path):
                yield module.breach(found.line, "vendor rule", f"{library} is not imported here")
        if not NAMES_DATABASES.fullmatch(module.path):
            for text, line in _words(module.tree):
                if DATABASES.search(text):
                    yield module.breach(line, "vendor rule", f"{text.strip()[:60]!r} speaks of a database")


def _words(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What the code says, and not what is said about it: docstrings are left out, comments never come here."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value, node.lineno
        elif isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.lineno


def reasons_inside(modules: Iterable[Module]) -> Iterator[Breach]:
    """No import inside a function but with the reason, in words, on its line or on the line above."""
    for module in modules:
        at_the_top = {id(found.node) for found in module.imports_at_start()}
        inside = {
            node.lineno
            for function in ast.walk(module.tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in at_the_top
        }
        for line in sorted(inside):
            if not _has_reason(module.lines, line):
                yield module.breach(line, "import inside a function", "needs a comment that says why")


def _has_reason(lines: list[str], line: int) -> bool:
    own, above = lines[line - 1], lines[line - 2].strip() if line > 1 else ""
    comments = [own.partition("#")[2], above.removeprefix("#") if above.startswith("#") else ""]
    told = (re.sub(r"noqa(:\s*[A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?|#", " ", comment) for comment in comments)
    return any(len(words.split()) > 1 for words in told)


def _is_within(found: Import, packages: tuple[str, ...]) -> bool:
    return any(found.target == package or found.target.startswith(f"{package}.") for package in packages)


RULES = (dependency_law, layers, no_request_inside, vendors, reasons_inside)
