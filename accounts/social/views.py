"""To a provider and back: allauth's views, made to bear whatever a provider answers, or that it does not answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess, Provider, ProviderException
from allauth.socialaccount.providers.base.utils import respond_to_login_on_get
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.microsoft.views import MicrosoftGraphOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter, OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import get_request_param
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import get_random_string
from requests import RequestException

from accounts.social import answers

View = Callable[..., HttpResponse]
NONSENSE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, ImproperlyConfigured)
"""What allauth's code raises when an answer is not made as it should be."""
STATE = "state"
STATE_LENGTH = 32


@contextmanager
def provider_speaks() -> Iterator[None]:
    """Within the block nothing but the provider's answers is dealt with: what goes wrong is its fault."""
    try:
        yield
    except (RequestException, OAuth2Error, *NONSENSE) as error:
        raise ProviderException from error


class _Wary(OAuth2Adapter):
    """Between us and a provider."""

    def take(self, login: SocialLogin, nonce: str) -> None:
        """Leave in ``login`` what is believed and used of what this provider tells."""
        raise NotImplementedError

    def get_client(self, request: HttpRequest, app: SocialApp) -> OAuth2Client:
        with provider_speaks():
            return super().get_client(request, app)

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        with provider_speaks():
            data: dict[str, Any] = super().get_access_token_data(*args, **kwargs)
            return data

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        with provider_speaks():
            # The token is used once and never kept: how long it lives is nothing to us.
            return super().parse_token({"access_token": str(data["access_token"])})

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        with provider_speaks():
            login = super().complete_login(request, app, token, **kwargs)
            self.take(login, answers.nonce_for(str(get_request_param(request, STATE))))
            return login


class Google(_Wary, GoogleOAuth2Adapter):
    """Google's accounts."""

    def take(self, login: SocialLogin, nonce: str) -> None:
        """As ``answers`` says."""
        answers.google(login, nonce)


class GitHub(_Wary, GitHubOAuth2Adapter):
    """GitHub's accounts."""

    def take(self, login: SocialLogin, nonce: str) -> None:
        """As ``answers`` says."""
        answers.github(login, nonce)


class Microsoft(_Wary, MicrosoftGraphOAuth2Adapter):
    """Microsoft's accounts."""

    def take(self, login: SocialLogin, nonce: str) -> None:
        """As ``answers`` says."""
        answers.microsoft(login, nonce)


class OpenIDConnect(_Wary, OpenIDConnectOAuth2Adapter):
    """Accounts at the OpenID Connect server of the settings."""

    def take(self, login: SocialLogin, nonce: str) -> None:
        """As ``answers`` says."""
        answers.openid_connect(login, nonce)


class _Leave(OAuth2LoginView):
    """To the provider. Only ``process`` and ``next`` are the browser's to say, never a scope or another parameter."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider = self.get_provider()
        process = get_request_param(request, "process", AuthProcess.LOGIN)
        if process not in (AuthProcess.LOGIN, AuthProcess.CONNECT):
            raise Http404
        if process == AuthProcess.CONNECT:
            raise_if_reauthentication_required(request, app="allauth.socialaccount")
        asked: HttpResponse | None = respond_to_login_on_get(request, provider)
        if asked is not None:
            return asked
        state_id = get_random_string(STATE_LENGTH)
        parameters = provider.get_auth_params() | {"nonce": answers.nonce_for(state_id)}
        next_url = get_next_redirect_url(request)
        try:
            with provider_speaks():
                there: HttpResponse = provider.redirect(
                    request, process, next_url=next_url, state_id=state_id, auth_params=parameters
                )
                return there
        except ProviderException as error:
            return _sorry(request, provider, error)


class _Return(OAuth2CallbackView):
    """Back from the provider."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        except ProviderException as error:
            return _sorry(request, self.adapter.get_provider(), error)
        return answer


def _sorry(request: HttpRequest, provider: Provider, error: ProviderException) -> HttpResponse:
    page: HttpResponse = render_authentication_error(request, provider, exception=error)
    return page


def _if_configured(view: View) -> View:
    """A provider that is not in the settings has no pages."""

    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, **kwargs)
        except SocialApp.DoesNotExist:
            raise Http404 from None

    return shown


def leave_for(adapter: type[OAuth2Adapter] | OAuth2Adapter) -> View:
    """The view that sends somebody to a provider."""
    return _if_configured(_Leave.adapter_view(adapter))


def return_from(adapter: type[OAuth2Adapter] | OAuth2Adapter) -> View:
    """The view that a provider sends him back to."""
    return _if_configured(_Return.adapter_view(adapter))


def leave_for_openid_connect(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to the OpenID Connect server."""
    return leave_for(OpenIDConnect(request, provider_id))(request)


def return_from_openid_connect(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where it sends him back to."""
    return return_from(OpenIDConnect(request, provider_id))(request)


def nothing_here(_request: HttpRequest) -> HttpResponse:
    """For allauth's address that takes Google's tokens from any page: we have one way in, with state and nonce."""
    raise Http404
