"""What has been chosen so far at the desk: who, with whom, when. It stands in the address, as ids and times alone."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.admin.base import actor
from accounts.models import Patient
from clinic import instants
from clinic.models import Doctor, Site, Specialty, VisitType


class Moment(forms.CharField):
    """An instant in an address, where a ``+`` may have become a blank."""

    def to_python(self, value: Any) -> Any:
        """In UTC; a day by itself is refused."""
        text = super().to_python(value)
        if not text:
            return None
        moment = instants.parse_moment(text)
        if not isinstance(moment, datetime):
            raise ValidationError("a day", code="bad_instant")
        return moment


class AddressForm(forms.Form):
    """What an address can say; what it says wrongly is as if it said nothing."""

    patient = forms.ModelChoiceField(Patient.objects.none(), required=False)
    doctor = forms.ModelChoiceField(Doctor.objects.none(), required=False)
    visit_type = forms.ModelChoiceField(VisitType.objects.none(), required=False)
    site = forms.ModelChoiceField(Site.objects.public(), required=False)
    specialty = forms.ModelChoiceField(Specialty.objects.public(), required=False)
    starts_at = Moment(required=False)
    day = forms.DateField(required=False)
    status = forms.ChoiceField(choices=[("all", "all")], required=False)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET)
        by = actor(request)
        known: dict[str, Any] = {
            "patient": Patient.objects.visible_to(by),
            "doctor": Doctor.objects.public().select_related("user"),
            "visit_type": VisitType.objects.visible_to(by),
        }
        for name, rows in known.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Choice:
    """What has been chosen, and where to look for the rest."""

    patient: Patient | None = None
    doctor: Doctor | None = None
    visit_type: VisitType | None = None
    site: Site | None = None
    specialty: Specialty | None = None
    starts_at: datetime | None = None
    day: date | None = None
    status: str = ""

    @classmethod
    def read(cls, request: HttpRequest) -> "Choice":
        """What the address says."""
        form = AddressForm(request)
        form.is_valid()
        return cls(**{name: value for name, value in form.cleaned_data.items() if value})

    @property
    def wants_all(self) -> bool:
        """Whether times that are not free are to be shown too."""
        return self.status == "all"

    def but(self, **changes: Any) -> "Choice":
        """The same but for ``changes``."""
        return replace(self, **changes)

    def query(self) -> str:
        """The address' query that says this: ``patient=…&doctor=…``."""
        said = {
            "patient": self.patient and self.patient.pk,
            "doctor": self.doctor and self.doctor.pk,
            "visit_type": self.visit_type and self.visit_type.pk,
            "site": self.site and self.site.pk,
            "specialty": self.specialty and self.specialty.pk,
            "starts_at": self.starts_at and f"{self.starts_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "day": self.day,
            "status": self.status,
        }
        return urlencode({name: str(value) for name, value in said.items() if value})

    @property
    def elsewhen(self) -> str:
        """The query for another time."""
        return self.but(starts_at=None).query()

    @property
    def somebody_else(self) -> str:
        """The query for another patient."""
        return self.but(patient=None).query()
