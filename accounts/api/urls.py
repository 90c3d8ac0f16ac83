"""Addresses of the people's API, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

import accounts.api.schema  # noqa: F401  drf-spectacular learns of it by the import
from accounts.api.logout import LogoutView
from accounts.api.me import MeView
from accounts.api.oauth2 import TokenView
from accounts.api.passwords import PasswordChangeView, PasswordResetView
from accounts.api.signing_in import LoginView, RefreshView
from accounts.api.signing_up import RegisterView, VerifyEmailView
from accounts.api.users import Users

router = SimpleRouter(use_regex_path=False)
router.register("users", Users, basename="api-user")

urlpatterns = [
    path("auth/register/", RegisterView.as_view(), name="register"),
    path("auth/verify-email/", VerifyEmailView.as_view(), name="verify-email"),
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/token/", TokenView.as_view(), name="token"),
    path("auth/token/refresh/", RefreshView.as_view(), name="token-refresh"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("auth/password/change/", PasswordChangeView.as_view(), name="password-change"),
    path("auth/password/reset/", PasswordResetView.as_view(), name="password-reset"),
    path("users/me/", MeView.as_view(), name="me"),
    path("", include(router.urls)),
]
