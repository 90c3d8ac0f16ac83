"""Pictures of people."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from accounts import pictures, profile
from accounts.models import AuditEntry, User
from accounts.tests.factories import make_user

SECRET = b"Musterstrasse 7"
HTML = b"<script>alert(document.domain)</script>"


@pytest.fixture(autouse=True)
def disk(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def drawn(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: object) -> bytes:
    sheet = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else 0).save(sheet, kind, **more)
    return sheet.getvalue()


def sent(content: bytes, name: str = "me.png") -> "ContentFile[bytes]":
    return ContentFile(content, name)


def huge_png(width: int, height: int) -> bytes:
    """A few bytes that say they are a picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def files(disk: Path) -> list[Path]:
    return [path for path in disk.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("name", ["me.png", "me.php", "../../me.html", "me"])
def test_redrawn_goes_by_what_a_file_holds(kind: str, name: str) -> None:
    kept = pictures.redrawn(sent(drawn(kind), name))

    picture = Image.open(kept)
    assert picture.format == "JPEG"
    assert picture.size == (60, 40)
    assert Path(str(kept.name)).suffix == ".jpg"
    assert len(Path(str(kept.name)).stem) == 32


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_redrawn_takes_every_sort_of_pixel(mode: str) -> None:
    kept = pictures.redrawn(sent(drawn("JPEG" if mode == "CMYK" else "PNG", mode=mode)))

    assert Image.open(kept).mode == "RGB"


def test_redrawn_makes_it_small() -> None:
    kept = pictures.redrawn(sent(drawn("JPEG", (4000, 3000))))

    assert Image.open(kept).size == (512, 384)


def test_redrawn_turns_it_upright_and_drops_what_it_tells() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"

    kept = pictures.redrawn(sent(drawn("JPEG", exif=exif, comment=SECRET, icc_profile=SECRET)))

    picture = Image.open(kept)
    assert picture.size == (40, 60)
    assert not picture.getexif()
    assert SECRET not in kept.read()
    assert {"comment", "icc_profile"}.isdisjoint(picture.info)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?php system($_GET['c']); ?>",
        b"<html><body>" + HTML,
        b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        b"%PDF-1.7\n" + HTML,
        b"GIF89a" + HTML,
        b"\x89PNG\r\n\x1a\n" + HTML,
        b"\xff\xd8\xff\xe0" + HTML,
        b"\x00" * 100,
        b"PK\x03\x04" + b"\0" * 50,
    ],
)
def test_redrawn_when_it_is_no_picture(content: bytes) -> None:
    # case 154
    with pytest.raises(ValidationError) as refusal:
        pictures.redrawn(sent(content))

    assert refusal.value.error_dict["picture"][0].code == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_redrawn_when_it_is_cut_off(kind: str) -> None:
    # case 156
    whole = drawn(kind, (300, 200))

    with pytest.raises(ValidationError) as refusal:
        pictures.redrawn(sent(whole[: len(whole) // 2]))

    assert refusal.value.error_dict["picture"][0].code == "not_a_picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_redrawn_leaves_nothing_of_a_page_within(kind: str) -> None:
    # case 154
    kept = pictures.redrawn(sent(drawn(kind) + HTML))

    assert HTML not in kept.read()


def test_redrawn_when_it_is_empty() -> None:
    # case 156
    with pytest.raises(ValidationError) as refusal:
        pictures.redrawn(sent(b""))

    assert refusal.value.error_dict["picture"][0].code == "empty_picture"


def test_redrawn_when_it_has_too_many_bytes() -> None:
    # case 156
    with pytest.raises(ValidationError) as refusal:
        pictures.redrawn(sent(drawn() + b"\0" * pictures.LARGEST_FILE))

    assert refusal.value.error_dict["picture"][0].code == "picture_too_large"


@pytest.mark.parametrize("size", [(50_000, 50_000), (10_000, 10_000), (1, 100_000_000), (2**31 - 1, 2**31 - 1)])
def test_redrawn_when_it_would_fill_the_memory(size: tuple[int, int]) -> None:
    # case 156
    with pytest.raises(ValidationError) as refusal:
        pictures.redrawn(sent(huge_png(*size)))

    assert refusal.value.error_dict["picture"][0].code == "picture_too_large"


# --- Kept for somebody ------------------------------------------------------------------------------------------------


@pytest.fixture
def alice() -> User:
    return make_user(first_name="Alice")


@pytest.mark.django_db(transaction=True)
def test_set_picture_puts_it_in_place_of_the_one_before(alice: User, disk: Path) -> None:
    before = profile.set_picture(alice, sent(drawn()), by=alice).picture.name

    profile.set_picture(alice, sent(drawn()), by=alice)

    alice.refresh_from_db()
    assert alice.picture.name != before
    assert files(disk) == [disk / str(alice.picture.name)]
    assert AuditEntry.objects.filter(verb="accounts.user.picture_changed", actor=alice.pk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_remove_picture_removes_the_file(alice: User, disk: Path) -> None:
    profile.set_picture(alice, sent(drawn()), by=alice)

    profile.remove_picture(alice, by=alice)
    profile.remove_picture(alice, by=alice)

    alice.refresh_from_db()
    assert not alice.picture
    assert files(disk) == []
    assert AuditEntry.objects.filter(verb="accounts.user.picture_removed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_set_picture_when_it_is_refused(alice: User, disk: Path) -> None:
    # case 156
    before = profile.set_picture(alice, sent(drawn()), by=alice).picture.name

    with pytest.raises(ValidationError):
        profile.set_picture(alice, sent(b"no picture"), by=alice)

    alice.refresh_from_db()
    assert files(disk) == [disk / str(before)]
    assert alice.picture.name == before


@pytest.mark.django_db(transaction=True)
def test_set_picture_when_it_is_somebody_else(alice: User, disk: Path) -> None:
    profile.set_picture(alice, sent(drawn()), by=alice)
    before = files(disk)
    mallory = make_user()

    with pytest.raises(PermissionDenied):
        profile.set_picture(alice, sent(drawn()), by=mallory)
    with pytest.raises(PermissionDenied):
        profile.remove_picture(alice, by=mallory)

    assert files(disk) == before


@pytest.mark.django_db(transaction=True)
def test_set_picture_when_the_database_fails(alice: User, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(profile.audit, "record", fail)

    with pytest.raises(RuntimeError):
        profile.set_picture(alice, sent(drawn()), by=alice)

    alice.refresh_from_db()
    assert not alice.picture
    assert files(disk) == []
