"""The addresses that integrators' programs ask for tokens, in the words of RFC 6749.

allauth answers; what it would take too generously is refused before it looks.
"""

import json
import re
from base64 import b64decode
from typing import Any
from urllib.parse import unquote_plus

from allauth.core import ratelimit
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.views import RevokeView, TokenView
from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict, UnreadablePostError
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts import audit, integrations
from accounts.api.integrators.authentication import InsufficientScope, token_in
from accounts.integrations import Scope
from accounts.throttles import DenialThrottle

FORM = "application/x-www-form-urlencoded"
KNOWN = (
    *("grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope"),
    *("client_id", "client_secret", "token", "token_type_hint"),
)
"""What we understand; whatever else is sent is not looked at (RFC 6749, section 3.2)."""
GOOD_VALUE = re.compile(r"[ -~]{0,4096}")
SECRETS = {"authorization_code": "code", "refresh_token": "refresh_token"}
"""By the grant's type, what is exchanged and never comes twice."""


class Refused(Exception):
    """Nothing is to be written: here is the answer."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def refusal(error: str, description: str, status: int = 400, **headers: str) -> JsonResponse:
    """RFC 6749, section 5.2."""
    return JsonResponse({"error": error, "error_description": description}, status=status, headers=headers)


@method_decorator(csrf_exempt, name="dispatch")
class Endpoint(View):
    """What all have in common: programs come here, with no cookies, and nothing may be kept by a cache."""

    http_method_names = ["post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look whether this can be answered at all; then answer. Who could not prove who he is is written down."""
        client = None
        try:
            self.check(request)
            client = integrations.client(request.POST.get("client_id", ""))
            answer: Any = super().dispatch(request, *args, **kwargs)
        except Refused as refused:
            answer = refused.answer
        if answer.status_code == 401 and DenialThrottle().allows(request):
            error = json.loads(answer.content)["error"]
            audit.record(
                "accounts.client.sign_in_failed", by=None, on=client, outcome=audit.Outcome.DENIED, reason=error
            )
        answer.headers["Cache-Control"] = "no-store, private"
        answer.headers["Pragma"] = "no-cache"
        assert isinstance(answer, HttpResponse)
        return answer

    def check(self, request: HttpRequest) -> None:
        """Refused without a key to sign with, in the clear, too often, or if the form cannot be read one way only."""
        is_served(request)
        if (request.method or "").lower() not in self.http_method_names:
            allowed = ", ".join(name.upper() for name in self.http_method_names)
            raise Refused(refusal("invalid_request", _("Send it with POST."), 405, Allow=allowed))
        if not ratelimit.consume(request, action="integrator"):
            told = _("Too many requests. Please wait a minute.")
            raise Refused(refusal("temporarily_unavailable", told, 429, **{"Retry-After": "60"}))
        if request.method == "POST":
            request.POST = _form(request)  # type: ignore[assignment]  # the same class, and immutable too


def is_served(request: HttpRequest) -> None:
    """Refused where there is no such server, and for whoever speaks to it in the clear."""
    if not settings.IDP_OIDC_PRIVATE_KEY:
        raise Refused(refusal("invalid_request", _("This site signs nobody in elsewhere."), 404))
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Refused(refusal("invalid_request", _("This is spoken over HTTPS only."), 403))


def _form(request: HttpRequest) -> QueryDict:
    """What was sent and we understand, each once; ``client_id`` is there, by whichever way it came."""
    if request.GET or request.content_type not in (FORM, ""):
        raise Refused(refusal("invalid_request", _("Send a form, in the body alone.")))
    try:
        sent = request.POST
    except (SuspiciousOperation, BadRequest, UnreadablePostError) as error:
        raise Refused(refusal("invalid_request", _("The form cannot be read."))) from error
    if any(len(values) > 1 or not GOOD_VALUE.fullmatch(values[0]) for _name, values in sent.lists()):
        raise Refused(refusal("invalid_request", _("A parameter comes twice, is too long or not plain text.")))
    form = QueryDict(mutable=True)
    form.update({name: sent[name] for name in KNOWN if name in sent})
    _client_of(request, form)
    form._mutable = False  # what QueryDict has instead of a method
    return form


