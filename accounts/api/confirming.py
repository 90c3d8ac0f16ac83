"""Whoever is signed in shows once more who he is: by his password, or by a code of his second factor."""

from allauth.account.adapter import get_adapter
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request

from accounts import second_factor, throttles
from accounts.api.permissions import caller
from accounts.models import User


def check_password(request: Request, password: str) -> None:
    """The caller's own, or a refusal: ``no_password``, ``wrong_password``. The sign-in and we count failures together
    (Throttled)."""
    user = caller(request)
    if not user.has_usable_password():
        sentence = _("This account has no password yet. Please set one through “Forgot password?”.")
        raise serializers.ValidationError(sentence, code="no_password")
    try:
        found = get_adapter().authenticate(request._request, email=user.email, password=password)
    except ValidationError as too_many:
        raise exceptions.Throttled(throttles.seconds_to_wait("login_failed"), too_many.messages[0]) from too_many
    if found is None or found.pk != user.pk:
        raise serializers.ValidationError(_("This is not your password."), code="wrong_password")


def check_code(request: Request, code: str) -> None:
    """A good code of the caller's second factor, spent by this, or ``wrong_code``; Throttled after several."""
    if not spends(caller(request), code):
        raise serializers.ValidationError(_("This code is wrong, or was used before."), code="wrong_code")


def spends(user: User, code: str) -> bool:
    """Whether ``code`` is a good one of ``user``'s second factor; it is good no more. Throttled after several tries."""
    adapter = get_mfa_adapter()
    if not adapter.may_guess(user):
        refusal = adapter.too_many_guesses()
        raise exceptions.Throttled(throttles.seconds_to_wait("second_factor"), refusal.messages[0])
    if second_factor.spend(user, code, now=timezone.now()) is None:
        second_factor.note_wrong_code(user)
        return False
    adapter.forget_guesses(user)
    return True
