"""Addresses of our OAuth2 and OpenID Connect server. allauth's views call some by their names."""

from django.urls import include, path

import accounts.api.integrators.schema  # noqa: F401  drf-spectacular learns of it by the import
from accounts.api.integrators.discovery import ConfigurationView, KeysView
from accounts.api.integrators.endpoints import RevokeEndpoint, TokenEndpoint, UserInfoEndpoint
from accounts.api.integrators.pages import ApplicationsView, ConsentView

oidc = [
    path(".well-known/openid-configuration", ConfigurationView.as_view(), name="configuration"),
    path(".well-known/jwks.json", KeysView.as_view(), name="jwks"),
    path("identity/o/authorize", ConsentView.as_view(), name="authorization"),
    path("identity/o/api/token", TokenEndpoint.as_view(), name="token"),
    path("identity/o/api/revoke", RevokeEndpoint.as_view(), name="revoke"),
    path("identity/o/api/userinfo", UserInfoEndpoint.as_view(), name="userinfo"),
]

urlpatterns = [
    path("", include(([path("", include((oidc, "oidc")))], "idp"))),
    path("accounts/applications/", ApplicationsView.as_view(), name="applications"),
]
