"""Finding a patient by what he says on the telephone: a name, a number, a day."""

import re
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.models.found_by import insurance_digest
from accounts.models.patient import PatientQuerySet
from accounts.searched import words_of

ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})")
NOBODY = Q(pk__in=[])
NUMBER = re.compile(r"[+(\d][\d\s()/.-]{2,}")


def matching(patients: PatientQuerySet, words: str, *, by_insurance: bool = False) -> PatientQuerySet:
    """Those of ``patients`` whom ``words`` describe: all of the words, in first and last name; or a telephone number,
    or part of one, however it is spaced; or a date of birth (``1980-05-03``, ``3.5.1980``, ``3/5/1980``).

    A date in the same line as a name narrows it. ``by_insurance``, which is for staff alone, finds him whose insurance
    number it is, too: the whole of it.
    """
    words = words.replace("\x00", " ").strip()
    described = _described_by(words)
    if by_insurance and (digest := insurance_digest(words)):
        described |= Q(insurance_digest=digest)
    return patients.filter(described)


def understood(words: str) -> dict[str, Any]:
    """What ``words`` say of somebody who is not here yet, by the names of Patient's fields: a date of birth, a
    telephone number, a number with letters (the insurance's), a first name and a last name."""
    said: dict[str, Any] = {}
    words = words.replace("\x00", " ").strip()
    for pattern in (ISO, DAY_FIRST):
        if found := pattern.search(words):
            if born := _day(found):
                said["date_of_birth"] = born
            words = words.replace(found.group(), " ").strip()
    if NUMBER.fullmatch(words):
        return said | {"phone": words}
    if any(letter.isdigit() for letter in words):
        return said | {"insurance_number": words}
    first, _blank, last = words.rpartition(" ")
    return said | ({"first_name": first.strip().title(), "last_name": last.title()} if words else {})


def _described_by(words: str) -> Q:
    asked = Q()
    for pattern in (ISO, DAY_FIRST):
        if found := pattern.search(words):
            born = _day(found)
            asked &= Q(date_of_birth=born) if born else NOBODY
            words = words.replace(found.group(), " ").strip()
    if NUMBER.fullmatch(words):
        # Stored as +49301234567; said as 030 1234567.
        digits = re.sub(r"\D", "", words).lstrip("0")
        return asked & (Q(phone__contains=digits) if digits else NOBODY)
    for word in words_of(words):
        asked &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return asked


def _day(found: re.Match[str]) -> date | None:
    """The day that was meant; None for one that no calendar has."""
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
