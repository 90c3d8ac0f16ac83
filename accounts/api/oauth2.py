"""The OAuth2 password grant (RFC 6749, section 4.3), which answers in that standard's words and not in ours."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import tokens
from accounts.api.credentials import begin, check_credentials
from accounts.api.errors import ANYWHERE, MEANING
from accounts.api.public import PublicView
from accounts.api.signing_in import SIGNED_IN, TokensSerializer
from accounts.api.strict import Code, Password, Text


class GrantSerializer(serializers.Serializer[Any]):
    """The form."""

    grant_type = serializers.ChoiceField(choices=["password"], required=False)
    username = Text(max_length=254, help_text=_("The e-mail address."))
    password = Password(max_length=1024)
    scope = Text(required=False, allow_blank=True, help_text=_("Not used."))
    code = Code()

    def create(self, told: dict[str, Any]) -> tokens.Pair:
        """Sign in."""
        code = told.get("code", "")
        user = check_credentials(self.context["request"], email=told["username"], password=told["password"], code=code)
        return begin(user)


class OAuth2ErrorSerializer(serializers.Serializer[Any]):
    """RFC 6749, section 5.2."""

    error = serializers.CharField()
    error_description = serializers.CharField(required=False)


class UnsupportedGrantType(exceptions.APIException):
    """Another grant than the password's."""

    status_code = 400
    default_detail = _("Only the grant type password is supported here.")
    default_code = "unsupported_grant_type"


REFUSALS = {
    status: OpenApiResponse(
        response=OAuth2ErrorSerializer,
        description=str(MEANING[status]),
        examples=[
            OpenApiExample(
                "invalid_grant",
                value={"error": "invalid_grant", "error_description": "The address or the password is wrong."},
                status_codes=["400"],
            )
        ]
        if status == 400
        else [],
    )
    for status in ANYWHERE
}


class Utf8Form(FormParser):
    """A form as the standard has it (RFC 6749, appendix B): UTF-8, whatever charset its header names."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The form's fields; what is no UTF-8 is read as Latin-1."""
        return super().parse(stream, media_type, {**(parser_context or {}), "encoding": "utf-8"})


class TokenView(PublicView):
    """auth/token/."""

    throttle_scope = "sign-in"
    parser_classes = (Utf8Form,)

    @extend_schema(
        operation_id="token",
        tags=["auth"],
        summary="Sign in with OAuth2's password form",
        request={"application/x-www-form-urlencoded": GrantSerializer},
        responses={200: TokensSerializer, **REFUSALS},
        examples=[SIGNED_IN],
    )
    def post(self, request: Request) -> Response:
        """The same as auth/login/, for clients that speak OAuth2's resource owner password credentials grant.

        Refusals are those of RFC 6749, section 5.2: `invalid_grant` for bad credentials, for an address that is not
        proved yet (a new code was mailed), for an account with a second factor whose `code` did not come along in the
        form, and for a role that demands a second factor which is not set up yet; `invalid_request`,
        `unsupported_grant_type`. `error_description` tells which.
        """
        # Without a body DRF does not know that it is a form.
        form = request.data if isinstance(request.data, QueryDict) else QueryDict()
        if any(len(values) > 1 for _name, values in form.lists()):
            raise exceptions.ParseError(_("No parameter may come twice."))
        if form.get("grant_type", "password") != "password":
            raise UnsupportedGrantType
        grant = GrantSerializer(data=form, context={"request": request._request})
        grant.is_valid(raise_exception=True)
        return Response(TokensSerializer(grant.save()).data)

    def handle_exception(self, exc: Exception) -> Response:
        """The refusal, in the standard's words."""
        response = super().handle_exception(exc)
        refused = response.data["error"]
        word = "invalid_request"
        if isinstance(exc, exceptions.AuthenticationFailed | exceptions.PermissionDenied):
            # 401 is for clients that have to authenticate themselves; ours do not.
            word, response.status_code = "invalid_grant", 400
            response.headers.pop("WWW-Authenticate", None)
        elif isinstance(exc, UnsupportedGrantType):
            word = exc.default_code
        elif isinstance(exc, exceptions.Throttled):
            word = "temporarily_unavailable"
        by_field = [f"{name}: {' '.join(sentences)}" for name, sentences in refused.get("fields", {}).items()]
        response.data = {"error": word, "error_description": " ".join(by_field) or refused["message"]}
        return response
