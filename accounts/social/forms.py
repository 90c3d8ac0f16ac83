"""Forms about identities at providers."""

from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.forms import DisconnectForm
from allauth.socialaccount.models import SocialLogin
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import identities, registration
from accounts.forms import NamesForm


class SocialSignUpForm(NamesForm):
    """What a provider did not tell of a newcomer. An address that it vouches for is not asked for, nor changed."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        validators=[registration.one_line],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send a code to it."),
    )

    def __init__(self, *args: Any, sociallogin: SocialLogin, **kwargs: Any) -> None:
        self.sociallogin = sociallogin
        told = get_adapter().get_signup_form_initial_data(sociallogin)
        super().__init__(*args, **kwargs | {"initial": told})
        if any(address.verified is True for address in sociallogin.email_addresses):
            self.proved = told["email"]
            del self.fields["email"]

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """The answer to the newcomer, who is registered by it, or not."""
        told = {"email": getattr(self, "proved", "")} | self.cleaned_data
        return None, get_adapter().welcome(request, self.sociallogin, **told)


class UnlinkForm(DisconnectForm):
    """Which identity shall open the account no more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].widget = forms.HiddenInput()

    def connected(self) -> list[dict[str, Any]]:
        """What opens the account now: ``account``, and the ``name`` of its provider."""
        name = get_adapter().provider_name
        return [{"account": account, "name": name(account)} for account in self.accounts]

    def clean(self) -> dict[str, Any]:
        """Ask for the password, unless he gave it a short while ago; refuse to take the last way in."""
        raise_if_reauthentication_required(self.request, app="allauth.socialaccount")
        told: dict[str, Any] = super().clean()
        return told

    def save(self) -> None:
        """Take it away. Of two that are sent at once, the second may find that it would take the last way in."""
        account = self.cleaned_data["account"]
        try:
            identities.unlink(account, by=self.request.user)
        except ValidationError as refusal:
            get_adapter().say_no(self.request, refusal)
        else:
            get_adapter().say_gone(self.request, account)
