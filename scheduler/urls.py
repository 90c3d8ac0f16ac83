"""Every address of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from scheduler import views
from scheduler.api.docs import RedocView, SchemaView, SwaggerView
from scheduler.api.root import RootView, nothing_here
from scheduler.health import Live, Ready, Well

handler400 = "scheduler.errors.bad_request"
handler403 = "scheduler.errors.forbidden"
handler404 = "scheduler.errors.not_found"
handler500 = "scheduler.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/2fa/", include("accounts.second_factor.urls")),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("accounts.social.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.api.integrators.urls")),
    path("api/v1/", RootView.as_view(), name="api-root"),
    path("api/v1", RedirectView.as_view(pattern_name="api-root")),
    path("api/v1/schema/", SchemaView.as_view(), name="schema"),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("clinic.api.urls")),
    path("api/v1/", include("records.api.urls")),
    re_path(r"^api(?:/|$)", nothing_here),
    path("docs", SwaggerView.as_view(), name="docs"),
    path("redoc", RedocView.as_view(), name="redoc"),
    *([path("staff/mail/", views.mail, name="shown-mail")] if settings.DEBUG else []),
    path("health/live", Live.as_view(), name="live"),
    path("health/ready", Ready.as_view(), name="ready"),
    path("health/well", Well.as_view(), name="well"),
    path("", include("records.urls")),
    path("", include("clinic.urls")),
]
