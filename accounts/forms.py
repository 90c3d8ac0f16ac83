"""Forms about people."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import claims, mailed_links, new_passwords, registration
from accounts.models import User


class NamesForm(forms.Form):
    """What somebody is called; mix it in before the form that asks for more."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=100,
        validators=[registration.one_line],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=100,
        validators=[registration.one_line],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )


class SignUpForm(NamesForm, SignupForm):
    """allauth's sign-up, with the names, ending in our verb."""

    field_order = ("first_name", "last_name", "email", "password1")

    def clean(self) -> dict[str, Any]:
        """Refuse also a password that is made of the names, which allauth does not look at."""
        told = super().clean() or {}
        if {"email", "first_name", "last_name", "password1"} <= told.keys():
            names = {name: told[name] for name in ("email", "first_name", "last_name")}
            try:
                registration.check_password(told["password1"], **names)
            except ValidationError as refusal:
                self.add_error("password1", refusal.messages)
        return told

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new user; or, if the address is known, none and the same answer, while its owner is mailed."""
        told = self.cleaned_data
        user = registration.sign_up(
            email=told["email"],
            password=told["password1"],
            first_name=told["first_name"],
            last_name=told["last_name"],
            now=timezone.now(),
            in_session=True,
        )
        if user is not None:
            return user, None
        self.account_already_exists = True
        known: tuple[None, HttpResponse] = super().try_save(request)
        return known


class BornForm(forms.Form):
    """The date of birth, behind an invitation from the desk."""

    date_of_birth = forms.DateField(
        label=_("Date of birth"), widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"})
    )

    def save(self, token: str, *, now: datetime) -> str:
        """:func:`accounts.claims.prove`."""
        return claims.prove(token, self.cleaned_data["date_of_birth"], now=now)


class ForgottenPasswordForm(ResetPasswordForm):
    """allauth's form, ending in our verb: it looks nobody up before, and works as hard for an address that is none."""

    def clean_email(self) -> str:
        """The address in our one form."""
        email: str = get_adapter().clean_email(self.cleaned_data["email"])
        return email

    def save(self, request: HttpRequest, **_options: Any) -> str:
        """Mail the link to whoever owns the address."""
        email: str = self.cleaned_data["email"]
        mailed_links.write_to(email)
        return email


class NewPasswordForm(ResetPasswordKeyForm):
    """allauth's form behind a mailed link, ending in our verb."""

    def save(self) -> None:
        """Set the password; whoever has the link has the address."""
        new_passwords.choose(self.user, self.cleaned_data["password1"], now=timezone.now())
