"""What the forms are made of."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from accounts.inputs import tell

END_BEFORE_START = gettext_lazy("An end before the start lies on the next day.")


class Refusable(forms.BaseForm):
    """Shows what a verb refused at its fields; ``called`` says which field asks for what the verb calls otherwise."""

    called: dict[str, str] = {}

    def refuse(self, error: ValidationError) -> None:
        """Add the verb's refusal to the form's errors."""
        tell(self, error, called=self.called)
