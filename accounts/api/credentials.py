"""Who signs in with an address and a password: what every endpoint that takes them asks."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions

from accounts import second_factor, tokens, verification
from accounts.api.authentication import admit
from accounts.api.confirming import spends
from accounts.models import Role, User
from accounts.registration import normal_address

WAIT_SECONDS = 300
"""After too many failures; the longer of the spans in ACCOUNT_RATE_LIMITS["login_failed"]."""


def check_credentials(request: HttpRequest, *, email: str, password: str, role: str = "", code: str = "") -> User:
    """The active user with this address, which is proved, and this password; of this role, if one is named; and if he
    has a second factor, a code of it, which is spent.

    The pages and we count failures together. AuthenticationFailed ``invalid_credentials``, which tells nothing of what
    was wrong and takes the same time; Throttled after too many failures. To who has the right password also
    ``email_not_verified`` (a new code is mailed), ``second_factor_required`` (no code was given), and PermissionDenied
    ``second_factor_missing`` (the role demands one, and none is set up).
    """
    email = normal_address(email)
    try:
        user: User | None = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as too_many:
        raise exceptions.Throttled(WAIT_SECONDS, too_many.messages[0]) from too_many
    # allauth gives us the inactive too, for a page of its own.
    if user is None or not user.is_active or not _is(user, role):
        raise _wrong(code)
    if not verification.is_proved(email, user):
        verification.write_to(email, now=timezone.now())
        sentence = _("Please prove your e-mail address first, by the code that we have mailed to it.")
        raise exceptions.AuthenticationFailed(sentence, code="email_not_verified")
    if second_factor.is_set(user):
        _check_code(user, code)
    return admit(user)


def begin(user: User) -> tokens.Pair:
    """The tokens of whoever has just been let in; refused as a wrong password is if that was a moment too early."""
    try:
        return tokens.sign_in(user, now=timezone.now())
    except ValidationError as refusal:
        raise _wrong("") from refusal


def _check_code(user: User, code: str) -> None:
    if not code.strip():
        sentence = _(
            "Send a code too: of your authenticator app, or a recovery code. A passkey works in browsers only."
        )
        raise exceptions.AuthenticationFailed(sentence, code="second_factor_required")
    if not spends(user, code):
        raise _wrong(code)


def _wrong(code: str) -> exceptions.AuthenticationFailed:
    """The same, with a code, whether it or the password was wrong."""
    plain, longer = _("The address or the password is wrong."), _("The address, the password or the code is wrong.")
    return exceptions.AuthenticationFailed(longer if code else plain, code="invalid_credentials")


def _is(user: User, role: str) -> bool:
    try:
        return not role or Role.parse(role) == user.role
    except ValueError:
        return False
