"""Reading bodies. In a module of its own: DRF loads it while its own views are loading."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEEPEST = 20
"""Levels of nesting; no endpoint wants more than three."""


class TooLarge(APIException):
    """413."""

    status_code = 413
    default_code = "too_large"


class JSONParser(BaseParser):
    """Strict JSON (RFC 8259) in UTF-8, of bounded size and depth. Of a name that comes twice the last counts.

    DRF's own reads a body of any size, fails on deep nesting, and decodes with whatever codec the sender names.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """What the body says. 413 if it is larger than DATA_UPLOAD_MAX_MEMORY_SIZE, 400 if it is not JSON."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            raw = stream.read(limit + 1)
            if len(raw) > limit:
                raise TooLarge(_("The body is too large."))
            said = json.loads(raw.decode(), parse_constant=_refuse)
        # ValueError: no UTF-8, no JSON, or a number of too many digits.
        except (ValueError, RecursionError, UnreadablePostError) as error:
            raise ParseError(_("The body is not JSON in UTF-8.")) from error
        if _is_too_deep(said):
            raise ParseError(_("The body is nested too deeply."))
        return said


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_too_deep(said: Any) -> bool:
    level = [said]
    for _step in range(DEEPEST):
        inner = [part for part in level if isinstance(part, dict | list)]
        if not inner:
            return False
        level = [child for part in inner for child in (part.values() if isinstance(part, dict) else part)]
    return True
