"""What the schema says of integrators' tokens. Imported by urls.py."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from accounts.api.integrators.authentication import scope_needed
from accounts.integrations import Scope

TOKEN, AUTHORIZE = "/identity/o/api/token", "/identity/o/authorize"
SERVICE = [scope.value for scope in Scope if "." in scope.value]
"""Those that a service may have; the others are about a person who signs in."""


class IntegratorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """RFC 6749's flows. The one for people wants PKCE (RFC 7636) with S256 of every client."""

    target_class = "accounts.api.integrators.authentication.IntegratorAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """The scheme's entry."""
        told = {scope.value: str(scope.label) for scope in Scope}
        return {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": AUTHORIZE,
                    "tokenUrl": TOKEN,
                    "refreshUrl": TOKEN,
                    "scopes": told,
                },
                "clientCredentials": {"tokenUrl": TOKEN, "scopes": {name: told[name] for name in SERVICE}},
            },
        }

    def get_security_requirement(  # type: ignore[override]  # the caller knows None
        self, auto_schema: Any
    ) -> dict[str, list[str]] | None:
        """The scope that the operation needs; nothing where integrators have no business."""
        needed = scope_needed(auto_schema.view, auto_schema.method)
        return {self.name: [needed.value]} if needed else None
