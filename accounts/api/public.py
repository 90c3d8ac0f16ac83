"""What the endpoints have in common that are there to get credentials with."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import FamilyAuthentication


class PublicView(APIView):
    """Open to anyone. Credentials that come along are not looked at: an expired token must not stop its renewal."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request | HttpRequest) -> str:
        """With it a refusal is a 401; without it DRF would make it a 403."""
        return FamilyAuthentication().authenticate_header(self.request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Nothing here may be kept by a cache (RFC 6749, section 5.1)."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Pragma"] = "no-cache"
        return response
