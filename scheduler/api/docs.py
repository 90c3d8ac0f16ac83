"""The API's description as pages to read: Swagger UI to try things out, ReDoc to read. Nothing comes from elsewhere."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request

STYLES_OF_REDOC = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


# Its script holds the reader's CSRF token.
@method_decorator(never_cache, name="dispatch")
class SchemaView(SpectacularAPIView):
    """The description of the API."""

    @staticmethod
    def _get_version_parameter(request: Request) -> None:
        """There is one version; the library would write whatever ``?version=`` says into a header."""


class SwaggerView(SpectacularSwaggerSplitView):
    """/docs."""

    template_name = "docs/swagger.html"


# ReDoc makes its own style elements. One is known by its text; the others are empty and filled by script, which the
# hash of the empty text allows. 'unsafe-inline' would let in anything.
@method_decorator(csp_update({"style-src": [SELF, *STYLES_OF_REDOC]}), name="dispatch")
class RedocView(SpectacularRedocView):
    """/redoc."""

    template_name = "docs/redoc.html"
