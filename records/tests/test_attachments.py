"""Files beside records: what is taken, how it is kept, and who may add one."""

import io
from array import array
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts import key_rotation
from accounts.models import AuditEntry, Patient
from clinic.models import Doctor
from records import access, attachments, files
from records.models import Attachment, FileKind, MedicalRecord
from records.tests.actors import LATER, WRITERS, People
from records.tests.factories import book, make_record

PDF = b"%PDF-1.7\n1 0 obj <</CNRY (knee)>> endobj\ntrailer <<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.STORAGES = settings.STORAGES | {
        "records": {"BACKEND": "records.storage.Kept", "OPTIONS": {"location": tmp_path / "records"}}
    }
    return tmp_path / "records"


@pytest.fixture
def record(alice: Patient, dr_chen: Doctor) -> MedicalRecord:
    return make_record(book(dr_chen, alice))


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 6), **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(made, kind, **options)
    return made.getvalue()


def upload(data: bytes, name: str = "CNRY knee.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def add(record: MedicalRecord, data: bytes = PDF, name: str = "CNRY knee.pdf") -> Attachment:
    return attachments.add(record, upload=upload(data, name), by=record.doctor.user, now=LATER)


def test_add_keeps_it_encrypted_and_gives_it_back(record: MedicalRecord, folder: Path) -> None:  # case 154
    added = add(record)

    opened = access.open_attachment(added.pk, by=record.chart.patient.user, now=LATER)
    assert attachments.content(opened) == PDF
    assert (opened.name, opened.kind, opened.size) == ("CNRY knee.pdf", FileKind.PDF, len(PDF))
    [kept] = folder.rglob("*")
    assert b"CNRY" not in kept.read_bytes()
    assert "knee" not in kept.name
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert AuditEntry.objects.filter(verb="records.attachment.added", object_id=str(added.pk)).exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_add_draws_pictures_anew(kind: str, record: MedicalRecord) -> None:  # case 154
    exif = Image.Exif()
    exif[0x010E] = "CNRY place"

    added = add(record, picture(kind, exif=exif) + b"<script>alert(1)</script>", "x.html")

    data = attachments.content(added)
    assert b"script" not in data
    assert b"CNRY" not in data
    assert Image.open(io.BytesIO(data)).size == (8, 6)
    assert added.name == ("x.html.png" if kind == "PNG" else "x.html.jpg")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_file"),
        (b"MZ\x90\x00", "bad_file"),
        (b"%PDF-1.7 and nothing more", "bad_file"),
        (b"GIF89a" + b"\x00" * 20, "bad_file"),
        (picture()[:40], "bad_file"),
        (b"%PDF-1.7" + b"\x00" * files.LARGEST_FILE + b"%%EOF", "file_too_large"),
    ],
    ids=["empty", "svg", "program", "cut pdf", "gif", "cut picture", "huge"],
)
def test_add_what_is_not_taken(data: bytes, code: str, record: MedicalRecord, folder: Path) -> None:  # case 154, 156
    with pytest.raises(ValidationError) as refused:
        add(record, data, "scan.pdf")

    assert [one.code for one in refused.value.error_dict["file"]] == [code]
    assert not Attachment.objects.exists()
    assert not list(folder.rglob("*"))


def test_add_keeps_all_shades_of_grey(record: MedicalRecord) -> None:
    made, shades = io.BytesIO(), [number * 256 + 7 for number in range(256)]
    Image.frombytes("I;16", (256, 1), array("H", shades).tobytes()).save(made, "PNG")

    kept = Image.open(io.BytesIO(attachments.content(add(record, made.getvalue(), "x-ray.png"))))

    assert (kept.mode, [kept.getpixel((number, 0)) for number in range(256)]) == ("I;16", shades)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_add_pictures_of_all_modes(mode: str, record: MedicalRecord) -> None:
    made = io.BytesIO()
    Image.new(mode, (9, 5), 1 if mode in "1P" else None).save(made, "PNG")

    added = add(record, made.getvalue(), "scan.png")

    assert Image.open(io.BytesIO(attachments.content(added))).size == (9, 5)


def test_add_a_camera_s_jpeg_with_more_pictures_behind(record: MedicalRecord) -> None:
    made, first = io.BytesIO(), Image.new("RGB", (8, 6), "red")
    first.save(made, "MPO", save_all=True, append_images=[Image.new("RGB", (4, 3))])

    added = add(record, made.getvalue(), "wound.jpg")

    kept = Image.open(io.BytesIO(attachments.content(added)))
    assert (added.kind, kept.format, kept.size) == (FileKind.JPEG, "JPEG", (8, 6))


def test_add_a_bomb(record: MedicalRecord, monkeypatch: pytest.MonkeyPatch) -> None:  # case 156
    monkeypatch.setattr(files, "MOST_PIXELS", 1_000_000)

    with pytest.raises(ValidationError) as refused:
        add(record, picture(size=(2000, 2000)), "bomb.png")

    assert refused.value.error_dict["file"][0].code == "file_too_large"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("..\\..\\boot.ini", "boot.ini.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie x=1.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("...", "file.pdf"),
        ("x" * 300 + ".PDF", "x" * 100 + ".pdf"),
        ("Befund Müller.pdf", "Befund Müller.pdf"),
    ],
)
def test_name_is_safe_everywhere(name: str, kept: str) -> None:  # case 154
    assert files.safe_name(name, FileKind.PDF) == kept


def test_add_one_too_many(record: MedicalRecord, monkeypatch: pytest.MonkeyPatch) -> None:  # case 156
    monkeypatch.setattr(attachments, "MOST_FILES", 1)
    add(record)

    with pytest.raises(ValidationError) as refused:
        add(record)

    assert refused.value.code == "too_many_files"


def test_add_by_everybody(people: People) -> None:  # case 136
    added = set()
    for name, user in people.who.items():
        try:
            attachments.add(people.record, upload=upload(PDF), by=user, now=LATER)
        except PermissionDenied:
            continue
        added.add(name)

    assert added == WRITERS


def test_nothing_stays_when_it_cannot_be_written_down(
    record: MedicalRecord, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments.audit, "record", lambda *_a, **_n: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        add(record)

    assert not Attachment.objects.exists()
    assert not list(folder.rglob("*"))


@pytest.mark.django_db(transaction=True)
def test_keys_rotate(alice: Patient, dr_chen: Doctor, settings: Any) -> None:
    added = add(make_record(book(dr_chen, alice)))
    old, new = settings.FIELD_ENCRYPTION_KEYS, Fernet.generate_key().decode()
    before = storages["records"].open(added.stored_as).read()

    settings.FIELD_ENCRYPTION_KEYS = [new, *old]
    key_rotation.reseal()
    settings.FIELD_ENCRYPTION_KEYS = [new]

    row = Attachment.objects.get()
    assert (attachments.content(row), row.name) == (PDF, "CNRY knee.pdf")
    assert storages["records"].open(row.stored_as).read() != before
    assert MedicalRecord.objects.get().notes == "CNRY-notes"


@pytest.mark.django_db(transaction=True)
def test_rotation_goes_on_after_a_lost_file(record: MedicalRecord, settings: Any) -> None:
    some = [add(record) for _ in range(3)]
    for one in sorted(some, key=lambda file: file.pk)[:1]:
        storages["records"].delete(one.stored_as)
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]

    key_rotation.reseal()

    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert [attachments.content(one) for one in sorted(some, key=lambda file: file.pk)[1:]] == [PDF, PDF]
