"""What administrators write of doctors."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin.forms import VerbForm
from clinic import doctors
from clinic.models import Doctor


class CommaSeparatedField(forms.CharField):
    """A list of words; written with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        """The list as a line."""
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The line as a list."""
        return [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]


class DoctorForm(VerbForm):
    """Writes a doctor's profile."""

    languages = CommaSeparatedField(
        label=_("Languages"), required=False, max_length=300, help_text=_("With commas between them: German, English.")
    )

    def call(self) -> Doctor:
        """The verb for profiles."""
        return doctors.set_profile(self.instance, by=self.by, today=self.now.date(), **self.lists())


class EnteringForm(DoctorForm):
    """Enters a doctor: somebody who has an account, or somebody new, who gets one and is invited to it."""

    email = forms.EmailField(label=_("Email"), max_length=254, required=False)
    first_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].required = False

    def clean(self) -> dict[str, Any]:
        """One of the two, and whole."""
        if self.cleaned_data.get("user"):
            for name in doctors.WHO:
                if self.cleaned_data.get(name):
                    self.add_error(name, _("Leave this empty, or choose nobody who has an account."))
        elif "user" in self.cleaned_data:
            for name in doctors.WHO:
                if name in self.cleaned_data and not self.cleaned_data[name]:
                    self.add_error(name, _("This field is required for somebody who has no account."))
        return super().clean()

    def call(self) -> Doctor:
        """The verb for profiles, or that which makes the account, too."""
        if self.cleaned_data["user"]:
            return super().call()
        told = {name: getattr(self.instance, name) for name in doctors.PROFILE}
        person = {name: self.cleaned_data[name] for name in doctors.WHO}
        return doctors.onboard(by=self.by, now=self.now, **person, **told, **self.lists())


class CopyWeekForm(forms.Form):
    """To whom."""

    to = forms.ModelChoiceField(
        Doctor.objects.public().select_related("user").order_by("user__last_name", "user__first_name"),
        label=_("To this doctor"),
    )
