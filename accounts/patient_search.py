"""Finding a patient by what he says on the telephone: a name, a number, a day."""

import re
from datetime import date

from django.db.models import Q

from accounts.models.patient import PatientQuerySet
from accounts.searched import words_of

ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})")
NUMBER = re.compile(r"[+(\d][\d\s()/.-]{2,}")


def matching(patients: PatientQuerySet, words: str) -> PatientQuerySet:
    """Those of ``patients`` whom ``words`` describe: all of the words, in first and last name; or a telephone number,
    or part of one, however it is spaced; or a date of birth (``1980-05-03``, ``3.5.1980``, ``3/5/1980``).

    A date in the same line as a name narrows it.
    """
    words = words.replace("\x00", " ").strip()
    for pattern in (ISO, DAY_FIRST):
        if found := pattern.search(words):
            born = _day(found)
            patients = patients.filter(date_of_birth=born) if born else patients.none()
            words = words.replace(found.group(), " ").strip()
    if NUMBER.fullmatch(words):
        # Stored as +49301234567; said as 030 1234567.
        digits = re.sub(r"\D", "", words).lstrip("0")
        return patients.filter(phone__contains=digits) if digits else patients.none()
    for word in words_of(words):
        patients = patients.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return patients


def _day(found: re.Match[str]) -> date | None:
    """The day that was meant; None for one that no calendar has."""
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
