"""What a program may know of this server before it knows anybody (OpenID Connect Discovery)."""

from typing import Any

from allauth.idp.oidc.views import JwksView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views import View

from accounts.api.integrators.endpoints import Refused, is_served
from accounts.integrations import Scope


class Served(View):
    """Nothing, where there is no key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Look first."""
        try:
            is_served(request)
        except Refused as refused:
            return refused.answer
        return super().dispatch(request, *args, **kwargs)


class ConfigurationView(Served):
    """Where everything is, and what is understood."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The document; its addresses begin with SITE_URL, whatever host was asked."""
        told: dict[str, Any] = {"issuer": settings.SITE_URL}
        told |= {
            name: f"{settings.SITE_URL}{reverse(f'idp:oidc:{page}')}"
            for name, page in (
                ("authorization_endpoint", "authorization"),
                ("token_endpoint", "token"),
                ("userinfo_endpoint", "userinfo"),
                ("revocation_endpoint", "revoke"),
                ("jwks_uri", "jwks"),
            )
        }
        told |= {
            "scopes_supported": Scope.values,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
        return JsonResponse(told)


class KeysView(Served, JwksView):
    """The public key, to check what we sign."""
