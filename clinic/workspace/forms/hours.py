"""Weekly hours."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.inputs import ClockInput, DayInput
from accounts.models import User
from clinic import availability
from clinic.models import Doctor, Site, WeeklyHours
from clinic.models.hours import Weekday
from clinic.workspace.forms.base import END_BEFORE_START, Refusable
from clinic.workspace.places import sites_of


class HoursForm(Refusable, forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """Hours of each week, new or changed."""

    class Meta:
        model = WeeklyHours
        fields = ("weekday", "starts", "ends", "site", "slot_minutes", "valid_from", "valid_until")
        widgets = {
            "starts": ClockInput(),
            "ends": ClockInput(),
            "valid_from": DayInput(),
            "valid_until": DayInput(),
        }
        labels = {
            "weekday": gettext_lazy("Day"),
            "site": gettext_lazy("Place"),
            "starts": gettext_lazy("From"),
            "ends": gettext_lazy("To"),
            "slot_minutes": gettext_lazy("Minutes for a visit"),
            "valid_from": gettext_lazy("First day"),
            "valid_until": gettext_lazy("Last day"),
        }
        help_texts = {
            "ends": END_BEFORE_START,
            "slot_minutes": gettext_lazy("Visits begin so many minutes apart; 10 to 240."),
            "valid_from": gettext_lazy("Empty: since ever."),
            "valid_until": gettext_lazy("Empty: until further notice."),
        }

    def __init__(self, *args: Any, doctor: Doctor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.doctor = doctor
        self.fields["weekday"].choices = Weekday.choices  # type: ignore[attr-defined]
        self.fields["site"].queryset = Site.objects.public()  # type: ignore[attr-defined]
        self.fields["site"].empty_label = None  # type: ignore[attr-defined]
        if self.instance._state.adding:
            known = sites_of(doctor)
            self.initial = {"site": known[0].pk if known else None, "slot_minutes": 30, "weekday": 0} | dict(
                self.initial
            )

    def validate_constraints(self) -> None:
        """Nothing: the verb asks them all, and the model's ``clean`` says at the fields what a person gets wrong."""

    def write(self, *, by: User, now: datetime) -> WeeklyHours:
        """:func:`clinic.availability.set_hours`."""
        return availability.set_hours(self.instance, by=by, now=now)


class CopyForm(Refusable, forms.Form):
    """One day's hours for other days too."""

    weekday = forms.TypedChoiceField(label=gettext_lazy("Copy"), coerce=int)
    to = forms.TypedMultipleChoiceField(
        label=gettext_lazy("To"),
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "What stands on these days now is replaced. Visits that then lie outside are listed to be moved, and the"
            " patients are told."
        ),
        error_messages={"required": gettext_lazy("Choose at least one day.")},
    )

    def __init__(self, *args: Any, worked: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = set(worked)
        self.fields["weekday"].choices = [  # type: ignore[attr-defined]
            (day, name) for day, name in Weekday.choices if day in days
        ]

    def clean_to(self) -> list[int]:
        """Any days but the one that is copied."""
        chosen: list[int] = self.cleaned_data["to"]
        if self.cleaned_data.get("weekday") in chosen:
            raise ValidationError(_("A day cannot be copied to itself."), code="same_day")
        return chosen

    def write(self, doctor: Doctor, *, by: User, now: datetime) -> list[WeeklyHours]:
        """:func:`clinic.availability.copy_day`."""
        return availability.copy_day(doctor, self.cleaned_data["weekday"], self.cleaned_data["to"], by=by, now=now)
