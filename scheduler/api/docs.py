"""The API's description as pages to read: Swagger UI to try things out, ReDoc to read. Nothing comes from elsewhere."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView


# Its script holds the reader's CSRF token.
@method_decorator(never_cache, name="dispatch")
class SwaggerView(SpectacularSwaggerSplitView):
    """/docs."""

    template_name = "docs/swagger.html"


class RedocView(SpectacularRedocView):
    """/redoc."""

    template_name = "docs/redoc.html"
