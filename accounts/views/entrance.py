"""Signing in and signing up inside another page.

allauth's own views do the work: its forms, rate limits, protection against guessing who has an account, and the code by
e-mail are in force. Only where they lead is different: back to the page that asked, until somebody is signed in.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EmailVerificationProcess
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.account.views import ConfirmEmailVerificationCodeView, LoginView, SignupView
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

ACTION = "enter"
"""The name of the button that says what a form on the page is for."""
SIGN_IN, SIGN_UP, CODE, START_OVER = "sign-in", "sign-up", "code", "start-over"
ELSEWHERE = ("account_login", "account_signup", "account_email_verification_sent")
"""allauth's pages for what happens on this page here."""


class _Here:
    """Ends on the page itself, whatever ``next`` says, and shows both forms."""

    here = ""

    def get_success_url(self) -> str:
        return self.here

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            "sign_in_form": SignInHere().get_form_class()(),
            "sign_up_form": SignUpHere().get_form_class()(),
        } | context


class SignInHere(_Here, LoginView):
    """allauth's sign-in."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Its form under a name of its own."""
        context = super().get_context_data(**kwargs)
        return context | {"sign_in_form": context["form"]}


class SignUpHere(_Here, SignupView):
    """allauth's sign-up."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Its form under a name of its own."""
        context = super().get_context_data(**kwargs)
        return context | {"sign_up_form": context["form"]}


class CodeHere(_Here, ConfirmEmailVerificationCodeView):
    """allauth's page for the code that was mailed; its context has ``verify_form``."""


def awaits_code(request: HttpRequest) -> bool:
    """Whether this session has given an address and not yet the code that was mailed to it."""
    process = EmailVerificationProcess.resume(request)
    if process is None:
        return False
    # An address that is known already gets no code; the page must not show that.
    pretends = "user_id" not in process.state
    return pretends or LoginStageController.enter(request, EmailVerificationStage.key) is not None


def enter(request: HttpRequest, *, template_name: str, here: str, context: Mapping[str, Any]) -> HttpResponseBase:
    """Answer a stranger with a page, drawn from ``template_name``, that lets him in without leaving ``here``.

    The template gets ``context``, and either ``verify_form``, ``email`` and ``can_resend`` (a code is awaited), or
    ``sign_in_form`` and ``sign_up_form``. Its buttons are named ``enter`` and say ``sign-in``, ``sign-up``, ``code``
    (with an ``action`` of allauth's) or ``start-over``. Once the stranger is let in, he is redirected ``here``.
    """
    action = request.POST.get(ACTION, "")
    if action == START_OVER:
        process = EmailVerificationProcess.resume(request)
        if process is not None:
            process.abort()
        return HttpResponseRedirect(here)
    # With two tabs open a form may arrive that this page, as it stands now, would not show.
    expected = (CODE,) if awaits_code(request) else (SIGN_IN, SIGN_UP)
    if request.method == "POST" and action not in expected:
        return HttpResponseRedirect(here)
    view: Any = CodeHere if CODE in expected else SignUpHere if action == SIGN_UP else SignInHere
    response = view.as_view(template_name=template_name, here=here, extra_context=context)(request)
    return _stay(request, response, here)


def _stay(request: HttpRequest, response: HttpResponseBase, here: str) -> HttpResponseBase:
    """Redirects to allauth's pages lead here instead; a code asked for too often is a message, not the end."""
    if response.status_code == 429 and request.POST.get(ACTION) == CODE:
        adapter = get_adapter(request)
        adapter.add_message(request, messages.ERROR, message=adapter.error_messages["rate_limited"])
        return HttpResponseRedirect(here)
    if isinstance(response, HttpResponseRedirect) and urlsplit(response.url).path in map(reverse, ELSEWHERE):
        return HttpResponseRedirect(here)
    return response


def allows(request: HttpRequest, action: str) -> bool:
    """Whether whoever asks may do ``action`` once more, by ACCOUNT_RATE_LIMITS; it counts as done."""
    return bool(ratelimit.consume(request, action=action))
