"""Where allauth asks us."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import ratelimit
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import registration, tokens
from accounts.models import User

longest = MaxLengthValidator(254)
logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """allauth, with addresses in our one form, passwords that end API sign-ins, and mails from the organisation."""

    error_messages = DefaultAccountAdapter.error_messages | {
        # Said after too many wrong codes at sign-up, too; then the account is there, and signing in mails a new code.
        "too_many_login_attempts": _(
            "Too many attempts. Please wait a minute, then sign in with your email address and password; "
            "if you still need a code, we mail you a new one."
        )
    }

    def clean_email(self, email: str) -> str:
        """The address in the form in which it is kept; ValidationError for one that is too long to be kept."""
        email = registration.normal_address(email)
        longest(email)
        registration.one_line(email)
        return email

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        """Change or reset a password; whoever signed in through the API with the old one is signed out."""
        super().set_password(user, password)
        tokens.revoke_all(user, now=timezone.now())

    def may_write_to(self, email: str) -> bool:
        """Whether one more mail about signing up may go to ``email`` now, and count it; the pages count with us."""
        return bool(ratelimit.consume(self.request, action="confirm_email", key=email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send one of allauth's mails; its links lead to SITE_URL and nowhere else.

        When the mail server fails we log it and go on: a new mail can be asked for, an error page helps nobody.
        """
        told = {"organisation": settings.ORGANISATION, "site_url": settings.SITE_URL}
        try:
            super().send_mail(template_prefix, email, context | told)
        except OSError as error:  # smtplib's errors are OSErrors too
            what = type(error).__name__
            logger.error("The mail %s could not be sent: %s", template_prefix, what)  # noqa: TRY400  names recipients
