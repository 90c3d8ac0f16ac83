"""What is written once is kept, column by column: also those that a later migration adds."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from accounts.constraints import AppendOnly
from accounts.models import Patient
from clinic.models import Doctor
from records import charting
from records.models import Attachment, Chart, ChartRevision, FileKind, MedicalRecord, RecordRevision
from records.tests.actors import LATER
from records.tests.factories import book, make_record

KEPT: list[Any] = [MedicalRecord, RecordRevision, ChartRevision, Attachment]


@pytest.fixture
def one_of_each(alice: Patient, dr_chen: Doctor) -> None:
    record = make_record(book(dr_chen, alice))
    charting.change(record, by=dr_chen.user, now=LATER, notes="better")
    charting.update_chart(Chart.objects.get(), by=dr_chen.user, now=LATER, allergies="dust")
    Attachment.objects.create(record=record, name="x.pdf", kind=FileKind.PDF, size=1, stored_as="x")


def may_change(model: type[models.Model]) -> set[str]:
    """The columns of the only row of ``model`` that the database lets anybody write."""
    found = set()
    for field in model._meta.concrete_fields:
        table, column = model._meta.db_table, connection.ops.quote_name(str(field.column))
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"UPDATE {table} SET {column} = {column}")
                assert cursor.rowcount == 1
        except IntegrityError:
            continue
        found.add(field.name)
    return found


def but_of(model: type[models.Model]) -> set[str]:
    [kept] = [one for one in model._meta.constraints if isinstance(one, AppendOnly)]
    return set(kept.but)


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", KEPT)
def test_each_column_but_those_named_is_kept(model: type[models.Model]) -> None:  # case 136, case 137
    assert may_change(model) == but_of(model)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("model", KEPT)
def test_it_is_after_the_table_was_altered(model: type[models.Model]) -> None:
    field: Any = models.IntegerField(null=True)
    field.set_attributes_from_name("later")
    field.model = model

    with connection.schema_editor() as editor:
        editor.add_field(model, field)
    try:
        assert may_change(model) == but_of(model)
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(model, field)

    assert may_change(model) == but_of(model)
