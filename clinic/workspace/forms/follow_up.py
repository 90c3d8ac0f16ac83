"""The next visit of a doctor's own patient."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.inputs import DayInput
from accounts.models import Patient, User
from clinic import booking
from clinic.forms import InstantField
from clinic.models import Appointment, Doctor, VisitType


class FollowUpSearch(forms.Form):
    """Which kind of visit, and from which day on."""

    visit_type = forms.ModelChoiceField(
        label=gettext_lazy("Kind of visit"), queryset=VisitType.objects.none(), required=False, empty_label=None
    )
    day = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput())

    def __init__(self, *args: Any, kinds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_type"].queryset = kinds  # type: ignore[attr-defined]


class FollowUpForm(forms.Form):
    """One free time of the doctor's own, for a patient of his."""

    visit_type = forms.ModelChoiceField(queryset=VisitType.objects.none(), required=False)
    starts_at = InstantField()

    def __init__(self, *args: Any, kinds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visit_type"].queryset = kinds  # type: ignore[attr-defined]

    def write(self, doctor: Doctor, patient: Patient, *, by: User, now: datetime) -> Appointment:
        """:func:`clinic.booking.book`."""
        return booking.book(doctor=doctor, patient=patient, by=by, now=now, **self.cleaned_data)
