"""Fields that take what the schema says and nothing else.

DRF's own are generous: they make text of numbers, and days of week dates. A client that sends the wrong type has a bug,
and is better told than guessed at.
"""

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from accounts import registration

PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class TextOnly(serializers.CharField):
    """The part that refuses every type but text; mix it in before the field."""

    def to_internal_value(self, data: Any) -> Any:
        """The text, unchanged but for what the field itself does to it."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Text(TextOnly):
    """A string."""


class Email(TextOnly, serializers.EmailField):
    """An e-mail address, of at most 254 characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254} | options)
        self.validators.append(registration.one_line)


class Password(TextOnly):
    """A password, taken as it was typed: leading blanks and all."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {"trim_whitespace": False, "write_only": True, "style": {"input_type": "password"}}
        super().__init__(**usual | options)


class Code(TextOnly):
    """A code of a second factor."""

    def __init__(self, **options: Any) -> None:
        told = _("Of your authenticator app, or a recovery code; asked for if the account has a second factor.")
        usual: dict[str, Any] = {"max_length": 64, "required": False, "allow_blank": True, "help_text": told}
        super().__init__(**usual | options)


class Phone(TextOnly, PhoneNumberField):
    """A telephone number, with its country's code or in the notation of PHONE_REGION."""


class Day(serializers.DateField):
    """A calendar day, YYYY-MM-DD and no other of ISO 8601's notations."""

    default_error_messages = {"invalid": _("Enter a day as YYYY-MM-DD.")}

    def to_internal_value(self, value: Any) -> date:
        """The day."""
        if not isinstance(value, str) or not PLAIN_DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


class Truth(serializers.BooleanField):
    """True or false, as JSON has them; not their names, nor numbers."""

    def to_internal_value(self, data: Any) -> bool:
        """The truth."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumber(serializers.IntegerField):
    """An integer, as JSON has them: no text, no fraction, no truth."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)
