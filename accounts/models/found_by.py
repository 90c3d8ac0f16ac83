"""By what a patient is found beside what is written down of him: neither can be read back into what it was made of."""

import re
import unicodedata

from django.conf import settings
from django.utils.crypto import salted_hmac

NO_PART_OF_A_NUMBER = re.compile(r"[\s./-]")
SPELT_OUT = {"ae": "a", "oe": "o", "ue": "u"}
"""Müller, Mueller and Muller are one name as far as we are concerned."""


def insurance_digest(number: str) -> str:
    """A keyed hash (HMAC-SHA256, hexadecimal) of an insurance number however it is spaced; empty for none.

    The key is made of AUDIT_KEY, which is not in the database and never rotated: SECRET_KEY and FIELD_ENCRYPTION_KEYS
    may be, and then no number would be found any more.
    """
    plain = NO_PART_OF_A_NUMBER.sub("", unicodedata.normalize("NFKC", number)).upper()
    if not plain:
        return ""
    return salted_hmac("accounts.insurance", plain, secret=settings.AUDIT_KEY, algorithm="sha256").hexdigest()


def name_key(*names: str) -> str:
    """One form for all ways to write a name: no accents, case, hyphens or order (``Jörg Müller-Lüd`` and
    ``mueller lud, JOERG`` are ``jorg lud muller``). At most 200 characters."""
    letters = unicodedata.normalize("NFKD", " ".join(names).casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for spelt, letter in SPELT_OUT.items():
        letters = letters.replace(spelt, letter)
    words = re.sub(r"['’`]", "", letters)
    return " ".join(sorted(re.findall(r"\w+", words)))[:200]
