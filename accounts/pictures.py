"""Pictures of people: whatever is sent in, what is kept was drawn here.

A file is judged by what it holds, never by its name or by the type its sender claims. Only its pixels survive: no
place, no date, no comment, and nothing that is also a web page or a program.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes that a picture sent in may have."""
MOST_PIXELS = 25_000_000
"""Width times height that are looked at: a small file may claim to be a picture that fills the memory."""
EDGE = 512
"""Pixels that the longer edge of a picture kept has at most."""
FORMATS = ("JPEG", "PNG", "WEBP")
CONTENT_TYPE = "image/jpeg"
"""What pictures are kept as."""
WHITE = (255, 255, 255)


def redrawn(upload: "File[bytes]") -> "ContentFile[bytes]":
    """``upload`` as a JPEG of at most EDGE by EDGE pixels, upright, without metadata, under a random name.

    ValidationError at ``picture``: ``empty_picture``, ``picture_too_large`` (bytes or pixels), ``not_a_picture`` (no
    JPEG, PNG or WebP, or a broken one).
    """
    if not upload.size:
        raise _refusal("empty_picture", _("This file is empty."))
    if upload.size > LARGEST_FILE:
        megabytes = LARGEST_FILE // (1024 * 1024)
        raise _refusal(
            "picture_too_large", _("Choose a picture of at most %(megabytes)s MB.") % {"megabytes": megabytes}
        )
    with _strangers_file():
        upload.seek(0)
        picture = Image.open(upload, formats=FORMATS)
    # Known from the file's first bytes: nothing has been unpacked yet.
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    kept = io.BytesIO()
    with picture, _strangers_file():
        _drawn(picture).save(kept, "JPEG", quality=85, optimize=True)
    return ContentFile(kept.getvalue(), name=f"{uuid4().hex}.jpg")


def _drawn(picture: Image.Image) -> Image.Image:
    """The pixels alone, on a new sheet: what Pillow knows beside them would be written again with the old one."""
    picture.draft("RGB", (2 * EDGE, 2 * EDGE))
    picture.thumbnail((EDGE, EDGE))
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    sheet = Image.new("RGB", upright.size, WHITE)
    sheet.paste(upright, mask=upright)
    return sheet


@contextmanager
def _strangers_file() -> Iterator[None]:
    """Turn what Pillow trips over into a refusal: which errors a broken file brings about, nobody promises."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_many_pixels() from error
    except Exception as error:
        raise _refusal(
            "not_a_picture", _("This is no picture that we can read. Choose a JPEG, PNG or WebP.")
        ) from error


def _too_many_pixels() -> ValidationError:
    most = MOST_PIXELS // 1_000_000
    return _refusal("picture_too_large", _("Choose a picture of at most %(most)s million pixels.") % {"most": most})


def _refusal(code: str, message: str) -> ValidationError:
    return ValidationError({"picture": ValidationError(message, code=code)})
