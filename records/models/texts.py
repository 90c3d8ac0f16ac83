"""Clinical text: what it may hold, and that it is encrypted."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from accounts.encryption import EncryptedTextField

LONGEST = 20_000
"""Characters of one field."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that nobody types; new lines and tabs are none of them."""


def no_control_characters(text: str) -> None:
    """ValidationError (``control_characters``) for text with characters that cannot be printed."""
    if CONTROL.search(text):
        raise ValidationError(_("There are characters in this text that cannot be printed."), "control_characters")


def says_something(text: str) -> bool:
    """Whether there is anything in ``text`` that can be seen."""
    return any(one.isprintable() and not one.isspace() for one in text)


class ClinicalTextField(EncryptedTextField):
    """Text about somebody's health: encrypted at rest, at most LONGEST characters, no control characters."""

    default_validators = [no_control_characters, MaxLengthValidator(LONGEST)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"blank": True} | kwargs))
