"""allauth.mfa's pages where ours differ."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect

from accounts import second_factor
from accounts.second_factor.forms import SetUpAppForm


class SetUpApp(ActivateTOTPView):
    """An authenticator app, whose first code counts once as every other does."""

    @transaction.atomic
    def form_valid(self, form: SetUpAppForm) -> HttpResponse:
        """Keep it."""
        response: HttpResponse = super().form_valid(form)
        second_factor.mark_spent(self.request.user, form.counter)
        return response


class RemovePasskey(RemoveWebAuthnView):
    """A passkey goes, unless the role needs it."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, or say why not."""
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
            return HttpResponseRedirect(self.get_success_url())
        response: HttpResponse = super().form_valid(form)
        return response
