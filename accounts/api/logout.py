"""Signing out through the API."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import caller
from accounts.api.strict import Text


class LogoutSerializer(serializers.Serializer[Any]):
    """Which sign-in is to end."""

    refresh_token = Text(write_only=True, help_text=_("The refresh token of the sign-in."))

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        """End it."""
        tokens.end(told["refresh_token"], by=caller(self.context["request"]), now=timezone.now())
        return told


class LogoutView(APIView):
    """auth/logout/."""

    @extend_schema(
        operation_id="logout",
        tags=["auth"],
        summary="Sign out",
        request=LogoutSerializer,
        responses={
            204: OpenApiResponse(description="The sign-in has ended, if it was yours."),
            **refusals(*ANYWHERE, 401),
        },
        examples=[OpenApiExample("A token", value={"refresh_token": "eyJhbGciOi…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """End the sign-in that a refresh token of yours belongs to: all its tokens are refused from then on.

        Another's token, an old one and what is no token are answered alike, and nothing happens.
        """
        ending = LogoutSerializer(data=request.data, context={"request": request})
        ending.is_valid(raise_exception=True)
        ending.save()
        return Response(status=204)
