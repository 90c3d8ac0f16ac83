"""Where allauth.socialaccount asks us, and what becomes of somebody whom a provider sent back."""

import time
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.signup import prevent_enumeration
from allauth.account.signals import user_logged_in
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.core.internal.httpkit import add_query_params
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.internal.flows.signup import complete_social_signup
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess, Provider
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts import identities, registration
from accounts.identities import Identity
from accounts.models import User

LONGEST_NAME = 100
APP = "allauth.socialaccount"
COME_AGAIN = _lazy("For this you must have signed in just now. Please sign out, sign in and try again.")


class SocialAdapter(DefaultSocialAccountAdapter):
    """allauth.socialaccount, with the providers of the settings alone, ending in our verbs."""

    # allauth looks first, and has a sentence of its own.
    error_messages = DefaultSocialAccountAdapter.error_messages | {"no_password": identities.LAST_WAY_IN}

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The providers that the environment names. allauth would ask the database too, on each page."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A provider says who this is. Its token is forgotten; somebody signed in who wants to add it is served."""
        sociallogin.token = None
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise ImmediateHttpResponse(connect(request, sociallogin))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Provider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """One who turned back at the provider is brought to where he came from: he may be in the middle of booking."""
        next_url = ((extra_context or {}).get("state") or {}).get("next")
        if error == AuthError.CANCELLED and next_url:
            messages.info(request, _("You turned back at the other site. Nothing was changed."))
            raise ImmediateHttpResponse(redirect(next_url))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """False if we must ask a newcomer for his name or address; else he is welcomed, and allauth goes no further."""
        told = self.get_signup_form_initial_data(sociallogin)
        if not _is_whole(told):
            return False
        raise ImmediateHttpResponse(self.welcome(request, sociallogin, **told))

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, str]:
        """What the provider tells of a newcomer: ``email``, ``first_name``, ``last_name``."""
        email = sociallogin.email_addresses[0].email if sociallogin.email_addresses else ""
        names = {name: str(getattr(sociallogin.user, name) or "").strip() for name in ("first_name", "last_name")}
        return {"email": email} | names

    def welcome(
        self, request: HttpRequest, sociallogin: SocialLogin, *, email: str, first_name: str, last_name: str
    ) -> HttpResponse:
        """Register a newcomer, and sign him in once his address is proved.

        If somebody else has the address, we say so only if the provider vouches for it; else everything looks as it
        does for a stranger, while the owner is mailed.
        """
        limited: HttpResponse | None = ratelimit.consume_or_429(request, action="signup")
        if limited is not None:
            return limited
        email = registration.normal_address(email)
        is_proved = email in vouched_for(sociallogin)
        arrival = identities.register(
            identity_of(sociallogin),
            email=email,
            is_proved=is_proved,
            first_name=first_name,
            last_name=last_name,
            now=timezone.now(),
        )
        if arrival is None and not is_proved:
            pretended: HttpResponse = prevent_enumeration(request, email=email)
            return pretended
        if arrival is None:
            return _known(request, sociallogin)
        if arrival.has_replaced and is_proved:
            messages.info(
                request,
                _("Somebody had signed up with your email address before and never confirmed it. That is deleted."),
            )
        sociallogin.user = arrival.user
        response: HttpResponse = complete_social_signup(request, sociallogin)
        return response

    def validate_disconnect(self, account: SocialAccount, accounts: Any) -> None:
        """Refuse to take the last way in, and anything from somebody who came a while ago and has no password."""
        identities.check_may_go(account)
        if not came_lately(context.request):
            raise ValidationError(COME_AGAIN, code="come_again")

    def provider_name(self, account: SocialAccount) -> str:
        """What people call the provider; its key in the settings, if it is in them no more."""
        try:
            return str(account.get_provider().name)
        except SocialApp.DoesNotExist:
            return str(account.provider)

    def say_no(self, request: HttpRequest, refusal: ValidationError) -> None:
        """An identity stays."""
        messages.error(request, refusal.messages[0])

    def say_gone(self, request: HttpRequest, account: SocialAccount) -> None:
        """An identity is gone, which its owner is told by mail too, if mails about such things are sent."""
        name = self.provider_name(account)
        messages.success(request, _("You can no longer sign in with %(provider)s.") % {"provider": name})
        facts = {"provider": name, "account": account}
        get_account_adapter().send_notification_mail("socialaccount/email/account_disconnected", request.user, facts)


def identity_of(sociallogin: SocialLogin) -> Identity:
    """Who the provider says that this is."""
    account = sociallogin.account
    return Identity(account.provider, account.uid, str(account.extra_data.get("username", "")))


def vouched_for(sociallogin: SocialLogin) -> set[str]:
    """The addresses, in our one form, of which the provider says that they are his."""
    return {registration.normal_address(found.email) for found in sociallogin.email_addresses if found.verified is True}


def connect(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """Add the identity to the account of who is signed in, after he has shown once more that it is he."""
    if not request.user.is_authenticated:
        return redirect("socialaccount_connections")
    try:
        reauthentication.raise_if_reauthentication_required(request, app=APP)
    except ReauthenticationRequired:
        asked: HttpResponse = reauthentication.stash_and_reauthenticate(
            request, sociallogin.serialize(), "accounts.social.adapter.resume_connecting"
        )
        return asked
    if not came_lately(request):
        messages.error(request, COME_AGAIN)
        return redirect("socialaccount_connections")
    try:
        identities.link(identity_of(sociallogin), to=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        told = {"provider": sociallogin.provider.name}
        messages.success(request, _("You can now sign in with %(provider)s.") % told)
        get_account_adapter().send_notification_mail("socialaccount/email/account_connected", request.user, told)
    return redirect("socialaccount_connections")


def resume_connecting(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    """Go on where :func:`connect` asked for the password."""
    return connect(request, SocialLogin.deserialize(state))


def came_lately(request: HttpRequest) -> bool:
    """Whether somebody without a password, whom we cannot ask for one, has signed in a short while ago."""
    if reauthentication.get_reauthentication_flows(request.user):
        return True
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < account_settings.REAUTHENTICATION_TIMEOUT


def _is_whole(told: dict[str, str]) -> bool:
    """Whether nothing is missing, and all can be kept."""
    try:
        get_account_adapter().clean_email(told["email"])
        for name in told.values():
            registration.one_line(name)
    except ValidationError:
        return False
    return all(told.values()) and max(len(told["first_name"]), len(told["last_name"])) <= LONGEST_NAME


def _known(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    """The page for one whose address has an account here already, that this identity does not open."""
    next_url = sociallogin.get_redirect_url(request)
    login_url = reverse("account_login")
    facts = {
        "provider": sociallogin.provider,
        "login_url": add_query_params(login_url, {"next": next_url}) if next_url else login_url,
    }
    return render(request, "socialaccount/known_address.html", facts)


@receiver(user_logged_in)
def _came_in(user: User, sociallogin: SocialLogin | None = None, **_news: Any) -> None:
    """One for whose address the provider did not vouch has proved it: from now on the identity opens his account."""
    if sociallogin is None or sociallogin.account.pk is not None:
        return
    try:
        identities.link(identity_of(sociallogin), to=user)
    except ValidationError as refusal:
        messages.error(context.request, refusal.messages[0])
