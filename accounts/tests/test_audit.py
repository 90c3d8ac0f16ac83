"""The audit trail: what an entry holds, that it is written once, and that no change goes unseen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import AddField, RemoveConstraint
from django.db.migrations.operations.base import Operation
from django.test import override_settings

from accounts import audit
from accounts.audit.seals import Head
from accounts.audit.trail import digest_of
from accounts.models import AuditEntry, AuditLink, Outcome, Patient, User
from accounts.tests.written_once import lifted

ENTRIES, LINKS = AuditEntry._meta.db_table, AuditLink._meta.db_table
NASTY = "a\nb\x00c\ud800\u202e'--${jndi:ldap://x}"


def entries(count: int = 5, *, sealed: bool = True) -> list[AuditEntry]:
    for number in range(count):
        audit.record("accounts.user.role_changed", by="a test", changes={"number": number})
    if sealed:
        audit.seal()
    return list(AuditEntry.objects.order_by("pk"))


def tamper(sql: str, *values: Any) -> None:
    """As somebody with all rights on the database would."""
    with lifted(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute(sql, values)


def insert_or_replace(entry: AuditEntry) -> None:
    """Put it into the table, over whatever has its id or uid; PostgreSQL has no such INSERT."""
    if connection.vendor == "postgresql":
        entry.save(force_insert=True)
        return
    fields = AuditEntry._meta.local_fields
    values = [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in fields]
    columns, places = ", ".join(str(field.column) for field in fields), ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT OR REPLACE INTO {ENTRIES} ({columns}) VALUES ({places})", values)


def test_record_when_a_person_acts(alice: Patient, adam: User) -> None:
    with audit.acting("api", ip="203.0.113.7", request_id="abc"):
        audit.record("clinic.appointment.booked", by=adam, on=alice, patient=alice, changes={"seats": [1, 2]})

    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.program, entry.role) == (adam.pk, "", "admin")
    assert (entry.verb, entry.outcome) == ("clinic.appointment.booked", Outcome.ALLOWED)
    assert (entry.object_type, entry.object_id, entry.patient) == ("accounts.Patient", str(alice.pk), alice.pk)
    assert (entry.entry_point, entry.ip, entry.request_id) == ("api", "203.0.113.7", "abc")
    assert entry.changes == {"seats": [1, 2]}


def test_record_when_a_program_acts(db: None) -> None:
    audit.record("accounts.user.appointed", by="ensure_admin")

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.program, entry.role, entry.entry_point) == (None, "ensure_admin", "", "")


def test_record_when_the_text_is_nasty(db: None) -> None:
    # case 144, case 194
    with audit.acting(NASTY, ip=NASTY, request_id=NASTY):
        audit.record(NASTY, by=NASTY, reason=NASTY * 1000, changes={NASTY: [NASTY, uuid4(), datetime.now(UTC), 1.5]})

    assert audit.verify().flaw is None
    assert "\x00" not in AuditEntry.objects.get().reason


def test_record_when_the_deed_is_undone(db: None) -> None:
    with transaction.atomic():
        audit.record("accounts.user.role_changed", by="a test")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("table", [ENTRIES, LINKS])
@pytest.mark.parametrize("change", ["UPDATE {} SET digest = ''", "DELETE FROM {}"])
def test_write_when_it_is_raw_sql(db: None, table: str, change: str) -> None:
    # case 186
    before = entries()

    with pytest.raises(IntegrityError, match="is_written_once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))

    assert list(AuditEntry.objects.order_by("pk")) == before
    assert audit.verify().flaw is None


def test_write_when_the_table_is_to_be_emptied(db: None) -> None:
    # case 186
    entries(sealed=False)
    words = "TRUNCATE {} CASCADE" if connection.vendor == "postgresql" else "DELETE FROM {}"

    with pytest.raises(IntegrityError, match="is_written_once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words.format(ENTRIES))

    assert AuditEntry.objects.count() == 5


@pytest.mark.parametrize("column", ["id", "uid"])
def test_write_when_a_row_is_to_be_replaced(db: None, column: str) -> None:
    # case 186
    [first, second] = entries(2)
    forged = AuditEntry.objects.get(pk=first.pk)
    forged.verb = "nothing.at_all.happened"
    if column == "id":
        forged.uid = uuid4()
    else:
        forged.pk = second.pk + 1

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_or_replace(forged)

    assert list(AuditEntry.objects.order_by("pk")) == [first, second]
    assert audit.verify().flaw is None


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda _entry: AuditEntry.objects.update(verb="x"),
        lambda _entry: AuditEntry.objects.all().delete(),
    ],
    ids=["save", "delete", "update", "delete all"],
)
def test_write_when_the_orm_rewrites(db: None, rewrite: Callable[[AuditEntry], Any]) -> None:
    # case 186
    [entry] = entries(1, sealed=False)

    with pytest.raises(IntegrityError), transaction.atomic():
        rewrite(entry)

    assert AuditEntry.objects.get().digest == entry.digest == digest_of(entry)


@contextmanager
def migrated(operation: Operation) -> Iterator[None]:
    """Within the block a later migration of one operation has run."""
    before = MigrationExecutor(connection).loader.project_state()
    after = before.clone()
    operation.state_forwards("accounts", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("accounts", editor, before, after)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            operation.database_backwards("accounts", editor, after, before)


def test_table_when_a_later_migration_changes_it(transactional_db: None) -> None:
    entries(1)

    with (
        migrated(AddField("auditentry", "room", models.CharField(max_length=10, default="1"))),
        pytest.raises(IntegrityError, match="is_written_once"),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {ENTRIES} SET room = '2'")

    with pytest.raises(IntegrityError, match="is_written_once"):
        AuditEntry.objects.update(verb="x")


def test_constraint_when_removed_and_added_again(transactional_db: None) -> None:
    entries(1)

    with migrated(RemoveConstraint("auditentry", "audit_entry_is_written_once")):
        assert AuditEntry.objects.update(reason="rewritten") == 1

    with pytest.raises(IntegrityError, match="is_written_once"):
        AuditEntry.objects.update(reason="again")


def test_verify_when_nothing_was_touched(db: None) -> None:
    entries(5)
    entries(2, sealed=False)

    report = audit.verify(audit.head())

    assert (report.sealed, report.unsealed, report.flaw) == (5, 2, None)
    assert report.head == audit.head()
    assert report.head.position == 5


def test_seal_when_there_is_nothing_new(db: None) -> None:
    entries(3)
    before = audit.head()

    assert audit.seal() == 0
    assert audit.head() == before


def test_seal_when_an_older_entry_committed_late(db: None) -> None:
    [first, second, third] = entries(3, sealed=False)
    with lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {ENTRIES} SET id = id + 100 WHERE id = %s", [first.pk])
    audit.seal()

    entries(1)

    assert audit.verify().flaw is None
    assert AuditLink.objects.order_by("position").last().position == 4
    assert {second.pk, third.pk} < set(AuditLink.objects.values_list("entry", flat=True))


@pytest.mark.parametrize("column", ["verb", "outcome", "reason", "object_id", "changes", "role", "digest"])
def test_verify_when_an_entry_was_edited(db: None, column: str) -> None:
    kept = entries()

    tamper(
        f"UPDATE {ENTRIES} SET {column} = %s WHERE id = %s",
        '{"forged": 1}'[:10] if column != "changes" else "{}",
        kept[2].pk,
    )

    flaw = audit.verify().flaw
    assert (flaw.kind, flaw.position, flaw.entry) == ("edited", 3, kept[2].pk)


def test_verify_when_an_entry_without_a_seal_was_edited(db: None) -> None:
    [_first, second] = entries(2, sealed=False)

    tamper(f"UPDATE {ENTRIES} SET verb = 'x' WHERE id = %s", second.pk)

    flaw = audit.verify().flaw
    assert (flaw.kind, flaw.position, flaw.entry) == ("edited", None, second.pk)


def test_verify_when_an_entry_was_deleted(db: None) -> None:
    kept = entries()

    tamper(f"DELETE FROM {LINKS} WHERE position = 3")
    tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[2].pk)

    flaw = audit.verify().flaw
    assert (flaw.kind, flaw.position) == ("missing", 3)


def test_verify_when_the_gap_was_closed(db: None) -> None:
    kept = entries()

    tamper(f"DELETE FROM {LINKS} WHERE position = 3")
    tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[2].pk)
    tamper(f"UPDATE {LINKS} SET position = 3 WHERE position = 4")
    tamper(f"UPDATE {LINKS} SET position = 4 WHERE position = 5")

    flaw = audit.verify().flaw
    assert (flaw.kind, flaw.position, flaw.entry) == ("reordered", 3, kept[3].pk)


def test_verify_when_two_entries_changed_places(db: None) -> None:
    kept = entries()

    for position, entry in ((2, 10**6), (3, kept[1].pk), (2, kept[2].pk)):
        tamper(f"UPDATE {LINKS} SET entry_id = %s WHERE position = %s", entry, position)

    flaw = audit.verify().flaw
    assert (flaw.kind, flaw.position, flaw.entry) == ("reordered", 2, kept[2].pk)


def test_verify_when_the_end_was_cut_off(db: None) -> None:
    kept = entries()
    anchor = audit.head()

    for position in (5, 4):
        tamper(f"DELETE FROM {LINKS} WHERE position = %s", position)
        tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[position - 1].pk)

    assert audit.verify().flaw is None
    flaw = audit.verify(anchor).flaw
    assert (flaw.kind, flaw.position) == ("cut_off", 4)


def test_verify_when_the_end_was_cut_off_and_grew_again(db: None) -> None:
    kept = entries()
    anchor = audit.head()
    tamper(f"DELETE FROM {LINKS} WHERE position = 5")
    tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[4].pk)

    entries(3)

    flaw = audit.verify(anchor).flaw
    assert (flaw.kind, flaw.position) == ("reordered", 5)


def test_verify_when_the_key_is_another(db: None) -> None:
    entries(2)

    with override_settings(AUDIT_KEY="another key than the one that they were written with"):
        flaw = audit.verify().flaw

    assert (flaw.kind, flaw.position) == ("edited", 1)


def test_commands_when_the_anchor_is_a_file(db: None, tmp_path: Path) -> None:
    kept = entries(3, sealed=False)
    said = StringIO()

    with override_settings(AUDIT_ANCHOR=str(tmp_path / "heads")):
        call_command("seal_audit", stdout=said)
        call_command("seal_audit", stdout=said)
        call_command("verify_audit", stdout=said)
        tamper(f"DELETE FROM {LINKS} WHERE position = 3")
        tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[2].pk)
        with pytest.raises(CommandError, match="position 3 and all that followed were cut off"):
            call_command("verify_audit", stdout=said)

    assert "Nothing was touched" in said.getvalue()
    assert len((tmp_path / "heads").read_text().splitlines()) == 1


def test_commands_when_the_end_was_cut_off_before_the_next_sealing(db: None, tmp_path: Path) -> None:
    kept = entries(3, sealed=False)
    with override_settings(AUDIT_ANCHOR=str(tmp_path / "heads")):
        call_command("seal_audit", stdout=StringIO())
        for position in (3, 2):
            tamper(f"DELETE FROM {LINKS} WHERE position = %s", position)
            tamper(f"DELETE FROM {ENTRIES} WHERE id = %s", kept[position - 1].pk)

        entries(1, sealed=False)
        call_command("seal_audit", stdout=StringIO())
        with pytest.raises(CommandError, match="position 3 and all that followed were cut off"):
            call_command("verify_audit", stdout=StringIO())

        entries(2, sealed=False)
        call_command("seal_audit", stdout=StringIO())
        with pytest.raises(CommandError, match="position 3 is not in its place"):
            call_command("verify_audit", stdout=StringIO())


def test_verify_command_when_the_anchor_is_told(db: None) -> None:
    entries(2)
    end = audit.head()

    call_command("verify_audit", anchor=f"{end.position} {end.digest}", stdout=StringIO())
    with pytest.raises(CommandError, match="not in its place"):
        call_command("verify_audit", anchor=f"{end.position} 00", stdout=StringIO())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_audit", anchor="nonsense", stdout=StringIO())


def test_head_when_there_is_nothing(db: None) -> None:
    assert audit.head() == Head(0, "")
    assert audit.verify().flaw is None
