"""Everything about a person in one ZIP, and what a doctor's own has."""

import io
import json
import zipfile
from pathlib import Path
from typing import IO, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from accounts import staffing
from accounts.models import AuditEntry, User
from records import access, attachments, charting, export
from records.models import Attachment
from records.tests.actors import LATER, People
from records.views import export as views

PATH = "/records/export/"
PDF = b"%PDF-1.7\n1 0 obj <</CNRY (knee)>> endobj\ntrailer <<>>\n%%EOF\n"
WILD = "</style><script>alert(1)</script><img src=https://evil.example/x>"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.STORAGES = settings.STORAGES | {
        "records": {"BACKEND": "records.storage.Kept", "OPTIONS": {"location": tmp_path / "records"}}
    }
    return tmp_path / "records"


@pytest.fixture
def told(people: People) -> People:
    """Alice's chart and record with all that there can be about them; her doctor wrote something of bob's, too."""
    doctor, alice, record = people.who["doctor"], people.who["patient"], people.record
    chart = access.open_chart(people.patient.pk, by=doctor, now=LATER)
    for text in ("CNRY-allergy-1", "CNRY-allergy-2"):
        charting.update_chart(chart, by=doctor, now=LATER, allergies=text)
    for one, name in ((record, "CNRY-file é.pdf"), (record, "CNRY-file é.pdf"), (people.other_record, "BOB.pdf")):
        attachments.add(one, upload=SimpleUploadedFile("x.pdf", PDF), name=name, by=doctor, now=LATER)
    charting.sign(record, by=doctor, now=LATER)
    charting.change(record, by=doctor, now=LATER, reason="CNRY-why", notes=WILD)
    charting.ask_to_amend(record, by=alice, now=LATER, text="CNRY-asked")
    charting.change(people.other_record, by=doctor, now=LATER, diagnosis="BOB-diagnosis")
    return people


def build(user: User) -> IO[bytes]:
    return export.build(user, now=LATER, draw=views.draw)


def export_of(user: User) -> tuple[dict[str, Any], str, dict[str, bytes]]:
    """Its data, its page, and all that is in it by name."""
    with zipfile.ZipFile(build(user)) as archive:
        assert archive.testzip() is None
        held = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(held["data.json"]), held["index.html"].decode(), held


def test_build_has_all_that_is_hers_and_nothing_else(told: People) -> None:  # case 127
    data, page, held = export_of(told.who["patient"])

    everything = json.dumps(data, ensure_ascii=False) + page + " ".join(held)
    for canary in ("diagnosis", "prescription", "notes", "allergy-1", "allergy-2", "file", "why", "asked"):
        assert f"CNRY-{canary}" in json.dumps(data)
        assert f"CNRY-{canary}" in page
    assert "BOB" not in everything
    assert str(told.who["other_patient"]) not in everything
    assert {"account", "patient", "appointments", "trail", "records"} <= set(data)
    assert [visit["signed_at"] is None for visit in data["records"]["visits"]] == [False]
    assert {row["role_name"] for row in data["records"]["seen"]} == {"Doctor", "Patient"}
    assert {row["is_emergency"] for row in data["records"]["seen"]} == {True, False}


def test_build_has_the_files_under_names_of_their_own(told: People) -> None:  # case 127
    data, page, held = export_of(told.who["patient"])

    paths = [file["path"] for file in data["records"]["visits"][0]["files"]]
    assert paths == ["files/001-CNRY-file é.pdf", "files/002-CNRY-file é.pdf"]
    assert [held[path] for path in paths] == [PDF, PDF]
    assert 'href="files/001-CNRY-file%20%C3%A9.pdf"' in page
    assert set(held) == {*paths, "data.json", "index.html"}


def test_page_is_inert(told: People) -> None:  # case 159, case 177
    _data, page, _held = export_of(told.who["patient"])

    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("</style>") == 1
    assert "default-src 'none'" in page


def test_build_is_written_down_and_told(told: People) -> None:  # case 182, case 189
    export_of(told.who["patient"])

    exported = AuditEntry.objects.filter(verb__endswith=".exported", actor=told.who["patient"].pk)
    kinds = sorted(exported.values_list("verb", flat=True))
    assert kinds == [
        *["records.attachment.exported"] * 2,
        "records.chart.exported",
        "records.record.exported",
    ]
    assert {(entry.patient, entry.changes["basis"]) for entry in exported} == {(told.patient.pk, "own")}
    assert AuditEntry.objects.filter(verb="accounts.user.data_handed_over").count() == 1
    assert "CNRY" not in str(list(exported.values()))


def test_build_when_it_cannot_be_written_down(told: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access.reading.audit, "record_each", lambda *_a, **_n: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        build(told.who["patient"])


@pytest.mark.parametrize("who", ["doctor", "admin", "emergency_holder", "receptionist"])
def test_build_for_who_has_no_chart(told: People, who: str) -> None:
    data, page, held = export_of(told.who[who])

    assert set(held) == {"data.json", "index.html"}
    assert "records" not in data
    assert "CNRY" not in page + str(data)
    assert told.who[who].email in page


def test_build_without_what_is_lost_or_too_much(told: People, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Attachment.objects.filter(record=told.record).earliest("created_at", "pk")
    storages["records"].delete(first.stored_as)

    data, page, _held = export_of(told.who["patient"])
    monkeypatch.setattr(export, "MOST_BYTES", 10)
    small, _page, held = export_of(told.who["patient"])

    assert sorted(bool(file["path"]) for file in data["records"]["visits"][0]["files"]) == [False, True]
    assert "This file is not in here." in page
    assert not any(file["path"] for file in small["records"]["visits"][0]["files"])
    assert set(held) == {"data.json", "index.html"}


def test_build_for_who_is_gone(told: People) -> None:  # case 137
    alice = told.who["patient"]
    staffing.deactivate(alice, by=told.who["admin"], now=LATER)

    with pytest.raises(PermissionDenied):
        build(User.objects.get(pk=alice.pk))

    assert not AuditEntry.objects.filter(verb__endswith=".exported").exists()


def test_file_is_to_be_saved(told: People, client: Client) -> None:  # case 124
    client.force_login(told.who["patient"])

    response = client.post(PATH)

    held = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert "index.html" in held.namelist()
    assert response.headers["Content-Disposition"] == 'attachment; filename="my-data.zip"'
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get(PATH).status_code == 405


def test_file_too_often(told: People, client: Client) -> None:
    client.force_login(told.who["other_patient"])

    with override_settings(ACCOUNT_RATE_LIMITS={"take_away": "1/h/key"}):
        answers = [client.post(PATH).status_code for _time in range(2)]

    assert answers == [200, 429]


def test_file_from_elsewhere(told: People) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(told.who["patient"])

    assert client.post(PATH).status_code == 403
    assert not AuditEntry.objects.filter(verb__endswith=".exported").exists()
