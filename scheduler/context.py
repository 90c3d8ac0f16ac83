"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def organisation(request: HttpRequest) -> dict[str, str]:
    """The organisation's name, for titles and the header."""
    return {"organisation": settings.ORGANISATION}
