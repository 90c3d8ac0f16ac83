"""Who signs in with an address and a password: what every endpoint that takes them asks."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions

from accounts import verification
from accounts.models import Role, User
from accounts.registration import normal_address

WAIT_SECONDS = 300
"""After too many failures; the longer of the spans in ACCOUNT_RATE_LIMITS["login_failed"]."""


def check_credentials(request: HttpRequest, *, email: str, password: str, role: str = "") -> User:
    """The active user with this address, which is proved, and this password; of this role, if one is named.

    The pages and we count failures together. AuthenticationFailed ``invalid_credentials``, which tells nothing of what
    was wrong and takes the same time, or, to who has the right password, ``email_not_verified`` (a new code is mailed);
    Throttled after too many failures.
    """
    email = normal_address(email)
    try:
        user: User | None = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as too_many:
        raise exceptions.Throttled(WAIT_SECONDS, too_many.messages[0]) from too_many
    # allauth gives us the inactive too, for a page of its own.
    if user is None or not user.is_active or not _is(user, role):
        raise exceptions.AuthenticationFailed(_("The address or the password is wrong."), code="invalid_credentials")
    if not verification.is_proved(email, user):
        verification.write_to(email, now=timezone.now())
        sentence = _("Please prove your e-mail address first, by the code that we have mailed to it.")
        raise exceptions.AuthenticationFailed(sentence, code="email_not_verified")
    return user


def _is(user: User, role: str) -> bool:
    try:
        return not role or Role.parse(role) == user.role
    except ValueError:
        return False
