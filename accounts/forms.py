"""Forms about people."""

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import people
from accounts.models import User


class PersonForm(forms.Form):
    """What a newcomer tells beside address and password; allauth's sign-up form is built on it."""

    first_name = forms.CharField(
        label=_("First name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )

    field_order = ("first_name", "last_name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth when the user is saved."""
        people.become_patient(user)
