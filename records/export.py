"""Everything that the clinic holds about a person, as one file to take away: to read, for programs, and all files.

What the apps tell (:mod:`accounts.holdings`), and what doctors know of him; nothing of anybody else.
"""

import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from accounts import holdings
from accounts.models import Role, User
from clinic import when
from records import access, attachments, files, trail
from records.models import AmendmentRequest, Attachment, FileKind, MedicalRecord
from records.models.chart import CHART_TEXTS
from records.models.record import RECORD_TEXTS

IN_MEMORY = 8 * 1024 * 1024
"""Bytes of the file that is being made; what is more goes to a temporary file that has no name."""
MOST_BYTES = 1024 * 1024 * 1024
"""Of files beside records, together; the others are named, and the clinic hands them out."""
MOST_SEEN = 10_000
"""Entries of who saw the record, the latest."""


def build(user: User, *, now: datetime, draw: Callable[[dict[str, Any]], str]) -> IO[bytes]:
    """A ZIP with ``index.html``, ``data.json`` and ``files/`` about ``user`` himself, to be read from its start.

    ``draw`` makes the page of ``parts`` (:class:`accounts.holdings.Part`), ``known`` and ``now``. Each chart, record
    and file is written down as exported before it is in there. PermissionDenied if he is not active.
    """
    parts = holdings.hand_over(user, by=user)
    # Closed, and thereby gone, by whoever reads it to its end.
    made: Any = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  see above
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        known = _Copy(user, archive, now).records()
        told = holdings.for_programs(parts) | ({"records": known} if known else {})
        data = json.dumps(told, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
        page = draw({"parts": [part for part in parts if part.name != "records"], "known": known, "now": now})
        for name, text in (("data.json", data), ("index.html", page)):
            _put(archive, name, text.encode(errors="replace"), now)
    made.seek(0)
    return cast(IO[bytes], made)


class _Copy:
    """What doctors know of one person, copied for himself."""

    def __init__(self, user: User, archive: zipfile.ZipFile, now: datetime) -> None:
        self.user, self.archive, self.now = user, archive, now
        self.bytes_left = MOST_BYTES
        self.count = 0

    def records(self) -> dict[str, Any]:
        """His chart, the records of his visits with their files, and who saw them; nothing if he has no chart."""
        chart = access.charts(self.user, now=self.now).filter(patient__user=self.user).first()
        if chart is None:
            return {}
        seen = trail.told(trail.visible_to(self.user, chart.pk)[:MOST_SEEN], to=self.user)
        return {
            "chart": self._chart(chart.pk),
            "visits": self._visits(chart.pk),
            "seen": [asdict(one) | {"role_name": _role(one.role)} for one in seen],
        }

    def _chart(self, patient: UUID) -> dict[str, Any]:
        chart = access.open_chart(patient, by=self.user, now=self.now, what="exported")
        earlier = access.open_chart_revisions(patient, by=self.user, now=self.now) if chart.version > 1 else []
        names = (*CHART_TEXTS, "version", "written_at")
        return {name: getattr(chart, name) for name in names} | {
            "written_by": _name(chart.written_by),
            "earlier": [
                {name: getattr(row, name) for name in names} | {"written_by": _name(row.written_by)} for row in earlier
            ],
        }

    def _visits(self, chart: UUID) -> list[dict[str, Any]]:
        own = access.records(self.user, now=self.now).filter(chart=chart).order_by("appointment__starts_at", "pk")
        opened = access.open_records(*own, by=self.user, now=self.now, what="exported")
        asked = _having(AmendmentRequest.objects.filter(record__chart=chart).values_list("record", "pk"))
        kept = _having(Attachment.objects.filter(record__chart=chart).values_list("record", "pk"))
        return [self._visit(row, bool(asked.get(row.pk)), kept.get(row.pk, [])) for row in opened]

    def _visit(self, record: MedicalRecord, is_asked: bool, kept: Iterable[UUID]) -> dict[str, Any]:
        by, now, visit = self.user, self.now, record.appointment
        earlier = access.open_revisions(record, by=by, now=now) if record.version > 1 else []
        requests = access.open_requests(record, by=by, now=now) if is_asked else []
        names = (*RECORD_TEXTS, "version", "written_at")
        return {
            "time": when.full(visit.starts_at, visit.site.zone),
            "starts_at": visit.starts_at,
            "site": str(visit.site),
            "visit_type": str(visit.visit_type or ""),
            "doctor": str(record.doctor),
            **{name: getattr(record, name) for name in (*names, "signed_at")},
            "earlier": [{name: getattr(row, name) for name in (*names, "reason", "was_signed")} for row in earlier],
            "requests": [
                {
                    "asked_at": row.created_at,
                    "text": row.text,
                    "answer": row.get_answer_display(),
                    "explanation": row.explanation,
                    "answered_at": row.answered_at,
                }
                for row in requests
            ],
            "files": [self._file(pk) for pk in kept],
        }

    def _file(self, pk: UUID) -> dict[str, Any]:
        """One file, put into the ZIP under a name of its own; ``path`` is empty if it is lost, or one too many."""
        opened = access.open_attachment(pk, by=self.user, now=self.now, what="exported")
        self.count += 1
        path = f"files/{self.count:03}-{files.safe_name(opened.name, FileKind(opened.kind))}"
        try:
            data = attachments.content(opened) if opened.size <= self.bytes_left else b""
        except FileNotFoundError:
            data = b""
        if data:
            self.bytes_left -= len(data)
            _put(self.archive, path, data, self.now, is_compressed=True)
        facts = {"name": opened.name, "kind": opened.kind, "size": opened.size, "added_at": opened.created_at}
        return facts | {"path": path if data else ""}


def _name(person: User | None) -> str:
    return str(person) if person else ""


def _role(role: str) -> str:
    return str(Role(role).label) if role in Role.values else role


def _having(pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for record, pk in pairs:
        found.setdefault(record, []).append(pk)
    return found


def _put(archive: zipfile.ZipFile, name: str, data: bytes, now: datetime, *, is_compressed: bool = False) -> None:
    """One file, for its owner alone where it is unpacked."""
    entry = zipfile.ZipInfo(name, now.astimezone(UTC).timetuple()[:6])
    entry.external_attr = 0o600 << 16
    entry.compress_type = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
