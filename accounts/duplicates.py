"""Whether somebody who is to be registered is here already: the desk is shown whom it may be, and decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import Patient, User
from accounts.models.found_by import insurance_digest, name_key
from accounts.registration import normal_address

MOST = 10
"""Likenesses that are shown; who has more of them looks for the person by hand."""
LOOKED_AT = 200
"""Rows that are compared at the most: a name or a telephone number that so many share tells nobody apart."""
WEIGHTS = {"insurance_number": 8, "name": 4, "date_of_birth": 3, "phone": 2, "email": 2, "last_name": 1}


@dataclass(frozen=True, slots=True)
class Likeness:
    """A patient who may be the same person; ``alike`` are names of WEIGHTS, what weighs most first."""

    patient: Patient
    alike: tuple[str, ...]

    @property
    def weight(self) -> int:
        """How much speaks for it."""
        return sum(WEIGHTS[name] for name in self.alike)


def possible(details: Mapping[str, Any], *, by: User) -> list[Likeness]:
    """The patients who may be the one of ``details`` (fields of Patient, any may be missing), the likeliest first.

    One who has the same insurance number, telephone number, address or name however it is written, or the same last
    name and date of birth. For staff; PermissionDenied for anybody else.
    """
    if not by.is_active or not by.is_staff:
        raise PermissionDenied
    said = _Said.of(details)
    rows = Patient.objects.visible_to(by).filter(said.question()).select_related("user").order_by("pk")
    # The number itself is not needed, and to open it takes time.
    likely = [said.compared_with(patient) for patient in rows.defer("insurance_number")[:LOOKED_AT]]
    order = sorted(likely, key=lambda one: (-one.weight, one.patient.last_name, one.patient.first_name))
    return order[:MOST]


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of the newcomer, in the forms in which it is compared."""

    name: str
    last_name: str
    date_of_birth: Any
    phone: str
    email: str
    insurance: str

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "_Said":
        # No database takes a NUL.
        texts = ("first_name", "last_name", "phone", "email", "insurance_number")
        first, last, phone, email, number = (str(details.get(name) or "").replace("\x00", "") for name in texts)
        return cls(
            name=name_key(first, last) if first.strip() and last.strip() else "",
            last_name=name_key(last),
            date_of_birth=details.get("date_of_birth"),
            phone=phone,
            email=normal_address(email),
            insurance=insurance_digest(number),
        )

    def question(self) -> Q:
        """Whom to compare with, by what there is an index for."""
        asked = Q(pk__in=[])
        if self.insurance:
            asked |= Q(insurance_digest=self.insurance)
        if self.name:
            asked |= Q(name_key=self.name)
        if self.phone:
            asked |= Q(phone=self.phone)
        if self.email:
            asked |= Q(email=self.email)
        if self.date_of_birth and self.last_name:
            # The key has all names in the order of the alphabet: a first name may stand between two last ones.
            words = [Q(name_key__contains=word) for word in self.last_name.split()]
            asked |= Q(*words, date_of_birth=self.date_of_birth)
        return asked

    def compared_with(self, patient: Patient) -> Likeness:
        """In what the two are alike."""
        is_named_so = bool(self.name) and patient.name_key == self.name
        born = self.date_of_birth is not None and patient.date_of_birth == self.date_of_birth
        alike = {
            "insurance_number": bool(self.insurance) and patient.insurance_digest == self.insurance,
            "name": is_named_so,
            "date_of_birth": born,
            "phone": bool(self.phone) and str(patient.phone) == self.phone,
            "email": bool(self.email) and normal_address(patient.email) == self.email,
            "last_name": bool(self.last_name) and not is_named_so and name_key(patient.last_name) == self.last_name,
        }
        return Likeness(patient, tuple(name for name in WEIGHTS if alike[name]))
