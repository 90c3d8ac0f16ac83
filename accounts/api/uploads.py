"""Reading forms that bring a file along."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser

from accounts.pictures import LARGEST_FILE

ROOM_FOR_THE_REST = 256 * 1024
"""Bytes that the other fields and the form's own lines may have."""


class TooLarge(APIException):
    """413."""

    status_code = 413
    default_code = "too_large"
    default_detail = _("The body is too large.")


class PictureForm(MultiPartParser):
    """A form with a picture. One that is too large is refused before it is read, and fills no disk."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The fields and the file; 413 by the length that the request claims, which is all of it that is read."""
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LARGEST_FILE + ROOM_FOR_THE_REST:
            raise TooLarge
        return super().parse(stream, media_type, parser_context)
