"""Who is asking: the access token in ``Authorization: Bearer``."""

from django.core.exceptions import ValidationError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User


class FamilyAuthentication(BaseAuthentication):
    """Access tokens of ``accounts.tokens``. A bad one is refused with 401 even where nobody need sign in."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The bearer, or None if there is no token."""
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            return tokens.bearer(token.strip(), now=timezone.now()), None
        except ValidationError as refusal:
            raise AuthenticationFailed(refusal.messages[0], code=refusal.code) from refusal

    def authenticate_header(self, request: Request) -> str:
        """How to sign in; with it a refusal is a 401, without it DRF would make it a 403."""
        return "Bearer"
