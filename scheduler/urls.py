"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

handler400 = "scheduler.errors.bad_request"
handler403 = "scheduler.errors.forbidden"
handler404 = "scheduler.errors.not_found"
handler500 = "scheduler.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("clinic.api.urls")),
    path("", include("clinic.urls")),
]
