"""The pages on which a person lets an integrator in, sees whom he has let in, and shows them out."""

import re
from typing import Any
from urllib.parse import urlencode

from allauth.idp.oidc.internal.oauthlib.server import get_server
from allauth.idp.oidc.internal.oauthlib.utils import extract_params
from allauth.idp.oidc.models import Client
from allauth.idp.oidc.views import AuthorizationView
from csp.constants import SELF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from accounts import integrations
from accounts.models import User

KNOWN = (
    *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "prompt"),
    *("code_challenge", "code_challenge_method"),
)
"""What we understand; whatever else is sent is not looked at (RFC 6749, section 3.1)."""
GOOD_VALUE = re.compile(r"[ -~]{0,2000}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 hash in base64url (RFC 7636, section 4.2)."""


class Redirect(HttpResponse):
    """To an address that is registered; Django's own knows no apps' schemes."""

    status_code = 302

    def __init__(self, address: str) -> None:
        super().__init__(headers={"Location": address})


@method_decorator(csrf_exempt, name="dispatch")  # the form below is checked by allauth; a client may come with POST
class ConsentView(AuthorizationView):
    """allauth's page, behind stricter rules: PKCE with S256 of every client, addresses to the letter, always asked.

    Everything about the request is looked at before anybody is asked to sign in: what is refused is refused to the
    client at once, and a sign-in never ends on another site.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """404 where there is no key; the refusals of a form that nobody can have filled in."""
        if not settings.IDP_OIDC_PRIVATE_KEY:
            raise Http404
        try:
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        except Client.DoesNotExist:
            answer = self._cannot(_("This application is not known here, or not any more."))
        return answer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, if there is something that can be asked."""
        asked = QueryDict(mutable=True)
        asked.update({name: request.GET[name] for name in KNOWN if name in request.GET})
        client = integrations.client(asked.get("client_id", ""))
        is_readable = all(
            len(values) == 1 and GOOD_VALUE.fullmatch(values[0])
            for name, values in request.GET.lists()
            if name in KNOWN
        )
        if client is None or not is_readable:
            return self._cannot(_("This application is not known here, or its request cannot be read."))
        if not integrations.may_lead_to(client, asked.get("redirect_uri", "")):
            return self._cannot(_("This application did not register the address that it wants you sent to."))
        # From here on allauth sees what we understood and nothing else.
        request.META["QUERY_STRING"] = asked.urlencode()
        request.GET = asked  # type: ignore[assignment]  # the same class
        return self._refused(request, asked) or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The person's answer. What was asked comes back signed; whether it may still be answered is looked at anew."""
        signed = request.POST.get("request", "")
        if signed:
            try:
                _scopes, asked = Signer().unsign_object(signed)
                client = integrations.client(asked["client_id"])
            # ValueError: what is signed was not written by this page.
            except (BadSignature, ValueError, KeyError, TypeError):
                return self._cannot(_("This form cannot be read. Please begin again at the application."))
            if client is None or not integrations.may_lead_to(client, asked["redirect_uri"]):
                return self._cannot(_("This application is not known here, or not any more."))
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Let in: the client gets a code, and we remember which."""
        answer: HttpResponse = super().form_valid(form)
        code = QueryDict(answer.headers.get("Location", "").partition("?")[2]).get("code")
        client = integrations.client(self._request_info["client_id"])
        if code and client:
            assert isinstance(self.request.user, User)
            scopes = form.cleaned_data["scopes"]
            integrations.agree(self.request.user, client, code=code, scopes=scopes, now=timezone.now())
        return answer

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        """The page; browsers let its form lead to the application, which is where the answer redirects."""
        answer: HttpResponse = super().render_to_response(context, **options)
        leads_to = [SELF, integrations.origin(self._request_info["redirect_uri"])]
        answer._csp_update = {"form-action": leads_to}  # type: ignore[attr-defined]  # django-csp's own way
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With where the person will be sent."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"leads_to": integrations.origin(self._request_info["redirect_uri"])}

    def _refused(self, request: HttpRequest, asked: QueryDict) -> HttpResponse | None:
        """Tell the client why not, if so."""
        if asked.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            return self._back(asked, "invalid_request", "PKCE is required, with code_challenge_method S256.")
        if "none" in asked.get("prompt", "").split():
            # allauth would take what was granted to one client as granted to each.
            why = "consent_required" if request.user.is_authenticated else "login_required"
            return self._back(asked, why, "The person is always asked.")
        try:
            get_server().validate_authorization_request(*extract_params(request))
        except FatalClientError as error:
            return self._cannot(str(error.description))
        except OAuth2Error as error:
            return self._back(asked, error.error, str(error.description or ""))
        return None

    def _back(self, asked: QueryDict, error: str, description: str) -> HttpResponse:
        """To the client, with why (RFC 6749, section 4.1.2.1)."""
        told = {"error": error, "error_description": description, "iss": settings.SITE_URL}
        if state := asked.get("state"):
            told["state"] = state
        address = asked["redirect_uri"]
        return Redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(told)}")

    def _cannot(self, why: str) -> HttpResponse:
        """To the person: we know of no address to which it would be safe to send him."""
        return render(self.request, "idp/oidc/error.html", {"why": why}, status=400)


@method_decorator(login_required, name="dispatch")
class ApplicationsView(View):
    """Whom one has let in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        assert isinstance(request.user, User)
        granted = integrations.granted_by(request.user, now=timezone.now())
        return render(request, "idp/applications.html", {"granted": granted})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show one out."""
        assert isinstance(request.user, User)
        try:
            integrations.revoke(request.POST.get("client", ""), by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, _("It has no access any more."))
        return redirect("applications")
