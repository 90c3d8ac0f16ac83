"""Rows written past every rule of the application: what only the database itself can refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Patient
from clinic.models import Appointment, Doctor

TABLE = Appointment._meta.db_table
DOCTOR_IS_BUSY = "doctor_sees_one_patient_at_a_time"
PATIENT_IS_BUSY = "patient_is_in_one_place_at_a_time"


def row(doctor: Doctor, patient: Patient | None, starts_at: datetime, ends_at: datetime, **fields: Any) -> Appointment:
    """An appointment that is in no database yet."""
    times = {"starts_at": starts_at, "ends_at": ends_at, "occupied_from": starts_at, "occupied_until": ends_at}
    return Appointment(doctor=doctor, patient=patient, site=doctor.weekly_hours.first().site, **times | fields)


def prepared(appointment: Appointment, name: str) -> Any:
    """A field's value as this database stores it."""
    field = Appointment._meta.get_field(name)
    return field.get_db_prep_save(field.pre_save(appointment, add=True), connection)


def insert(*rows: Appointment, how: str = "INSERT", conflict: str = "") -> None:
    """One INSERT of all ``rows``; ``how`` and ``conflict`` are the words before and after it."""
    names = [field.name for field in Appointment._meta.concrete_fields]
    columns = ", ".join(str(field.column) for field in Appointment._meta.concrete_fields)
    places = ", ".join(f"({', '.join(['%s'] * len(names))})" for _row in rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{how} INTO {TABLE} ({columns}) VALUES {places} {conflict}",
            [prepared(one, name) for one in rows for name in names],
        )


def update(appointment: Appointment, *, how: str = "UPDATE", table: str = TABLE, **changes: Any) -> None:
    """One UPDATE of one row: fields and their new values."""
    for name, value in changes.items():
        setattr(appointment, name, value)
    columns = ", ".join(f"{Appointment._meta.get_field(name).column} = %s" for name in changes)
    values = [prepared(appointment, name) for name in (*changes, "id")]
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {table} SET {columns} WHERE id = %s", values)


def move(appointment: Appointment, starts_at: datetime, *, how: str = "UPDATE", table: str = TABLE) -> None:
    """One UPDATE of all four times; the length stays."""
    ends_at = starts_at + (appointment.ends_at - appointment.starts_at)
    times = {"starts_at": starts_at, "ends_at": ends_at, "occupied_from": starts_at, "occupied_until": ends_at}
    update(appointment, how=how, table=table, **times)


def content(table: str = TABLE) -> list[tuple[Any, ...]]:
    """Every row as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return list(cursor.fetchall())


@contextmanager
def refused(by: str, table: str = TABLE) -> Iterator[None]:
    """Expect an IntegrityError that names the constraint ``by``, and the table as it was before."""
    before = content(table)
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        yield
    assert content(table) == before
