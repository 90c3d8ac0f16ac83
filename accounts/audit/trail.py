"""Writing entries. Verbs call :func:`record` in their own transaction: no entry, no deed; no deed, no entry."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models

from accounts.encryption import EncryptedTextField
from accounts.models import Patient, User
from accounts.models.audit import AuditEntry, Outcome

LONGEST_REASON = 2000
"""Characters."""
BOOKKEEPING = ("id", "created_at", "updated_at")
"""Columns that tell nothing about what was done."""


@dataclass(frozen=True, slots=True)
class _Door:
    entry_point: str = ""
    ip: str = ""
    request_id: str = ""


_door: ContextVar[_Door] = ContextVar("door", default=_Door())  # noqa: B039  it cannot be changed


@contextmanager
def acting(entry_point: str, *, ip: str = "", request_id: str = "") -> Iterator[None]:
    """Within the block entries say by which door (``portal``, ``api``, ``admin``, ``command``) and whence they came."""
    before = _door.set(_Door(_text(entry_point, 20), _text(ip, 45), _text(request_id, 64)))
    try:
        yield
    finally:
        _door.reset(before)


def record(
    verb: str,
    *,
    by: User | str | None,
    on: models.Model | None = None,
    patient: Patient | UUID | None = None,
    outcome: Outcome = Outcome.ALLOWED,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write down that ``by`` did ``verb`` (``app.object.what_happened``) with ``on``: one INSERT.

    ``by`` is a user, the name of a program, or None for a stranger. ``changes`` maps fields to ``[before, after]``;
    of personal fields it gives the names only (``{"fields": ["phone"]}``), and nothing secret or clinical at all.
    """
    write(
        verb,
        by=by,
        object_type=on._meta.label if on is not None else "",
        object_id=str(on.pk) if on is not None else "",
        patient=patient.pk if isinstance(patient, Patient) else patient,
        outcome=outcome,
        reason=reason,
        changes=changes,
    )


def write(
    verb: str,
    *,
    by: User | str | None,
    object_type: str = "",
    object_id: str = "",
    patient: UUID | None = None,
    outcome: Outcome = Outcome.ALLOWED,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Likewise, of an object that is known by its address only, and perhaps does not exist."""
    entry = _entry(
        verb,
        by=by,
        object_type=object_type,
        object_id=object_id,
        patient=patient,
        outcome=outcome,
        reason=reason,
        changes=changes,
    )
    entry.save(force_insert=True)


def record_each(
    verb: str, rows: Iterable[tuple[models.Model, UUID | None, Mapping[str, Any]]], *, by: User | str | None
) -> None:
    """An entry as by :func:`record` for each of ``rows`` (object, patient's id, changes): one INSERT for all."""
    entries = [
        _entry(verb, by=by, object_type=row._meta.label, object_id=str(row.pk), patient=patient, changes=changes)
        for row, patient, changes in rows
    ]
    AuditEntry.objects.bulk_create(entries)


def _entry(
    verb: str,
    *,
    by: User | str | None,
    object_type: str = "",
    object_id: str = "",
    patient: UUID | None = None,
    outcome: Outcome = Outcome.ALLOWED,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> AuditEntry:
    door = _door.get()
    entry = AuditEntry(
        actor=by.pk if isinstance(by, User) else None,
        program=_text(by, 100) if isinstance(by, str) else "",
        role=by.role if isinstance(by, User) else "",
        verb=_text(verb, 100),
        object_type=_text(object_type, 100),
        object_id=_text(object_id, 64),
        patient=patient,
        outcome=outcome,
        reason=_text(reason, LONGEST_REASON),
        entry_point=door.entry_point,
        ip=door.ip,
        request_id=door.request_id,
        changes=_plain(changes or {}),
    )
    entry.digest = digest_of(entry)
    return entry


def last_values(verb: str) -> dict[str, Any]:
    """What all entries of ``verb`` together say that each field is now; fields by name alone are left out."""
    told = AuditEntry.objects.filter(verb=verb).order_by("pk").values_list("changes", flat=True)
    return {name: pair[1] for changes in told for name, pair in changes.items() if name != "fields"}


def difference(
    before: models.Model | None, after: models.Model | None, *, private: Collection[str] = ()
) -> dict[str, Any]:
    """What was written, for ``changes``: plain columns as ``{name: [before, after]}``, those in ``private`` and those
    that are kept encrypted by name, under ``fields``. None stands for what is not there yet, or not any more."""
    changes: dict[str, Any] = {}
    unnamed: list[str] = []
    some = after if after is not None else before
    assert some is not None
    for field in some._meta.concrete_fields:
        old, new = (getattr(one, field.attname) if one is not None else None for one in (before, after))
        if old == new or field.name in BOOKKEEPING:
            continue
        if field.name in private or isinstance(field, EncryptedTextField):
            unnamed.append(field.name)
        else:
            changes[field.name] = [old, new]
    return changes | ({"fields": sorted(unnamed)} if unnamed else {})


def digest_of(entry: AuditEntry) -> str:
    """The keyed hash of all that the entry says, its own uid and time included; hex."""
    told = [
        *(str(entry.uid), entry.at.astimezone(UTC).isoformat(), str(entry.actor), entry.program, entry.role),
        *(entry.verb, entry.object_type, entry.object_id, str(entry.patient), entry.outcome, entry.reason),
        *(entry.entry_point, entry.ip, entry.request_id, entry.changes),
    ]
    return keyed("entry", json.dumps(told, sort_keys=True))


def keyed(purpose: str, text: str) -> str:
    """HMAC with SHA-256 under AUDIT_KEY; hex."""
    return hmac.new(settings.AUDIT_KEY.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def _text(text: Any, longest: int) -> str:
    """What every database takes: no NUL, no half of a character, no more than there is room for."""
    return str(text).encode("utf-8", "replace").decode().replace("\x00", "\ufffd")[:longest]


def _plain(value: Any) -> Any:
    """As JSON has it; the same after it was stored and read, or the digest would not match."""
    if isinstance(value, Mapping):
        return {_text(key, 100): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else _text(value, LONGEST_REASON)
