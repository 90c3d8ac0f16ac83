"""To a provider and back. These come before allauth's own views of the same addresses and names."""

from django.urls import path

from accounts.social import views

urlpatterns = [
    path("google/login/", views.leave_for(views.Google), name="google_login"),
    path("google/login/callback/", views.return_from(views.Google), name="google_callback"),
    path("google/login/token/", views.nothing_here, name="google_login_by_token"),
    path("github/login/", views.leave_for(views.GitHub), name="github_login"),
    path("github/login/callback/", views.return_from(views.GitHub), name="github_callback"),
    path("microsoft/login/", views.leave_for(views.Microsoft), name="microsoft_login"),
    path("microsoft/login/callback/", views.return_from(views.Microsoft), name="microsoft_callback"),
    path("oidc/<str:provider_id>/login/", views.leave_for_openid_connect, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", views.return_from_openid_connect, name="openid_connect_callback"),
]
