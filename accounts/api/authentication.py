"""Who is asking: the access token in ``Authorization: Bearer``, or the browser's session."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import second_factor, tokens
from accounts.models import User


def admit(user: User) -> User:
    """``user``, who may come in however he showed who he is; PermissionDenied (``second_factor_missing``) if his role
    demands a second factor and he has none. Every way to authenticate asks this.
    """
    if second_factor.is_missing(user):
        where = f"{settings.SITE_URL}{reverse('mfa_index')}"
        sentence = _("Your role needs a second factor. Set one up in the portal first: %(where)s") % {"where": where}
        raise PermissionDenied(sentence, code="second_factor_missing")
    return user


class FamilyAuthentication(BaseAuthentication):
    """Access tokens of ``accounts.tokens``. A bad one is refused with 401 even where nobody need sign in."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The bearer, or None if there is no token."""
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return admit(tokens.bearer(token.strip(), now=timezone.now())), None
        except ValidationError as refusal:
            raise AuthenticationFailed(refusal.messages[0], code=refusal.code) from refusal

    def authenticate_header(self, request: Request) -> str:
        """How to sign in; with it a refusal is a 401, without it DRF would make it a 403."""
        return "Bearer"


class BrowserAuthentication(SessionAuthentication):
    """The session of somebody who signed in on the pages; CSRF tokens are asked for."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The person, or None if nobody is signed in."""
        found = super().authenticate(request)
        return found and (admit(found[0]), None)
