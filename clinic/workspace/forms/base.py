"""What the forms are made of."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

END_BEFORE_START = gettext_lazy("An end before the start lies on the next day.")


class DayInput(forms.DateInput):
    """A day, by the browser's own picker."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    """A time of day in whole minutes, likewise."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class Refusable(forms.BaseForm):
    """Shows what a verb refused at its fields; ``called`` says which field asks for what the verb calls otherwise."""

    called: dict[str, str] = {}

    def refuse(self, error: ValidationError) -> None:
        """Add the verb's refusal to the form's errors."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            field = self.called.get(name, name)
            self.add_error(field if field in self.fields else None, errors)
