"""Letting the test runner empty tables that are append-only: for that one moment their triggers are lifted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from accounts.constraints import AppendOnly


def _tables() -> list[str]:
    models = apps.get_models()
    return [
        model._meta.db_table for model in models if any(isinstance(one, AppendOnly) for one in model._meta.constraints)
    ]


def _lifting() -> tuple[list[str], list[str]]:
    """Statements that lift the triggers, and those that put them back."""
    if connection.vendor == "postgresql":
        # Foreign keys are triggers too, and do not fire then either.
        return ["SET LOCAL session_replication_role = replica"], ["SET LOCAL session_replication_role = origin"]
    tables = _tables()
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({marks})", tables)
        triggers = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _sql in triggers], [sql for _name, sql in triggers]


@contextmanager
def lifted() -> Iterator[None]:
    """Within the block anybody can rewrite the audit trail, as somebody with all rights on the database could."""
    off, on = _lifting()
    with connection.cursor() as cursor:
        for statement in off:
            cursor.execute(statement)
        yield
        for statement in on:
            cursor.execute(statement)


def flushing(execute_sql_flush: Any) -> Any:
    """Django's ``execute_sql_flush``, past the triggers."""

    def flush(self: Any, sql_list: list[str]) -> None:
        off, on = _lifting() if sql_list else ([], [])
        execute_sql_flush(self, [*off, *sql_list, *on])

    return flush
