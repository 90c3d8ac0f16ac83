"""Who can be seen for what: doctors by what a patient would say, and the visit that it means."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db.models import Q

from accounts.searched import words_of
from clinic.models import Department, Doctor, Mode, Site, Specialty, VisitType
from clinic.models.doctor import DoctorQuerySet

LONG = 4
"""Shorter words ("my", "the") mean nothing by themselves."""


def doctors_for(words: str, *, name: str = "") -> DoctorQuerySet:
    """The doctors whom a patient may book.

    ``words`` are a specialty, a department, what it is about, a visit or a name, in any order; ``name`` is the
    doctor's. If no doctor answers to all words, those who answer to any longer one.
    """
    shown = Doctor.objects.bookable_online().select_related("user")
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


def listed(
    *,
    name: str = "",
    specialty: Specialty | None = None,
    department: Department | None = None,
    site: Site | None = None,
    language: str = "",
) -> DoctorQuerySet:
    """The doctors in the directory to whom all of it applies, whether they take bookings at present or not."""
    found = _all(Doctor.objects.public().select_related("user"), name, _is_called)
    if specialty:
        found = found.filter(specialties=specialty)
    if department:
        found = found.of(department.pk)
    if site:
        found = found.at(site.pk)
    return found.speaking(language) if language else found


def languages() -> list[str]:
    """Those that the doctors in the directory speak, in the alphabet's order. One query."""
    spoken = Doctor.objects.public().order_by().values_list("languages", flat=True)
    return sorted({language for each in spoken for language in each})


def visits_for(doctors: Collection[Doctor], words: str) -> dict[UUID, VisitType | None]:
    """By doctor id the visit that ``words`` mean with him, else the shortest that patients may book, else None.

    Nobody is offered a call or a video unless he asks for it or there is nothing else. Two queries.
    """
    order = {kind.pk: (_far_from(words, kind), kind) for kind in VisitType.objects.public()}
    found: dict[UUID, VisitType | None] = dict.fromkeys([doctor.pk for doctor in doctors])
    offered = Doctor.visit_types.through.objects.filter(doctor__in=doctors).values_list("doctor_id", "visittype_id")
    for doctor, visit in offered:
        best = found[doctor]
        if visit in order and (best is None or order[visit][0] < order[best.pk][0]):
            found[doctor] = order[visit][1]
    return found


def _far_from(words: str, kind: VisitType) -> tuple[bool, bool, bool, int, str]:
    name, said, parts = kind.name.lower(), " ".join(words.lower().split()), _split(words)
    is_meant = bool(parts) and all(part in name for part in parts)
    return name != said, not is_meant, kind.mode != Mode.IN_PERSON, kind.minutes, name


def _split(words: str) -> list[str]:
    return [word.strip(".,;:!?") for word in words_of(words.lower())]


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
