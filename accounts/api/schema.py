"""What the schema says of signing in. Imported by urls.py."""

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class FamilyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """RFC 6750's scheme."""

    target_class = "accounts.api.authentication.FamilyAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """The scheme's entry."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class BrowserScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """The session's cookie."""

    target_class = "accounts.api.authentication.BrowserAuthentication"
    name = "cookieAuth"
