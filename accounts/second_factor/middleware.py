"""Whose role demands a second factor sees nothing but the pages to set one up, until he has one."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts import second_factor

OPEN = frozenset(
    {
        *("mfa_index", "mfa_activate_totp", "mfa_add_webauthn"),
        *("account_reauthenticate", "account_logout"),
    }
)
"""The names of the pages that are shown all the same. Files under /static/ are answered before us."""

HEALTH = ("live", "ready")
"""The names of the addresses that do without the database, and without knowing who asks."""


class AskForSecondFactor:
    """Leads to the set-up page from every other; below /api/ the authentication refuses (``accounts.api``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing here: whether a page is open is known once the address is resolved."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The way to the set-up page, or nothing, and the page is shown."""
        if not settings.MFA_REQUIRED_ROLES or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in HEALTH or request.path.startswith("/api/") or SESSION_KEY not in request.session:
            return None
        request.lacks_second_factor = second_factor.is_missing(request.user)  # type: ignore[attr-defined]
        if name in OPEN or not request.lacks_second_factor:  # type: ignore[attr-defined]
            return None
        page = reverse("mfa_index")
        return HttpResponseClientRedirect(page) if getattr(request, "htmx", False) else HttpResponseRedirect(page)
