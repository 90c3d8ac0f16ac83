"""An integrator that asks, by its token in ``Authorization: Bearer``, and whether the view is open to it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from accounts import integrations
from accounts.api.authentication import admit
from accounts.integrations import Bearer, Scope, Scopes
from accounts.models import User


class InsufficientScope(PermissionDenied):
    """403 in the words of RFC 6750, section 3.1."""

    default_code = "insufficient_scope"

    def __init__(self, needed: Scope | None) -> None:
        said = _("This needs the scope %(scope)s.") % {"scope": needed} if needed else _("Not open to integrators.")
        super().__init__(said)
        named = f', scope="{needed}"' if needed else ""
        self.auth_header = f'Bearer error="insufficient_scope"{named}'


def token_in(request: Any) -> str | None:
    """The integrator's token that comes with a request, if there is one.

    Ours are of letters, digits, ``-`` and ``_``; people's tokens (JSON Web Tokens) always have dots, and are left to
    those who read them.
    """
    scheme, _space, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and "." not in token else None


class IntegratorAuthentication(BaseAuthentication):
    """Access tokens of ``accounts.integrations``.

    A view is closed to them unless it names a scope for the method (``scopes``), whatever its permissions say: that is
    looked at here and not in a permission, which a view could forget.
    """

    def authenticate(self, request: Request) -> tuple[User, Bearer] | None:
        """The user for whom the integrator asks; None if there is no such token."""
        token = token_in(request)
        if token is None:
            return None
        try:
            bearer = integrations.bearer(token, now=timezone.now())
        except ValidationError as refusal:
            raise AuthenticationFailed(refusal.messages[0], code=refusal.code) from refusal
        needed = scope_needed((request.parser_context or {}).get("view"), request.method)
        if needed is None or needed not in bearer.scopes:
            raise InsufficientScope(needed)
        # Nobody signs in as a service's user.
        if not bearer.is_service:
            admit(bearer.user)
        return bearer.user, bearer

    def authenticate_header(self, request: Request) -> str:
        """How to sign in; with it a refusal is a 401, without it DRF would make it a 403."""
        return "Bearer"


def scope_needed(view: Any, method: str | None) -> Scope | None:
    """What a view asks of an integrator for this method; None if it is closed to them."""
    scopes: Scopes = getattr(view, "scopes", Scopes())
    return scopes.needed(method)
