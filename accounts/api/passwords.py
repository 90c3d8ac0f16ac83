"""Passwords through the API: changed with the one before, or asked for anew by mail."""

from typing import Any

from allauth.account.signals import password_changed
from django.contrib.auth import update_session_auth_hash
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import mailed_links, new_passwords, throttles
from accounts.api.confirming import check_password
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.permissions import caller
from accounts.api.public import PublicView
from accounts.api.strict import Email, Password
from accounts.models import User
from accounts.registration import normal_address


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The password, and the one to be."""

    current_password = Password(max_length=1024)
    new_password = Password(help_text=gettext_lazy("At least eight characters, and not easily guessed."))

    def validate_current_password(self, password: str) -> str:
        """It is right."""
        check_password(self.context["request"], password)
        return password

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        """Change it."""
        new_passwords.change(caller(self.context["request"]), told["new_password"], now=timezone.now())
        return told


class ResetSerializer(serializers.Serializer[Any]):
    """Whose password is forgotten."""

    email = Email()

    def create(self, told: dict[str, Any]) -> dict[str, Any]:
        """Write to the owner of the address."""
        mailed_links.write_to(told["email"])
        return told


class PasswordChangeView(APIView):
    """auth/password/change/."""

    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="password_change",
        tags=["auth"],
        summary="Change your password",
        request=PasswordChangeSerializer,
        responses={
            204: OpenApiResponse(description="Changed: please sign in again."),
            **refusals(*ANYWHERE, 401, examples={400: ("wrong_password", "This is not your password.")}),
        },
        examples=[
            OpenApiExample(
                "Another sentence",
                value={"current_password": "a long sentence of mine", "new_password": "another sentence of mine"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """A new password for yours. Everything that was signed in with the old one ends, these tokens included; only a
        browser whose session asks stays signed in.

        400 at the field: `wrong_password`, `no_password` (you sign in with another provider), or what is wrong with the
        new one. After several wrong ones 429, with Retry-After.
        """
        change = PasswordChangeSerializer(data=request.data, context={"request": request})
        change.is_valid(raise_exception=True)
        change.save()
        if isinstance(request.successful_authenticator, SessionAuthentication):
            user, asked = caller(request), request._request
            update_session_auth_hash(asked, user)
            # The session has another key now: in the list of sessions, too, or nobody could end it any more.
            password_changed.send(sender=User, request=asked, user=user)
        return Response(status=204)


class PasswordResetView(PublicView):
    """auth/password/reset/."""

    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="password_reset",
        tags=["auth"],
        summary="Ask for a new password",
        request=ResetSerializer,
        responses={
            202: OpenApiResponse(description="If we know the address, a mail is on its way."),
            **refusals(*ANYWHERE),
        },
        examples=[OpenApiExample("Alice", value={"email": "alice@example.org"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Have a link mailed that leads to a page of the portal where a new password is chosen.

        The answer is the same for an address that we do not know. The link works once, for three hours.
        """
        forgotten = ResetSerializer(data=request.data)
        forgotten.is_valid(raise_exception=True)
        key = normal_address(forgotten.validated_data["email"])
        if throttles.spend("reset_password", key, request._request) is None:
            raise exceptions.Throttled(throttles.seconds_to_wait("reset_password"))
        forgotten.save()
        return Response(status=202)
