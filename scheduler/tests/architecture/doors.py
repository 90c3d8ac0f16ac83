"""What entry points, forms and serializers may not do: write, and read without saying who looks."""

import ast
from collections.abc import Iterable, Iterator

from scheduler.tests.architecture.source import Breach, Layer, Module

WRITES = {
    *("save", "create", "update", "delete", "get_or_create", "update_or_create"),
    *("bulk_create", "bulk_update", "force_insert", "raw_save"),
}

SAVES_BY_A_VERB = ("form", "formset", "serializer")
"""What a receiver is called whose ``save`` calls a verb."""

MANAGERS = {"objects", "_default_manager", "_base_manager"}

GUARDED = {
    "visible_to": "says who looks",
    "public": "a directory that everybody may read",
    "bookable_online": "the public doctors whom a patient may book",
    "none": "nobody and nothing",
}
"""What a read may begin with, each with the reason."""

UNGUARDED_SHORTCUTS = {"get_object_or_404", "get_list_or_404"}

ADMIN_METHODS = {"get_queryset", "save_model", "delete_model", "delete_queryset", "save_formset"}


def _door_modules(modules: Iterable[Module]) -> Iterator[Module]:
    for module in modules:
        if not module.is_test and not module.is_migration and module.layer <= Layer.SCHEMA:
            yield module


def no_writes(modules: Iterable[Module]) -> Iterator[Breach]:
    """They call a verb of a domain module instead; ``form.save()`` and ``serializer.save()`` are such calls."""
    for module in _door_modules(modules):
        imported = _imported(module)
        plain = {
            target.id
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Assign) and _is_plain(node.value, imported)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WRITES
                and not _is_plain(node.func.value, imported)
                and not _is_a_verb(node.func.value, imported)
                and not (isinstance(node.func.value, ast.Name) and node.func.value.id in plain)
            ):
                yield module.breach(node.lineno, "entry points never write", ast.unparse(node.func))


def _is_plain(value: ast.expr, imported: dict[str, str]) -> bool:
    """Whether this is made on the spot and no row: a dict, a form, an object of a library's class."""
    if isinstance(value, ast.Dict | ast.DictComp | ast.Set | ast.SetComp):
        return True
    if not isinstance(value, ast.Call):
        return False
    name = _called(value.func)
    if name in ("dict", "set", "globals") or name.lower().endswith(SAVES_BY_A_VERB):
        return True
    return isinstance(value.func, ast.Name) and name[0].isupper() and not _is_model(imported.get(name, "models"))


def _is_a_verb(receiver: ast.expr, imported: dict[str, str]) -> bool:
    """Whether a method of this is no write: its own, its parent's, a form's, or something imported that is no model."""
    if isinstance(receiver, ast.Name) and receiver.id in ("self", "cls"):
        return True
    name = _called(receiver)
    if name == "super" or name.lower().endswith(SAVES_BY_A_VERB):
        return True
    root = receiver
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in imported and not _is_model(imported[root.id])


def _called(node: ast.expr) -> str:
    """The last name in an expression: ``get_form`` of ``self.get_form(...)``."""
    if isinstance(node, ast.Call):
        return _called(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _imported(module: Module) -> dict[str, str]:
    """The module's imported names, and from where each comes."""
    return {name: found.target for found in module.imports for name in found.names}


def _is_model(target: str) -> bool:
    return "models" in target.split(".")


def no_unguarded_reads(modules: Iterable[Module]) -> Iterator[Breach]:
    """A read begins with who looks (``visible_to``) or with what everybody may see."""
    for module in _door_modules(modules):
        imported = _imported(module)
        guarded = {
            id(node.func.value)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in GUARDED
        }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in guarded:
                yield module.breach(node.lineno, "entry points never read unguarded", ast.unparse(node))
            elif isinstance(node, ast.Call) and _called(node) in UNGUARDED_SHORTCUTS and node.args:
                asked = node.args[0]
                if isinstance(asked, ast.Name) and _is_model(imported.get(asked.id, "")):
                    yield module.breach(node.lineno, "entry points never read unguarded", ast.unparse(node)[:80])
            elif isinstance(node, ast.ClassDef) and _shows_a_whole_table(node, imported):
                yield module.breach(
                    node.lineno, "entry points never read unguarded", f"{node.name} has no get_queryset"
                )


def _shows_a_whole_table(node: ast.ClassDef, imported: dict[str, str]) -> bool:
    """Whether a view names a model and no queryset: Django then shows every row."""
    if not any(_called(base).endswith(("View", "ViewSet")) for base in node.bases):
        return False
    said = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    methods = {statement.name for statement in node.body if isinstance(statement, ast.FunctionDef)}
    model = said.get("model")
    names_a_model = isinstance(model, ast.Name) and _is_model(imported.get(model.id, ""))
    return names_a_model and "queryset" not in said and "get_queryset" not in methods


def admin_by_verbs(modules: Iterable[Module]) -> Iterator[Breach]:
    """A class that comes straight from Django's ModelAdmin says itself who sees what, and how it is written."""
    for module in _door_modules(modules):
        imported = _imported(module)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and any(_is_djangos(base, imported) for base in node.bases):
                missing = ADMIN_METHODS - {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
                if missing:
                    what = f"{node.name} lacks {', '.join(sorted(missing))}"
                    yield module.breach(node.lineno, "the admin goes through verbs", what)


def _is_djangos(base: ast.expr, imported: dict[str, str]) -> bool:
    root = base.value if isinstance(base, ast.Subscript) else base
    name = ast.unparse(root).partition(".")[0]
    return _called(root).endswith("Admin") and imported.get(name, "").startswith("django.")


RULES = (no_writes, no_unguarded_reads, admin_by_verbs)
