"""Forms about one's own account."""

from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm, BaseConfirmCodeForm
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from accounts import address_change, pictures, profile
from accounts.forms import NamesForm
from accounts.inputs import DayInput
from accounts.models import User
from accounts.models.patient import ReminderChannel
from accounts.registration import one_line


class AddressForm(AddEmailForm):
    """allauth's form for another address. One that somebody has is answered like a free one; its owner is mailed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email address")

    def save(self, request: HttpRequest) -> EmailAddress:
        """Mail a code to the address, or tell whoever has it."""
        email = self.cleaned_data["email"]
        if address_change.is_open(email, to=self.user):
            address: EmailAddress = super().save(request)
            return address
        state = EmailVerificationProcess.initial_state(self.user, email) | {"account_already_exists": True}
        process = EmailVerificationProcess(request=request, user=self.user, state=state)
        process.generate_code()
        process.send()
        process.persist()
        return EmailAddress(email=email)


class CodeForm(BaseConfirmCodeForm):
    """allauth's form for a mailed code. For an address that somebody else has, no code is right."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user", None)
        self.email = kwargs.pop("email", "")
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """The code, if it is the right one."""
        code: str = super().clean_code()
        if self.user is None or not address_change.is_open(self.email, to=self.user):
            raise get_adapter().validation_error("incorrect_code")
        return code


class ProfileForm(NamesForm):
    """One's own details. Whoever is no patient has no fields for what only patients have."""

    phone = PhoneNumberField(
        label=_("Phone"), required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    date_of_birth = forms.DateField(
        label=_("Date of birth"),
        required=False,
        widget=DayInput({"autocomplete": "bday"}),
    )
    insurance_provider = forms.CharField(
        label=_("Insurance"),
        max_length=100,
        required=False,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    insurance_number = forms.CharField(
        label=_("Insurance number"),
        max_length=100,
        required=False,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    emergency_contact = forms.CharField(
        label=_("Whom to call in an emergency"),
        max_length=200,
        required=False,
        validators=[one_line],
        help_text=_("Name and telephone number"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reminder_channel = forms.ChoiceField(label=_("Remind me of visits"), choices=ReminderChannel.choices)

    def __init__(self, data: QueryDict | None = None, *, user: User) -> None:
        self.user = user
        kept = profile.details_of(user)
        super().__init__(data, initial=kept)
        # A choice of one is none.
        asked = set(kept) if len(settings.LANGUAGES) > 1 else set(kept) - {"language"}
        for name in set(self.fields) - asked:
            del self.fields[name]

    def save(self, *, now: datetime) -> bool:
        """:func:`accounts.profile.update`; False if it refused, and the fields tell why."""
        try:
            profile.update(self.user, by=self.user, now=now, **self.cleaned_data)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return False
        return True


class PictureForm(forms.Form):
    """One's own picture."""

    picture = forms.FileField(
        label=_("A picture of you"),
        help_text=_("JPEG, PNG or WebP, at most 5 MB. We keep a small copy, without the place and time it was taken."),
        widget=forms.FileInput(attrs={"accept": ",".join(f"image/{name.lower()}" for name in pictures.FORMATS)}),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def save(self) -> bool:
        """:func:`accounts.profile.set_picture`; False if it refused, and the field tells why."""
        try:
            profile.set_picture(self.user, self.cleaned_data["picture"], by=self.user)
        except ValidationError as refusal:
            self.add_error(None, refusal)
            return False
        return True
