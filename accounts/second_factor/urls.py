"""Addresses of the pages that stand before allauth.mfa's own, below /accounts/2fa/."""

from django.urls import path

from accounts.second_factor.views import AddPasskey, RemovePasskey, SetUpApp

urlpatterns = [
    path("totp/activate/", SetUpApp.as_view(), name="mfa_activate_totp"),
    path("webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("webauthn/keys/<int:pk>/remove/", RemovePasskey.as_view(), name="mfa_remove_webauthn"),
]
