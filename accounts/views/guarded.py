"""What opens an account is changed by whoever has just shown who he is: his address, and a first password.

allauth asks for the password, or for a second factor, before an address is changed. Who has neither, because a provider
lets him in, must have come from there a short while ago.
"""

from typing import Any

from allauth.account.views import EmailView, PasswordSetView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.social.adapter import COME_AGAIN, came_lately


class Address(EmailView):
    """allauth's page for one's address."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for another address."""
        if not came_lately(request):
            messages.error(request, COME_AGAIN)
            return HttpResponseRedirect(request.path)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class FirstPassword(PasswordSetView):
    """allauth's page for a first password."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Set it."""
        if not came_lately(request):
            messages.error(request, COME_AGAIN)
            return HttpResponseRedirect(request.path)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response
