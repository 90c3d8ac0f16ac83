"""The API's description as pages to read: Swagger UI to try things out, ReDoc to read. Nothing comes from elsewhere."""

from functools import lru_cache
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView
from rest_framework.request import Request

STYLES_OF_REDOC = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


class KeptGenerator(SchemaGenerator):
    """Makes the description once for each language: it is the same for everybody, and takes a tenth of a second."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> Any:
        """The description."""
        return _made(get_language())


@lru_cache(maxsize=4)
def _made(_language: str | None) -> Any:
    return SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]


# Its script holds the reader's CSRF token.
@method_decorator(never_cache, name="dispatch")
class SchemaView(SpectacularAPIView):
    """The description of the API."""

    generator_class = KeptGenerator

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
