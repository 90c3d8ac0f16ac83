"""Where allauth's OpenID Connect server asks us."""

import secrets

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.conf import settings

from accounts.integrations import Scope


class IdentityAdapter(DefaultOIDCAdapter):
    """One issuer, whatever host a request names; secrets that need no quoting; our scopes in words."""

    scope_display = {scope.value: scope.label for scope in Scope}

    def generate_client_secret(self) -> str:
        """256 random bits, in letters that are the same in a form, an address and a header."""
        return secrets.token_urlsafe(32)

    def get_issuer(self) -> str:
        """The site's address."""
        return str(settings.SITE_URL)