def _client_of(request: HttpRequest, form: QueryDict) -> None:
    """Put into ``form`` which client the header names: allauth would take a code for one and authenticate another."""
    scheme, _space, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        name, _colon, secret = b64decode(coded.strip(), validate=True).decode().partition(":")
    except ValueError:
        name = secret = ""
    name, secret = unquote_plus(name), unquote_plus(secret)
    is_good = name and secret and GOOD_VALUE.fullmatch(name) and GOOD_VALUE.fullmatch(secret)
    if not is_good or form.get("client_id", name) != name:
        told = _("The client cannot be told from the header.")
        raise Refused(refusal("invalid_client", told, 401, **{"WWW-Authenticate": "Basic"}))
    if "client_secret" in form:
        raise Refused(refusal("invalid_request", _("Authenticate in one way, not in two.")))
    form["client_id"], form["client_secret"] = name, secret
    # From here on one way only, for allauth too.
    del request.META["HTTP_AUTHORIZATION"]


class TokenEndpoint(Endpoint, TokenView):
    """Tokens for a code, for a refresh token, for a service."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Exchange what was sent: once. Whatever fails leaves nothing behind, and takes nothing away."""
        now = timezone.now()
        client_id = request.POST.get("client_id", "")
        secret = request.POST.get(SECRETS.get(request.POST.get("grant_type", ""), ""), "")
        try:
            with transaction.atomic():
                claimed = integrations.claim(secret, client_id=client_id, now=now) if secret else None
                answer: HttpResponse = super().post(request)
                if answer.status_code != 200:
                    raise Refused(answer)
                self._keep(json.loads(answer.content), client_id, claimed, now)
        except Refused as refused:
            answer = refused.answer
        except IntegrityError:
            # Another process has spent it in this moment, or the client is gone.
            answer = _bad_grant()
        if secret and answer.status_code == 400 and json.loads(answer.content).get("error") == "invalid_grant":
            integrations.came_back(secret, client_id=client_id, now=now)
        return answer

    def _keep(self, made: dict[str, Any], client_id: str, claimed: Any, now: Any) -> None:
        """Tie what allauth has made to whom and what it is for."""
        tokens = [made[name] for name in ("access_token", "refresh_token") if name in made]
        if claimed is not None:
            integrations.keep(claimed, made=tokens, now=now)
            return
        client = integrations.client(client_id)
        if client is None or integrations.Kind.of(client) != integrations.Kind.SERVICE:
            raise Refused(_bad_grant())
        try:
            integrations.keep_service(client, made=made["access_token"], now=now)
        except ValidationError as error:
            raise Refused(refusal("unauthorized_client", error.messages[0])) from error


def _bad_grant() -> JsonResponse:
    return refusal("invalid_grant", _("This code or token is not valid, or not any more."))


class RevokeEndpoint(Endpoint, RevokeView):
    """A token given back by its client (RFC 7009); all of its grant end with it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """200, also for a token that is not known, or another client's, which lives on."""
        token = integrations.issued(request.POST.get("token", ""))
        with transaction.atomic():
            answer: HttpResponse = super().post(request, *args, **kwargs)
            # allauth deletes whatever token it is told of; we know better which.
            transaction.set_rollback(True)
        if answer.status_code == 200 and token and token.client_id == request.POST.get("client_id"):
            integrations.end(token, because="The client gave it back.")
        return answer


class UserInfoEndpoint(Endpoint):
    """Who signed in, for the bearer of an access token (OpenID Connect Core, section 5.3)."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """The claims that the token's scopes name."""
        try:
            bearer = integrations.bearer(token_in(request) or "", now=timezone.now())
        except ValidationError as error:
            told = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return refusal("invalid_token", error.messages[0], 401, **told)
        if Scope.OPENID not in bearer.scopes:
            missing = InsufficientScope(Scope.OPENID)
            return refusal("insufficient_scope", str(missing.detail), 403, **{"WWW-Authenticate": missing.auth_header})
        claims = get_adapter().get_claims("userinfo", bearer.user, bearer.client, bearer.scopes)
        return JsonResponse(claims)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Likewise."""
        return self.get(request)
