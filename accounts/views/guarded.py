"""What opens an account is changed by whoever has just shown who he is: his address, and a first password.

allauth asks for the password, or for a second factor, before an address is changed. Who has neither, because a provider
lets him in, must have come from there a short while ago.
"""

from typing import Any

from allauth.account.views import EmailView, PasswordSetView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from accounts.social.adapter import COME_AGAIN, came_lately


class _Guarded(View):
    """Takes a form of whoever came lately; mix it in before the page."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the page does; or the page again, which tells to come again."""
        if not came_lately(request):
            messages.error(request, COME_AGAIN)
            return HttpResponseRedirect(request.path)
        response: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]  # the page has it
        return response


class Address(_Guarded, EmailView):
    """allauth's page for one's address."""


class FirstPassword(_Guarded, PasswordSetView):
    """allauth's page for a first password."""
