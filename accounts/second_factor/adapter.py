"""Where allauth.mfa asks us, and tells us what has happened."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account import app_settings as account_settings
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.conf import settings
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import second_factor, throttles
from accounts.encryption import seal, unseal
from accounts.models import User

LIMIT = "second_factor"
"""The name of our rate in ACCOUNT_RATE_LIMITS: guesses at one account, on pages and through the API together."""


class MFAAdapter(DefaultMFAAdapter):
    """allauth.mfa, with secrets encrypted at rest, passkeys of SITE_URL, and a factor that stays where one is due."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "Your role needs a second factor, and this is your only one. Set up another first."
        ),
        "incorrect_code": _("This code is not right, or it was used already. Please try the next one."),
        "too_many_codes": _("Too many codes were tried. Please wait a while, or use a passkey."),
        "incorrect_passkey": _("This passkey could not be used. Please try again, or choose another way."),
    }

    def encrypt(self, text: str) -> str:
        """For the secrets of apps and the seeds of recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What :meth:`encrypt` was given."""
        return unseal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether it may go: not the last factor of one whose role demands one."""
        return not (second_factor.is_required(authenticator.user) and second_factor.is_last(authenticator))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For whom passkeys are made: SITE_URL's host, whatever the request says. (No browser takes an address of
        numbers for that: on this machine alone, they work at http://localhost.)
        """
        host = urlsplit(settings.SITE_URL).hostname or ""
        return {"id": "localhost" if host in ("127.0.0.1", "::1") else host, "name": settings.ORGANISATION}

    def may_guess(self, user: User) -> bool:
        """Whether one more code may be tried for this account now; it counts as tried.

        Only who has the password comes so far, so no stranger can lock the owner out.
        """
        if throttles.spend(LIMIT, str(user.pk)) is not None:
            return True
        # scheduler.middleware makes a 429 of the page that tells it.
        throttles.refused(context.request, LIMIT, str(user.pk))
        return False

    def forget_guesses(self, user: User) -> None:
        """Begin to count anew: a code was right."""
        ratelimit.clear(context.request, action=LIMIT, key=str(user.pk))

    def too_many_guesses(self) -> ValidationError:
        """The refusal when ``may_guess`` says no."""
        refusal: ValidationError = self.validation_error("too_many_codes")
        return refusal


NEWS = {
    (authenticator_added, Authenticator.Type.TOTP): "totp_activated",
    (authenticator_added, Authenticator.Type.WEBAUTHN): "webauthn_added",
    (authenticator_removed, Authenticator.Type.TOTP): "totp_deactivated",
    (authenticator_removed, Authenticator.Type.WEBAUTHN): "webauthn_removed",
    (authenticator_reset, Authenticator.Type.RECOVERY_CODES): "recovery_codes_generated",
}
"""What its owner is told by mail."""


@receiver(authenticator_added)
def _added(user: User, authenticator: Authenticator, **told: Any) -> None:
    key = told["request"].session.session_key
    second_factor.note_added(authenticator, by=user, now=timezone.now(), session_key=key)


@receiver(authenticator_removed)
def _removed(user: User, authenticator: Authenticator, **_told: Any) -> None:
    second_factor.note_removed(authenticator, by=user)


@receiver(authenticator_reset)
def _reset(user: User, **_told: Any) -> None:
    second_factor.note_new_codes(by=user)


@receiver(authentication_failed)
def _failed(user: User, **_told: Any) -> None:
    second_factor.note_wrong_code(user)


@receiver((authenticator_added, authenticator_removed, authenticator_reset))
def _tell(user: User, authenticator: Authenticator, **told: Any) -> None:
    # With this setting on, allauth writes the same.
    template = NEWS.get((told["signal"], authenticator.type))
    if template and not account_settings.EMAIL_NOTIFICATIONS:
        get_account_adapter().send_mail(f"mfa/email/{template}", user.email, {})
