"""What forms are made of, in the portal and in the admin."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


class DayInput(forms.DateInput):
    """A day, by the browser's own picker: no script, and good on a telephone."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """A time of day in whole minutes, likewise."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def tell(form: forms.BaseForm, refusal: ValidationError, *, called: Mapping[str, str] | None = None) -> None:
    """Add a verb's refusal to the form: at the fields that it names and the form has, else above them.

    ``called`` says which field asks for what the verb calls otherwise.
    """
    by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {NON_FIELD_ERRORS: refusal.error_list}
    for name, errors in by_field.items():
        field = (called or {}).get(name, name)
        for error in errors:
            form.add_error(field if field in form.fields else None, error)
