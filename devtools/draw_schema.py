"""Draw docs/schema.md from the models: ``python devtools/test_environment.py python devtools/draw_schema.py``.

A test says so when the drawing and the models have grown apart.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "schema.md"
APPS = ("accounts", "clinic")
WORDS = {"Email": "text", "Char": "text", "Text": "text", "EncryptedText": "text", "PhoneNumber": "text"}
WORDS |= {"PositiveSmallInteger": "integer", "PositiveInteger": "integer", "DateTime": "instant", "JSON": "json"}
WORDS |= {"File": "file", "Image": "file"}
HEAD = """\
# The tables

Drawn from the models by `devtools/draw_schema.py`; do not edit. Every table has a random UUID for a key, `created_at`
and `updated_at`, which are left out below (the audit trail's two are numbered instead, and never updated), as are the
tables of Django and its libraries (sessions, groups, e-mail addresses, the cache). An *instant* is stored in UTC.
*Encrypted* columns are read with `FIELD_ENCRYPTION_KEYS` only.
"""
FOOT = """\
## What the database refuses

Each constraint is named by the sentence that holds; [security.md](security.md) tells of the important ones.

| table | constraint |
|---|---|
"""
LEFT_OUT = ("id", "created_at", "updated_at")


def page() -> str:
    """The whole of docs/schema.md."""
    found = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    drawing = "\n".join(line for model in found for line in (*_entity(model), *_relations(model, found)))
    rules = "\n".join(line for model in found for line in _rules(model))
    return f"{HEAD}\n```mermaid\nerDiagram\n{drawing}\n```\n\n{FOOT}{rules}\n"


def _entity(model: type[models.Model]) -> Iterator[str]:
    yield f"    {model.__name__} {{"
    for field in model._meta.concrete_fields:
        if field.name not in LEFT_OUT:
            yield f"        {' '.join(_column(field))}"
    yield "    }"


def _column(field: "models.Field[object, object]") -> Iterator[str]:
    """Type, name, key, and a remark, as Mermaid wants them."""
    kind = type(field).__name__.removesuffix("Field")
    yield "uuid" if field.is_relation else WORDS.get(kind, kind.lower())
    yield field.name
    if field.is_relation:
        yield "FK"
    elif field.unique:
        yield "UK"
    remarks = [word for word, holds in (("encrypted", "Encrypted" in kind), ("may be empty", field.null)) if holds]
    if remarks:
        yield f'"{", ".join(remarks)}"'


def _relations(model: type[models.Model], known: list[type[models.Model]]) -> Iterator[str]:
    for field in (*model._meta.concrete_fields, *model._meta.local_many_to_many):
        other = field.related_model
        if other not in known:
            continue
        if isinstance(field, models.ManyToManyField):
            line = "}o--o{"
        else:
            line = f"{'|o' if field.null else '||'}--{'o|' if field.unique else 'o{'}"
        yield f"    {other.__name__} {line} {model.__name__} : {field.name}"


def _rules(model: type[models.Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        yield f"| {model.__name__} | `{constraint.name}` |"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler.settings")
    django.setup()
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)} is drawn.")
