"""Parts of pages, for htmx. Without it every page is whole."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def redirects_whole_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where htmx asks for a part of the page and is led elsewhere (to sign in, say), the whole page goes there."""

    @wraps(view)
    def run(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if fragment(request) and isinstance(response, HttpResponseRedirect):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response

    return run


def fragment(request: HttpRequest) -> str:
    """The id of the part of the page that htmx asked for; empty if the whole page is wanted."""
    if "HX-Request" not in request.headers or "HX-History-Restore-Request" in request.headers:
        return ""
    return request.headers.get("HX-Target", "")
