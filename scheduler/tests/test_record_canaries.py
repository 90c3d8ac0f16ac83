"""A record's whole life, and nothing that it says gets anywhere but to those who may read it.

Whatever is written of health has a canary in it. They may sing in the bodies of readers' pages, and nowhere else: not
on another's page, in an address, a header, a title or a link, in the log, a mail, the cache, a session, a file, or in
any column of the database.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts import outbox
from accounts.tests.factories import PASSWORD
from clinic.tests.clients import Caller
from clinic.tests.desk import client_of, pages
from records.models import AmendmentRequest, Attachment, EmergencyAccess, MedicalRecord
from records.models.record import RECORD_TEXTS
from records.tests.actors import LATER, WHY, People
from records.tests.factories import TEXTS
from records.tests.portal import folder
from scheduler.tests.access.table import ACCOUNT, ENTRANCE, IDENTITY, RECORD_PAGES, RECORDS, TABLE
from scheduler.tests.access.world import World
from scheduler.tests.log_lines import written
from scheduler.tests.test_access import path_of
from scheduler.tests.test_admin_pages import staff_pages

__all__ = ["folder"]

CANARY = "CNRY-7f3a"
REASONS = (WHY, f"{CANARY}-urgent", f"{CANARY}-found")
"""Of emergencies, and what a review found: the patient may read the reason, privacy officers both on their pages."""
TOKENS = (*TEXTS.values(), CANARY, WHY)
READERS = {"patient", "doctor", "sharing_doctor", "emergency_holder"}
PDF = b"%PDF-1.7\n1 0 obj <</" + CANARY.encode() + b" (knee)>> endobj\ntrailer <<>>\n%%EOF\n"
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LINKS = re.compile(r'(?:href|action|src)="([^"]*)"')


@dataclass
class Oracle:
    """Everybody's browsers and programs, and every answer that they got where none may say anything."""

    people: People
    clients: dict[tuple[str, bool], Any] = field(default_factory=dict)
    asked: int = 0
    sung: list[str] = field(default_factory=list)

    def ask(self, who: str, path: str, body: Any = None, method: str = "") -> Any:
        """The answer; what it may not say is noted in ``sung``."""
        is_api = path.startswith("/api/")
        if (who, is_api) not in self.clients:
            user = self.people.who.get(who)
            self.clients[who, is_api] = Caller(user) if is_api else client_of(user)
        client = self.clients[who, is_api]
        method = method or ("GET" if body is None else "POST")
        kind = {"format": "multipart" if "file" in (body or {}) else "json"} if is_api and body is not None else {}
        answer = getattr(client, method.lower())(path, body or {}, **kind)
        self.asked += 1
        self._listen(who, path, answer)
        return answer

    def _listen(self, who: str, path: str, answer: Any) -> None:
        shown = dict(answer.headers.items())
        text = b"".join(answer) if answer.streaming else answer.content
        body = text.decode(errors="replace")
        if who in READERS:
            # The file's name is for who may have the file.
            shown.pop("Content-Disposition", None)
            body = " ".join([*TITLE.findall(body), *LINKS.findall(body)])
        elif "/emergencyaccess/" in path and who == "admin":
            for reason in REASONS:
                body = body.replace(reason, "")
        heard = [token for token in TOKENS if token in body or token in json.dumps(shown)]
        if heard:
            self.sung.append(f"{who} {path} {answer.status_code}: {heard}")


@pytest.fixture
def oracle(people: People, folder: Path) -> Iterator[Oracle]:
    # What is another patient's own would sing to him.
    MedicalRecord.objects.filter(pk=people.other_record.pk).update(**dict.fromkeys(RECORD_TEXTS, "a cough"))
    with time_machine.travel(LATER, tick=False):
        yield Oracle(people)


def _texts(said: str) -> dict[str, str]:
    return {name: f"{CANARY}-{said}-{name}" for name in ("diagnosis", "prescription", "notes")}


