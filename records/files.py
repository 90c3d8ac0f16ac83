"""Files as strangers send them: what they are is judged by what they hold, never by their name or claimed type.

Pictures are drawn anew, so that only their pixels survive. A PDF is kept as it is, and is only ever handed out to be
saved, never shown by the site (``docs/security.md``).
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from records.models import FileKind

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a file sent in."""
MOST_PIXELS = 25_000_000
"""Width times height of a picture that is looked at."""
LONGEST_NAME = 100
PICTURES = {"JPEG": FileKind.JPEG, "PNG": FileKind.PNG}
ENDINGS = {FileKind.PDF: ".pdf", FileKind.JPEG: ".jpg", FileKind.PNG: ".png"}
NO_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\"*:<>?|]")
"""Characters that no file's name has: line breaks, marks that turn the reading around, and what some systems forbid."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept of a file."""

    name: str
    kind: FileKind
    data: bytes


def judged(upload: "File[bytes]", name: str = "") -> Content:
    """``upload`` as it is kept, under a name made of ``name`` (else its own) that is safe everywhere.

    ValidationError at ``file``: ``empty_file``, ``file_too_large`` (bytes or pixels), ``bad_file`` (no PDF, JPEG or
    PNG, or a broken one).
    """
    if not upload.size:
        raise _refusal("empty_file", _("This file is empty."))
    if upload.size > LARGEST_FILE:
        raise _refusal(
            "file_too_large", _("Choose a file of at most %(size)d MB.") % {"size": LARGEST_FILE // (1024 * 1024)}
        )
    upload.seek(0)
    data = upload.read()
    if _is_pdf(data):
        kind = FileKind.PDF
    else:
        kind, data = _redrawn(data)
    return Content(safe_name(name or upload.name or "", kind), kind, data)


def safe_name(name: str, kind: FileKind) -> str:
    """The last part of ``name``, without what a path, a header or a page could be made of, with its kind's ending."""
    last = PurePosixPath(NO_NAME.sub(" ", name.replace("\\", "/")).replace("\x00", "")).name
    stem = " ".join(last.split())
    for ending in (*ENDINGS.values(), ".jpeg"):
        stem = stem.removesuffix(ending).removesuffix(ending.upper())
    stem = stem.strip(" .")[:LONGEST_NAME]
    return (stem or "file") + ENDINGS[kind]


def _is_pdf(data: bytes) -> bool:
    """ISO 32000-2, 7.5.2 and 7.5.5: a header at the very start, and the end's mark in the last kilobyte."""
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-1024:]


def _redrawn(data: bytes) -> tuple[FileKind, bytes]:
    with _strangers_file():
        picture = Image.open(io.BytesIO(data), formats=tuple(PICTURES))
    # Known from the file's first bytes: nothing has been unpacked yet.
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    kept = io.BytesIO()
    with picture, _strangers_file():
        # A camera's JPEG may have more pictures behind the first one; Pillow calls that MPO.
        known_as = "PNG" if picture.format == "PNG" else "JPEG"
        ImageOps.exif_transpose(picture, in_place=True)
        # What Pillow knows beside the pixels would be written again with them.
        sheet = picture.convert(_mode_of(picture, known_as))
        sheet.info.clear()
        picture.close()  # now, for the memory
        sheet.save(kept, known_as, **({"quality": 90} if known_as == "JPEG" else {"optimize": False}))
    return PICTURES[known_as], kept.getvalue()


def _mode_of(picture: Image.Image, known_as: str) -> str:
    """With as many channels as are needed: an X-ray has one, and would be three times as large with more."""
    if known_as == "JPEG":
        return "L" if picture.mode == "L" else "RGB"
    if picture.mode.startswith("I"):
        # 16 bits of grey, which Pillow would cut off at 255 on the way to any other mode.
        return "I;16"
    if picture.has_transparency_data:
        return "RGBA"
    return {"1": "L", "L": "L"}.get(picture.mode, "RGB")


@contextmanager
def _strangers_file() -> Iterator[None]:
    """Turn what Pillow trips over into a refusal: which errors a broken file brings about, nobody promises."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        raise _refusal("bad_file", _("Choose a PDF, or a picture (JPEG or PNG) that can be read.")) from error


def _too_many_pixels() -> ValidationError:
    most = MOST_PIXELS // 1_000_000
    return _refusal("file_too_large", _("Choose a picture of at most %(most)s million pixels.") % {"most": most})


def _refusal(code: str, message: str) -> ValidationError:
    return ValidationError({"file": ValidationError(message, code=code)})
