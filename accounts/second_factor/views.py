"""allauth.mfa's pages where ours differ."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from accounts import second_factor
from accounts.second_factor.forms import SetUpAppForm
from accounts.social.adapter import COME_AGAIN, came_lately


class _ForWhoCameLately:
    """allauth asks for the password, or a factor, before one is added. Who has neither, because a provider lets him in,
    must have come from there a short while ago: else whoever sits down at his browser has a way in of his own.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set up a factor, or be told to sign in once more."""
        if request.user.is_authenticated and not came_lately(request):
            messages.error(request, COME_AGAIN)
            return redirect("mfa_index")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # a view's
        return response


class AddPasskey(_ForWhoCameLately, AddWebAuthnView):
    """A passkey."""


class SetUpApp(_ForWhoCameLately, ActivateTOTPView):
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
