"""Tokens of the API."""

from rest_framework.authentication import BaseAuthentication


class FamilyAuthentication(BaseAuthentication):
    """Placeholder."""
