"""A constraint that refuses overlapping intervals, enforced by the database itself.

PostgreSQL: an exclusion constraint (https://www.postgresql.org/docs/15/ddl-constraints.html#DDL-CONSTRAINTS-EXCLUSION).
SQLite: triggers before INSERT and UPDATE. Both put the constraint's name into the IntegrityError's text.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint
from django.db.models.sql import Query

EXCLUDE = (
    "CONSTRAINT %(name)s EXCLUDE USING gist "
    "(%(owner)s WITH =, tstzrange(%(start)s, %(end)s, '[)') WITH &&) WHERE (%(while_)s)"
)
TRIGGER = (
    "CREATE TRIGGER %(trigger)s BEFORE %(event)s ON %(table)s FOR EACH ROW "
    "WHEN EXISTS (SELECT 1 FROM (SELECT %(new_row)s) WHERE %(while_)s) "
    "BEGIN SELECT RAISE(ABORT, '%(message)s: write times as YYYY-MM-DD HH:MM:SS in UTC') WHERE %(unreadable)s; "
    "SELECT RAISE(ABORT, '%(message)s') WHERE "
    "EXISTS (SELECT 1 FROM %(table)s WHERE %(owner)s = NEW.%(owner)s AND %(pk)s <> NEW.%(pk)s "
    "AND %(start)s < NEW.%(end)s AND %(end)s > NEW.%(start)s AND (%(while_)s)); END"
)
# SQLite compares times as text. Another way to write them (with a T, with an offset) would slip past the comparison.
UNREADABLE = (
    "NEW.%(column)s NOT GLOB "
    "'[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*' "
    "OR substr(NEW.%(column)s, 20) GLOB '*[^.0-9]*'"
)


class NoOverlap(BaseConstraint):
    """Two rows of one ``owner`` never overlap in ``[start, end)`` while both satisfy ``while_``.

    ``owner``, ``start`` and ``end`` are field names; a NULL owner collides with nobody. ``ignored`` is a Q for rows
    that ``validate`` passes over: a condition that looks at the clock, which no constraint can.
    """

    def __init__(
        self,
        *,
        name: str,
        owner: str,
        start: str,
        end: str,
        while_: models.Q,
        ignored: models.Q | None = None,
        violation_error_code: str | None = None,
        violation_error_message: Any = None,
    ) -> None:
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )
        self.owner, self.start, self.end, self.while_, self.ignored = owner, start, end, while_, ignored

    def _parts(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> dict[str, Any]:
        """The pieces of SQL that both databases' statements are made of."""
        quote = schema_editor.quote_name
        query = Query(model=model, alias_cols=False)
        condition, params = query.build_where(self.while_).as_sql(
            query.get_compiler(connection=schema_editor.connection), schema_editor.connection
        )
        fields = {field.name: field for field in model._meta.concrete_fields}
        columns = {part: fields[getattr(self, part)].column for part in ("owner", "start", "end")}
        return {
            "name": quote(self.name),
            "table": Table(model._meta.db_table, quote),
            "pk": quote("id"),
            "while_": condition % tuple(schema_editor.quote_value(value) for value in params),
            **{part: quote(str(column)) for part, column in columns.items()},
        }

    def _triggers(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        parts = self._parts(model, schema_editor)
        quote = schema_editor.quote_name
        fields = {field.name: field for field in model._meta.concrete_fields}
        asked = sorted({reference[0] for reference in model._get_expr_references(self.while_)})  # type: ignore[attr-defined]
        columns = [quote(str(fields[name].column)) for name in asked]
        # The condition speaks of bare columns, so the new row is offered to it as a row with the same column names. No
        # other column: SQLite drops none that a trigger names.
        parts["new_row"] = ", ".join(f"NEW.{column} AS {column}" for column in columns)
        parts["message"] = self.name
        parts["unreadable"] = " OR ".join(UNREADABLE % {"column": parts[end]} for end in ("start", "end"))
        return [
            Statement(TRIGGER, event=event, trigger=quote(f"{self.name}_{event.lower()}"), **parts)
            for event in ("INSERT", "UPDATE")
        ]

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Inside CREATE TABLE. On SQLite the triggers follow it, deferred: so they come back after a table rebuild."""
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
            return None
        return Statement(EXCLUDE, **self._parts(model, schema_editor))

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """As a statement of its own, on a table that exists. (SQLite rebuilds the table instead.)"""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        constraint = self.constraint_sql(model, schema_editor)
        return Statement("ALTER TABLE %(table)s ADD %(constraint)s", table=table, constraint=constraint)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop it. (SQLite rebuilds the table without its triggers instead.)"""
        table = Table(model._meta.db_table, schema_editor.quote_name)
        name = schema_editor.quote_name(self.name)
        return Statement("ALTER TABLE %(table)s DROP CONSTRAINT %(name)s", table=table, name=name)

    def validate(self, model: Any, instance: models.Model, exclude: Any = None, using: str = "default") -> None:
        """Look whether ``instance`` would be refused; ValidationError if so. A courtesy: the database decides."""
        if exclude and {self.owner, self.start, self.end} & set(exclude):
            return
        owner, start, end = (
            getattr(instance, model._meta.get_field(f).attname) for f in (self.owner, self.start, self.end)
        )
        if owner is None or start is None or end is None or not self._holds_for(model, instance, using):
            return
        others = model._base_manager.using(using).filter(
            self.while_, **{self.owner: owner, f"{self.start}__lt": end, f"{self.end}__gt": start}
        )
        if self.ignored is not None:
            others = others.exclude(self.ignored)
        if others.exclude(pk=instance.pk).exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def _holds_for(self, model: Any, instance: models.Model, using: str) -> bool:
        against = instance._get_field_expression_map(meta=model._meta)  # type: ignore[attr-defined]
        return bool(self.while_.check(against, using=using))

    def deconstruct(self) -> Any:
        """What a migration needs to build it again."""
        path, args, kwargs = super().deconstruct()
        kwargs |= {"owner": self.owner, "start": self.start, "end": self.end, "while_": self.while_}
        if self.ignored is not None:
            kwargs["ignored"] = self.ignored
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoOverlap):
            return NotImplemented
        return bool(self.deconstruct() == other.deconstruct())

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"<NoOverlap: {self.name}>"
