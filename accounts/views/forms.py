"""Forms about one's own account."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import AddEmailForm, BaseConfirmCodeForm
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts import address_change


class AddressForm(AddEmailForm):
    """allauth's form for another address. One that somebody has is answered like a free one; its owner is mailed."""

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