def _file(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{CANARY}-{name}.pdf", PDF)


def _version(page: Any) -> str:
    found = re.search(r'name="version" value="([^"]*)"', page.content.decode().replace("&quot;", "&"))
    return found[1].replace("&", '"') if found else ""


def _by_api(ask: Callable[..., Any], people: People) -> None:
    """The doctor writes, the patient reads and asks."""
    record, patient = f"/api/v1/medical-records/{people.record.pk}/", f"/api/v1/patients/{people.patient.pk}/"
    answers = [
        ask("doctor", record, _texts("api"), "PATCH"),
        ask("doctor", f"{patient}chart/", {"allergies": f"{CANARY} nuts"}, "PATCH"),
        ask("doctor", f"{record}attachments/", {"file": _file("api")}),
        ask("doctor", f"{record}sign/", {}),
        ask("doctor", record, {"notes": f"{CANARY} more", "reason": f"{CANARY} mistaken"}, "PATCH"),
        ask("patient", f"{record}amendment-requests/", {"text": f"{CANARY} the other knee"}),
        ask("other_doctor", f"{patient}emergency-access/", {"reason": f"{CANARY} short", "password": "wrong"}),
        ask("other_doctor", record, _texts("stranger"), "PATCH"),
        ask("doctor", record, {"diagnosis": CANARY + "\x07", "patient": CANARY}, "PATCH"),
        *(ask("patient", f"{where}") for where in (record, f"{record}revisions/", f"{patient}access-log/")),
        *(ask(who, f"/api/v1/medical-records/?search={CANARY}") for who in ("doctor", "receptionist")),
    ]
    declined = {"amend": False, "explanation": f"{CANARY} it was this knee"}
    answers.append(ask("doctor", f"{record}amendment-requests/answer/", declined))
    assert AmendmentRequest.objects.get().answer == "declined"
    assert {200, 201, 400, 404} <= {answer.status_code for answer in answers}


def _in_the_portal(ask: Callable[..., Any], people: People) -> None:
    visit, record = f"/records/visits/{people.visit.pk}/", f"/records/{people.record.pk}/"
    chart = f"/records/patients/{people.patient.pk}/"
    told = _texts("portal") | {"reason": f"{CANARY} again", "file": _file("portal"), "name": f"{CANARY} scan"}
    written = [
        ask("doctor", visit, told | {"version": _version(ask("doctor", visit))}),
        ask("doctor", chart, {"medical_history": f"{CANARY} asthma", "version": _version(ask("doctor", chart))}),
        ask("patient", record, {"text": f"{CANARY} still wrong"}),
        ask("patient", "/records/export/", {}),
    ]
    assert [answer.status_code for answer in written] == [302, 302, 302, 200]
    refused = [
        ask("doctor", visit, _texts("stale") | {"version": '"x"'}),
        ask("other_doctor", visit, _texts("stranger")),
        ask("receptionist", record, {"text": f"{CANARY} x"}),
        ask("nobody", chart, {"allergies": CANARY}),
    ]
    assert {answer.status_code for answer in refused} == {200, 302, 404}
    for file in Attachment.objects.all():
        assert ask("doctor", f"/records/files/{file.pk}/").status_code == 200
        assert ask("admin", f"/records/files/{file.pk}/").status_code == 404


def _in_an_emergency(ask: Callable[..., Any], people: People) -> None:
    """A doctor opens the other patient's chart, and the administrator reviews that."""
    there = f"/records/emergency/{people.other_record.chart_id}/"
    ask("other_doctor", "/accounts/reauthenticate/", {"password": PASSWORD})
    ask("other_doctor", "/records/emergency/", {"name": "Baker", "date_of_birth": "1990-05-17"})
    assert ask("other_doctor", there, {"reason": REASONS[1]}).status_code == 302
    opened = EmergencyAccess.objects.get(user=people.who["other_doctor"])
    review = f"/admin/records/emergencyaccess/{opened.pk}/review/"
    assert REASONS[1] in ask("admin", review).content.decode()
    assert ask("admin", review, {"review": REASONS[2]}).status_code == 302


def _when_it_fails(ask: Callable[..., Any], people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error quotes what it was about."""

    def fails(_request: Any, _template: str, context: dict[str, Any]) -> None:
        raise ValueError(f"{CANARY} {context['record'].diagnosis}", context)

    with monkeypatch.context() as patch:
        patch.setattr("records.views.record.page", fails)
        # No reader of bodies: even to her the page of errors tells nothing.
        answer = ask("patient", f"/records/{people.record.pk}/")
    assert answer.status_code == 500
    assert [token for token in TOKENS if token in answer.content.decode()] == []


def _everywhere(ask: Callable[..., Any], people: People) -> None:
    """Every address there is, for those who read and those who do not; the admin's too."""
    model_rows = {model: model._default_manager.first() for model in pages()}
    things = {model.__name__: thing for model, thing in model_rows.items() if thing is not None}
    things |= {"MedicalRecord": people.record, "Appointment": people.visit, "Patient": people.patient}
    world = World(things, {"a": people.who["patient"]})
    about_records = ("late_holder", "doctor", "patient")
    for name in TABLE.keys() - (ENTRANCE | IDENTITY | ACCOUNT).keys():
        try:
            path = path_of(name, world)
        except KeyError:  # of which there is none here
            continue
        for who in ("receptionist", "admin", *(about_records if name in RECORDS | RECORD_PAGES else ())):
            ask(who, path)
    staff = staff_pages({model: thing for model, thing in model_rows.items() if thing is not None})
    for path in (*staff, "/admin/records/medicalrecord/?q=CNRY", "/admin/clinic/appointment/?q=CNRY"):
        for who in ("receptionist", "admin"):
            ask(who, path)
    for who in ("receptionist", "admin"):
        sheet = ask(who, f"/admin/day-sheet/file/?date={people.visit.starts_at:%Y-%m-%d}", {})
        assert "Archer" in sheet.content.decode()


def _kept() -> Iterator[tuple[str, str]]:
    """Every row of every table as the database has it; what is packed there unpacked."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows = cursor.fetchall()
            yield table, str(rows)
            if table == "cache":
                yield table, str([base64.b64decode(value) for row in rows for value in row if _is_packed(value)])
    yield "sessions", str([session.get_decoded() for session in Session.objects.all()])


def _is_packed(value: Any) -> bool:
    return isinstance(value, str) and len(value) % 4 == 0 and re.fullmatch(r"[A-Za-z0-9+/\n]+=*", value) is not None


def test_record_is_read_nowhere_else(oracle: Oracle, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # case 105, case 112, case 114, case 123, case 127, case 174, case 175, case 182, case 184
    ask, people = oracle.ask, oracle.people

    with written("DEBUG") as lines:
        _by_api(ask, people)
        _in_the_portal(ask, people)
        _in_an_emergency(ask, people)
        _when_it_fails(ask, people, monkeypatch)
        _everywhere(ask, people)
        outbox.sweep(clock=lambda: datetime.now(UTC), goes_on=lambda: True)

    assert oracle.sung == []
    assert oracle.asked > 300
    assert {message.to[0] for message in mail.outbox} >= {people.who["patient"].email, people.who["admin"].email}
    said = [str(message.message()) + str(message.body) for message in mail.outbox]
    assert _heard(said) == []
    assert _heard([json.dumps(lines())]) == []
    assert _heard(str(entry) for entry in LogEntry.objects.values_list("change_message", "object_repr")) == []
    assert [(table, token) for table, rows in _kept() for token in TOKENS if token in rows] == []
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) == 2
    assert _heard(file.name + file.read_bytes().decode(errors="replace") for file in files) == []


def _heard(texts: Any) -> list[str]:
    return [token for text in texts for token in TOKENS if token in text]


def test_oracle_hears(oracle: Oracle) -> None:
    """The control: what a reader may read, the oracle hears as soon as it takes her for a stranger."""
    people = oracle.people
    oracle.ask("patient", f"/records/{people.record.pk}/")
    assert oracle.sung == []
    people.who["receptionist"] = people.who["patient"]

    oracle.ask("receptionist", f"/records/{people.record.pk}/")

    [heard] = oracle.sung
    assert TEXTS["diagnosis"] in heard
