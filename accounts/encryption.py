"""Columns that the database holds encrypted.

Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec) under ``FIELD_ENCRYPTION_KEYS``: the first key
writes, every key reads, so keys can be rotated. A value that no key opens raises ``cryptography.fernet.InvalidToken``;
it is never shown as it stands.
"""

from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])


def seal(text: str) -> str:
    """``text`` encrypted, for a place other than a column, such as a session. Empty text stays empty."""
    return _cipher().encrypt(text.encode()).decode() if text else text


def unseal(sealed: str) -> str:
    """What :func:`seal` was given."""
    return _cipher().decrypt(sealed.encode()).decode() if sealed else sealed


def seal_bytes(data: bytes) -> bytes:
    """``data`` encrypted, for a file. It is a third longer, and all of it is in memory."""
    return _cipher().encrypt(data)


def unseal_bytes(sealed: bytes) -> bytes:
    """What :func:`seal_bytes` was given."""
    return _cipher().decrypt(sealed)


if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


class EncryptedTextField(TextField):
    """Text, encrypted at rest. Empty text stays empty. It cannot be searched or ordered by."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in."""
        return _cipher().encrypt(str(value).encode()).decode() if value else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """Decrypt on the way out."""
        return _cipher().decrypt(value.encode()).decode() if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse every comparison with a value (FieldError): equal texts have different ciphertexts."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: only its absence can be asked for (isnull), not its value.")
        return super().get_lookup(lookup_name)
