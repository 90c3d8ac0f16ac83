"""A constraint that makes a table append-only, enforced by the database itself: rows are written once.

PostgreSQL: triggers before UPDATE, DELETE and TRUNCATE. SQLite: triggers before UPDATE and DELETE, and before the
INSERT that would replace a row. All put the constraint's name into the IntegrityError's text.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
)
ON_POSTGRESQL = {
    "rows": "CREATE TRIGGER %(trigger)s BEFORE UPDATE%(of)s OR DELETE ON %(table)s "
    "FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite('%(message)s')",
    "table": "CREATE TRIGGER %(trigger)s BEFORE TRUNCATE ON %(table)s "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite('%(message)s')",
}
ON_SQLITE = {
    "update": "CREATE TRIGGER %(trigger)s BEFORE UPDATE%(of)s ON %(table)s "
    "BEGIN SELECT RAISE(ABORT, '%(message)s'); END",
    "delete": "CREATE TRIGGER %(trigger)s BEFORE DELETE ON %(table)s BEGIN SELECT RAISE(ABORT, '%(message)s'); END",
    # INSERT OR REPLACE deletes what is in its way, and no trigger hears of that.
    "replace": "CREATE TRIGGER %(trigger)s BEFORE INSERT ON %(table)s WHEN EXISTS "
    "(SELECT 1 FROM %(table)s WHERE %(taken)s) BEGIN SELECT RAISE(ABORT, '%(message)s'); END",
}


class AppendOnly(BaseConstraint):
    """Rows of the table can be added, and neither changed nor removed; the columns of the fields in ``but`` may change.

    (Those that are kept encrypted must, or keys could not be rotated.) On PostgreSQL the other columns are those of the
    day on which the constraint was added: a migration that adds a column removes it, and adds it again.
    """

    def __init__(self, *, name: str, but: Iterable[str] = ()) -> None:
        super().__init__(name=name)
        self.but = tuple(but)

    def deconstruct(self) -> Any:
        """For migrations."""
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | ({"but": self.but} if self.but else {})

    def _statements(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        quote = schema_editor.quote_name
        fixed = [field for field in model._meta.local_fields if field.name not in self.but]
        unique = [quote(str(field.column)) for field in model._meta.local_fields if field.unique]
        parts = {
            "table": Table(model._meta.db_table, quote),
            "message": self.name,
            "taken": " OR ".join(f"{column} = NEW.{column}" for column in unique),
            "of": f" OF {', '.join(quote(str(field.column)) for field in fixed)}" if self.but else "",
        }
        templates = ON_SQLITE if schema_editor.connection.vendor == "sqlite" else ON_POSTGRESQL
        return [
            Statement(template, trigger=quote(f"{self.name}_{what}"), **parts) for what, template in templates.items()
        ]

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Nothing inside CREATE TABLE: the triggers follow it, deferred, and so come back after SQLite's rebuilds."""
        if schema_editor.connection.vendor != "sqlite":
            schema_editor.deferred_sql.append(FUNCTION)
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """On a table that exists. (SQLite rebuilds the table instead.)"""
        statements = "; ".join([FUNCTION, *map(str, self._statements(model, schema_editor))])
        return Statement(statements, table=Table(model._meta.db_table, schema_editor.quote_name))

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop it. (SQLite rebuilds the table without its triggers instead.)"""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        names = [schema_editor.quote_name(f"{self.name}_{what}") for what in ON_POSTGRESQL]
        return Statement("; ".join(f"DROP TRIGGER {name} ON %(table)s" for name in names), table=table)

    def validate(self, model: Any, instance: models.Model, exclude: Any = None, using: str = "default") -> None:
        """Nothing about a row's content is refused."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AppendOnly):
            return NotImplemented
        return (self.name, self.but) == (other.name, other.but)

    def __hash__(self) -> int:
        return hash((self.name, self.but))

    def __repr__(self) -> str:
        return f"<AppendOnly: {self.name}>"
