"""Where allauth asks us."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.context import request_context
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts import address_change, arrivals, mailed_links, new_passwords, outbox, registration, verification
from accounts.letters import seal
from accounts.models import User
from accounts.throttles import LimitedAdapter

NOBODY = "nobody@invalid"
FIRST_STEP = "first_step"
"""Where a session keeps, between the steps of signing in, with which password that began: a keyed hash of its hash."""
LIVES = {
    "account/email/email_confirmation": verification.LIFETIME,
    "account/email/password_reset_key": mailed_links.LIFETIME,
    "account/email/invitation": timedelta(days=settings.INVITATION_DAYS),
}
"""So long what a mail brings is good for something, by how its template begins; after that it is not sent any more."""

longest = MaxLengthValidator(254)


class AccountAdapter(LimitedAdapter):
    """allauth, with our limits, addresses in one form, passwords that end all sign-ins, mails from the organisation."""

    error_messages = DefaultAccountAdapter.error_messages | {
        # Said after too many wrong codes at sign-up, too; then the account is there, and signing in mails a new code.
        "too_many_login_attempts": _(
            "Too many attempts. Please wait a few minutes, then sign in with your email address and password; "
            "if you still need a code, we mail you a new one."
        )
    }

    def clean_email(self, email: str) -> str:
        """The address in the form in which it is kept; ValidationError for one that is too long to be kept."""
        email = registration.normal_address(email)
        longest(email)
        registration.one_line(email)
        return email

    def pre_login(self, request: HttpRequest, user: User, **told: Any) -> HttpResponse | None:
        """The first step was done; there may be others."""
        refused: HttpResponse | None = super().pre_login(request, user, **told)
        if refused is None:
            request.session[FIRST_STEP] = user.get_session_auth_hash()
        return refused

    def login(self, request: HttpRequest, user: User) -> None:
        """All steps were done; if the password was changed meanwhile, whoever gave the one before begins again."""
        began_with = request.session.pop(FIRST_STEP, "")
        if not constant_time_compare(began_with, user.get_session_auth_hash()):
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Take it that the address is its user's: the one he has, or another one in its place.

        The old address is told of the new one, wherever its owner reads his mail now.
        """
        user, old = email_address.user, email_address.user.email
        if email_address.email == old:
            with transaction.atomic():
                is_proved = bool(super().confirm_email(request, email_address))
                if is_proved:
                    arrivals.welcome(user, now=timezone.now())
            return is_proved
        try:
            with transaction.atomic():
                address_change.change(user, email_address.email, by=user, now=timezone.now())
                self.send_mail("account/email/email_changed", old, {})
        except ValidationError as refusal:
            self.add_message(request, messages.ERROR, message=" ".join(refusal.messages))
            return False
        self.add_message(request, messages.SUCCESS, "account/messages/email_confirmed.txt")
        return True

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Whoever changed his address is led back to where he did."""
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return str(super().get_email_verification_redirect_url(email_address))

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Never: an account has one address, which is only ever exchanged for another."""
        return False

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell the owner of an address that somebody else named it, to sign up or as his own new one."""
        # Whoever signs up through the API has a request that no middleware saw.
        user = getattr(self.request, "user", None)
        if user is not None and user.is_authenticated:
            self.send_mail("account/email/address_wanted", email, {})
        else:
            super().send_account_already_exists_mail(email)

    def set_password(self, user: User, password: str) -> None:
        """Change or reset a password; whoever signed in with the old one is signed out."""
        new_passwords.replace(user, password, now=timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put one of allauth's mails into the outbox; its links lead to SITE_URL and nowhere else.

        Within a transaction it is sent if that commits.
        """
        if self.may_send(template_prefix, email):
            self._post(template_prefix, email, self.letter(template_prefix, email, context))

    def pretend_to_send(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The same work, so that it takes the same time, and nobody gets anything."""
        if self.may_send(template_prefix, email):
            self._post(template_prefix, NOBODY, self.letter(template_prefix, email, context), is_sent=False)

    def _post(self, template_prefix: str, to: str, letter: EmailMessage, *, is_sent: bool = True) -> None:
        now = timezone.now()
        ends = next((now + time for begin, time in LIVES.items() if template_prefix.startswith(begin)), None)
        outbox.enqueue(
            "account",
            key=f"account:{uuid4()}",
            to=to,
            now=now,
            sealed=seal(letter),
            not_after=ends if is_sent else now - timedelta(seconds=1),
        )

    def letter(self, template_prefix: str, email: str, context: dict[str, Any]) -> EmailMessage:
        """One of the mails, ready to be sent; it needs no request, and no header of one gets into it."""
        site = {"name": settings.ORGANISATION, "domain": urlsplit(settings.SITE_URL).netloc}
        told = {"organisation": settings.ORGANISATION, "site_url": settings.SITE_URL, "current_site": site}
        with request_context(None):
            letter: EmailMessage = self.render_mail(template_prefix, email, context | told | {"email": email})
        return letter
