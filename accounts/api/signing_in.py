"""Signing in through the API: by address and password, and again by a refresh token."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.api.credentials import begin, check_credentials
from accounts.api.errors import ANYWHERE, refusals
from accounts.api.public import PublicView
from accounts.api.strict import Code, Email, Password, Text
from accounts.models import Role

ALICE = {
    "access_token": "eyJhbGciOi…",
    "refresh_token": "eyJhbGciOi…",
    "token_type": "Bearer",
    "expires_in": 900,
    "user": {
        "id": "0b5f5f0e-6f0c-4a55-9d8b-1c6a1f2f7a11",
        "email": "alice@example.org",
        "first_name": "Alice",
        "last_name": "Archer",
        "role": "patient",
    },
}
REFUSED = {401: ("invalid_credentials", "The address or the password is wrong.")}
SPENT = {401: ("invalid_token", "This token is not valid, or not any more.")}
SIGNED_IN = OpenApiExample("Signed in", value=ALICE, response_only=True, status_codes=["200"])


class SignedInUserSerializer(serializers.Serializer[Any]):
    """Who signed in."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class TokensSerializer(serializers.Serializer[Any]):
    """A pair of tokens."""

    access_token = serializers.CharField(help_text=_("Goes with each request: `Authorization: Bearer …`."))
    refresh_token = serializers.CharField(help_text=_("To be spent once, for the next pair."))
    token_type = serializers.CharField(help_text="`Bearer`")
    expires_in = serializers.IntegerField(help_text=_("Seconds that the access token lives."))
    user = SignedInUserSerializer()


class LoginSerializer(serializers.Serializer[Any]):
    """Address and password."""

    email = Email()
    password = Password(max_length=1024)
    role = Text(required=False, allow_blank=True, help_text=_("If given, you have to have it; any letter case."))
    code = Code()

    def create(self, told: dict[str, Any]) -> tokens.Pair:
        """Sign in."""
        user = check_credentials(self.context["request"], **told)
        return begin(user)


class RefreshSerializer(serializers.Serializer[Any]):
    """The refresh token of the last pair."""

    refresh_token = Text()

    def create(self, told: dict[str, Any]) -> tokens.Pair:
        """Spend it."""
        try:
            return tokens.refresh(told["refresh_token"], now=timezone.now())
        except ValidationError as refusal:
            raise exceptions.AuthenticationFailed(refusal.messages[0], code=refusal.code) from refusal


class LoginView(PublicView):
    """auth/login/."""

    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="login",
        tags=["auth"],
        summary="Sign in",
        request=LoginSerializer,
        responses={
            200: TokensSerializer,
            **refusals(
                *ANYWHERE, 401, 403, examples={401: ("invalid_credentials", "The address or the password is wrong.")}
            ),
        },
        examples=[
            OpenApiExample("Alice", value={"email": "alice@example.org", "password": "…"}, request_only=True),
            SIGNED_IN,
        ],
    )
    def post(self, request: Request) -> Response:
        """A pair of tokens for address and password.

        401 `invalid_credentials` tells nothing of what was wrong: address, password, role, or that the account is
        closed. 401 `email_not_verified`: the password is right, and a new code was mailed for auth/verify-email/. 401
        `second_factor_required`: the password is right, and the account has a second factor; come again with `code`.
        403 `second_factor_missing`: the password is right, and your role demands a second factor, which you have to set
        up in the portal. After several failures, of password or code, 429, with Retry-After.
        """
        credentials = LoginSerializer(data=request.data, context={"request": request._request})
        credentials.is_valid(raise_exception=True)
        return Response(TokensSerializer(credentials.save()).data)


class RefreshView(PublicView):
    """auth/token/refresh/."""

    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="refresh",
        tags=["auth"],
        summary="Renew the tokens",
        request=RefreshSerializer,
        responses={
            200: TokensSerializer,
            **refusals(*ANYWHERE, 401, examples=SPENT),
        },
        examples=[OpenApiExample("A token", value={"refresh_token": "eyJhbGciOi…"}, request_only=True), SIGNED_IN],
    )
    def post(self, request: Request) -> Response:
        """A new pair for a refresh token, which is spent by it.

        A token that comes a second time was stolen, and the whole sign-in ends: all of its tokens, the newest included,
        are refused from then on (401 `invalid_token`). So send each once, and keep the pair that comes back.
        """
        spent = RefreshSerializer(data=request.data)
        spent.is_valid(raise_exception=True)
        return Response(TokensSerializer(spent.save()).data)
