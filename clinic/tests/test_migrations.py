"""Migrations: in step with the models, reversible, and the constraints outlive what later ones do to the table."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.test.utils import CaptureQueriesContext

from accounts.models import Patient, Role
from clinic.models import Appointment, Doctor
from clinic.tests.factories import at, make_appointment
from clinic.tests.raw import DOCTOR_IS_BUSY, PATIENT_IS_BUSY, TABLE, move, refused


def changed(name: str, **change: Any) -> Any:
    """The appointment's field, somewhat different."""
    field = Appointment._meta.get_field(name).clone()
    vars(field).update(change)
    return field


OPERATIONS: list[Operation] = [
    migrations.AlterField("appointment", "status", changed("status", max_length=20)),
    migrations.AlterField("appointment", "starts_at", changed("starts_at", db_index=True)),
    migrations.AlterField("appointment", "visitor", changed("visitor", null=True)),
    migrations.AddField("appointment", "room", models.CharField(max_length=10, default="1", null=False)),
    migrations.AddField("appointment", "guest", models.ForeignKey("clinic.Site", models.PROTECT, null=True)),
    migrations.RemoveField("appointment", "notes"),
    migrations.RemoveField("appointment", "cancelled_by"),
    migrations.RenameField("appointment", "is_overbooked", "is_squeezed_in"),
    migrations.AddIndex("appointment", models.Index(fields=["reference", "status"], name="just_so")),
    migrations.AddConstraint(
        "appointment", models.CheckConstraint(name="never_mind", condition=models.Q(sequence__gte=0))
    ),
    migrations.RemoveConstraint("appointment", "overbooking_has_a_reason"),
    migrations.AlterModelTable("appointment", "clinic_visit"),
    migrations.RenameModel("appointment", "Visit"),
    migrations.RenameModel("doctor", "Physician"),
    migrations.AlterField("doctor", "title", models.CharField(max_length=70, blank=True)),
]


class Later:
    """A later migration of one operation, forwards and backwards."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.before = MigrationExecutor(connection).loader.project_state()
        self.after = self.before.clone()
        operation.state_forwards("clinic", self.after)

    def forwards(self) -> None:
        with connection.schema_editor() as editor:
            self.operation.database_forwards("clinic", editor, self.before, self.after)

    def backwards(self) -> None:
        with connection.schema_editor() as editor:
            self.operation.database_backwards("clinic", editor, self.after, self.before)


def tables() -> list[str]:
    """Those of the database."""
    return connection.introspection.table_names()


def assert_nobody_can_be_double_booked(mine: Appointment, patients_other: Appointment) -> None:
    """Both rows can be moved, but not onto the visit at 10:00."""
    table = next(name for name in (TABLE, "clinic_visit") if name in tables())
    with refused(by=DOCTOR_IS_BUSY, table=table):
        move(mine, at("10:15"), table=table)
    with refused(by=PATIENT_IS_BUSY, table=table):
        move(patients_other, at("09:45"), table=table)
    move(mine, at("10:30"), table=table)
    move(mine, at("11:00"), table=table)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.describe())
def test_overlaps_are_refused_after_a_later_migration(
    operation: Operation, alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    rows = make_appointment(dr_chen, bob, at("11:00")), make_appointment(dr_diaz, alice, at("09:00"))
    later = Later(operation)

    later.forwards()
    try:
        assert_nobody_can_be_double_booked(*rows)
    finally:
        later.backwards()

    assert_nobody_can_be_double_booked(*rows)


@pytest.mark.django_db(transaction=True)
def test_the_table_is_rebuilt_where_columns_cannot_be_altered() -> None:
    """On SQLite, the operations above do drop the table: without this the test above would show little there."""
    later = Later(OPERATIONS[0])

    with CaptureQueriesContext(
        connection,
    ) as queries:
        later.forwards()
    later.backwards()

    dropped = [query["sql"] for query in queries if query["sql"] == f'DROP TABLE "{TABLE}"']
    assert len(dropped) == {"sqlite": 1, "postgresql": 0}[connection.vendor]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [DOCTOR_IS_BUSY, PATIENT_IS_BUSY])
def test_a_constraint_can_be_removed_and_put_back(
    name: str, alice: Patient, bob: Patient, dr_chen: Doctor, dr_diaz: Doctor
) -> None:
    make_appointment(dr_chen, alice, at("10:00"))
    rows = make_appointment(dr_chen, bob, at("11:00")), make_appointment(dr_diaz, alice, at("09:00"))
    later = Later(migrations.RemoveConstraint("appointment", name))
    mine, other_name = (rows[0], PATIENT_IS_BUSY) if name == DOCTOR_IS_BUSY else (rows[1], DOCTOR_IS_BUSY)

    later.forwards()
    try:
        move(mine, at("10:15"))  # the negative control: nothing else would refuse it
        move(mine, at("12:00"))
        with refused(by=other_name):
            move(next(one for one in rows if one != mine), at("10:00"))
    finally:
        later.backwards()

    assert_nobody_can_be_double_booked(*rows)


@pytest.mark.django_db
def test_models_and_migrations_are_in_step() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)  # exits with 1 if they are not


@pytest.mark.django_db(transaction=True)
def test_migrate_to_nothing_and_back() -> None:
    # The tests that commit end with an empty database, without what migrations put there.
    Group.objects.bulk_create([Group(name=role) for role in Role.values], ignore_conflicts=True)

    try:
        call_command("migrate", "clinic", "zero", verbosity=0)
        assert TABLE not in tables()
    finally:
        call_command("migrate", verbosity=0)

    assert TABLE in tables()
