"""allauth.mfa's forms, stricter: codes count once, guesses count by account, and passkeys may be sent by strangers."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import registration, second_factor

LONGEST_CODE = 64
"""Characters, blanks and dashes included."""
LONGEST_CREDENTIAL = 65_536
NONSENSE = (ValidationError, ValueError, TypeError, LookupError, AttributeError, AssertionError, NotImplementedError)
"""What the library raises for credentials that no browser makes, and for those that are not good."""


class _Code(forms.Form):
    """Takes a code of ``self.user``."""

    user: Any
    code = forms.CharField(
        label=_("Code"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """The code, if it was good; it is good no more."""
        adapter = get_adapter()
        if not adapter.may_guess(self.user):
            raise adapter.too_many_guesses()
        code: str = self.cleaned_data["code"]
        self.spend(code)
        adapter.forget_guesses(self.user)
        return code

    def spend(self, code: str) -> None:
        """ValidationError unless the code is good."""
        raise NotImplementedError


class _SpentCode(_Code):
    """Takes a code of what is set up already; ``self.authenticator`` tells of what."""

    def spend(self, code: str) -> None:
        found = second_factor.spend(self.user, code, now=timezone.now())
        if found is None:
            self._tell_of_failure()
            raise get_adapter().validation_error("incorrect_code")
        found.user = self.user
        self.authenticator = found

    def _tell_of_failure(self) -> None:
        if (first := second_factor.answers_codes(self.user)) is not None:
            self._emit_authentication_failed(first)  # type: ignore[attr-defined]  # allauth's forms have it
        else:
            second_factor.note_wrong_code(self.user)


class SignInForm(_SpentCode, base.AuthenticateForm):
    """The second step of signing in."""


class ConfirmForm(_SpentCode, base.ReauthenticateForm):
    """Signed in, and asked once more."""


class SetUpAppForm(_Code, totp.ActivateTOTPForm):
    """The first code of a new authenticator app; ``self.counter`` is its step."""

    def spend(self, code: str) -> None:
        totp.validate_can_add_authenticator(self.user)
        counter = second_factor.counter_of(self.secret, code, now=timezone.now())
        if counter is None:
            raise get_adapter().validation_error("incorrect_code")
        self.counter = counter


class Credential(forms.JSONField):
    """What the browser's script sends. It is ASCII without escapes, or it is not of that script's making."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """The object; a refusal for all that no database would take, or no stack."""
        if isinstance(value, str) and (len(value) > LONGEST_CREDENTIAL or not value.isascii() or "\\" in value):
            raise get_adapter().validation_error("incorrect_passkey")
        try:
            return super().to_python(value)
        except RecursionError as nested:
            raise get_adapter().validation_error("incorrect_passkey") from nested

    def bound_data(self, data: Any, initial: Any) -> Any:
        """None: what was sent is not shown again, and not read for that."""

    def prepare_value(self, value: Any) -> str:
        """Nothing to show."""
        return ""


def key_name() -> forms.CharField:
    """The field for what a passkey is called."""
    help_text = _("So that you can tell it from others: My phone, Key on my key ring.")
    return forms.CharField(
        label=_("Name"), max_length=60, required=False, validators=[registration.one_line], help_text=help_text
    )


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A new passkey."""

    name = key_name()
    credential = Credential()
    passwordless = forms.BooleanField(
        label=_("Use it instead of the password, too"),
        required=False,
        initial=True,
        help_text=_("It then asks for your fingerprint, face or PIN. Not every key can do that."),
    )
    field_order = ("name", "passwordless", "credential")

    def clean(self) -> dict[str, Any]:
        """ValidationError unless the key has answered what we asked."""
        try:
            told: dict[str, Any] = super().clean()
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_passkey") from error
        return told


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for it."""

    name = key_name()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class _Passkey(forms.Form):
    """Takes a passkey's answer of ``self.user``, or of whomever it says that it is of."""

    user: Any
    credential = Credential()
    proves_two_things = False

    def clean_credential(self) -> Authenticator:
        """The passkey."""
        try:
            return self._proved(self.cleaned_data["credential"])
        except ValidationError:
            second_factor.note_wrong_code(self.user)
            raise

    def _proved(self, answer: dict[str, Any]) -> Authenticator:
        try:
            parsed = auth.parse_authentication_response(answer)
            user = self.user or auth.extract_user_from_response(answer)
            found: Authenticator = auth.complete_authentication(user, answer)
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_passkey") from error
        # What we asked for is kept in the session, where another page may have asked for less meanwhile: a key that
        # somebody has found would do without its PIN.
        if self.proves_two_things and not parsed.response.authenticator_data.is_user_verified():
            raise get_adapter().validation_error("incorrect_passkey")
        return found


class PasskeyForm(_Passkey, webauthn.AuthenticateWebAuthnForm):
    """The second step of signing in."""


class PasskeyInsteadForm(_Passkey, webauthn.LoginWebAuthnForm):
    """Both steps in one: the key itself, and what unlocks it."""

    proves_two_things = True


class ConfirmByPasskeyForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    """Signed in, and asked once more."""
