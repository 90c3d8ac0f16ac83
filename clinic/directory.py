"""Who can be seen for what: doctors by what a patient would say, and the visit that it means."""

from collections.abc import Callable

from django.db.models import Q

from clinic.models import Doctor, VisitType
from clinic.models.doctor import DoctorQuerySet

MOST_WORDS = 6
"""More make no search any better."""
LONG = 4
"""Shorter words ("my", "the") mean nothing by themselves."""


def doctors_for(words: str, *, name: str = "") -> DoctorQuerySet:
    """The doctors whom a patient may book, with what their card shows.

    ``words`` are a specialty, a department, what it is about, a visit or a name, in any order; ``name`` is the
    doctor's. If no doctor answers to all words, those who answer to any longer one.
    """
    shown = Doctor.objects.bookable_online().select_related("user").prefetch_related("specialties", "visit_types")
    shown = _all(shown, name, _is_called)
    exact = _all(shown, words, _answers_to)
    longer = [word for word in _split(words) if len(word) >= LONG]
    if not longer or len(_split(words)) == 1 or exact.exists():
        return exact
    any_word = Q()
    for word in longer:
        any_word |= _answers_to(word)
    return shown.filter(any_word)


def matching(doctors: DoctorQuerySet, words: str) -> DoctorQuerySet:
    """Those of ``doctors`` who answer to every one of ``words``."""
    return _all(doctors, words, _answers_to)


def visit_for(doctor: Doctor, words: str) -> VisitType | None:
    """The visit that ``words`` mean with this doctor, else the shortest that patients may book, else None."""
    offered = [kind for kind in doctor.visit_types.all() if kind.online_bookable]
    said, parts = " ".join(words.lower().split()), _split(words)

    def far(kind: VisitType) -> tuple[bool, bool, int, str]:
        name = kind.name.lower()
        return name != said, not (parts and all(part in name for part in parts)), kind.minutes, name

    return min(offered, key=far, default=None)


def _split(words: str) -> list[str]:
    return [word.strip(".,;:!?") for word in words.lower().split()][:MOST_WORDS]


def _all(doctors: DoctorQuerySet, words: str, question: Callable[[str], Q]) -> DoctorQuerySet:
    for word in _split(words):
        doctors = doctors.filter(question(word))
    return doctors


def _is_called(word: str) -> Q:
    return Q(user__first_name__icontains=word) | Q(user__last_name__icontains=word) | Q(title__icontains=word)


def _answers_to(word: str) -> Q:
    says = (
        _is_called(word)
        | Q(specialties__name__icontains=word)
        | Q(departments__name__icontains=word, departments__is_active=True)
        | Q(departments__description__icontains=word, departments__is_active=True)
        | Q(visit_types__name__icontains=word, visit_types__online_bookable=True)
    )
    # A query of its own: joins of several words would multiply the rows.
    return Q(pk__in=Doctor.objects.filter(says).values("pk"))
