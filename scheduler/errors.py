"""How a refusal is told: the API's one exception handler, and the answers to errors outside any view.

The shape, everywhere under ``/api/``: ``{"error": {"code": ..., "message": ..., "fields": {...}}}``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.csrf import csrf_failure as csrf_page
from rest_framework import exceptions
from rest_framework.response import Response

STATUS = {
    "slot_taken": 409,
    "patient_busy": 409,
    "too_many_upcoming": 409,
    "already_final": 409,
    "stale": 409,
    "in_use": 409,
    "idempotency_mismatch": 422,
    "one_hold_at_a_time": 429,
    "too_many_holds": 429,
}
"""The HTTP status of a verb's refusal; 400 for any code that is not here."""


def body(code: str, message: str, fields: Mapping[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
    """The one shape of a refusal; ``fields`` maps names to sentences, ``more`` adds to the error."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = dict(fields)
    return {"error": error | more}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER: translate what a view raised; None (a 500) for what nobody foresaw."""
    if isinstance(error, ValidationError):
        return _verb_refused(error)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat(error.detail))
        first = next(iter(fields.values()), [_("Invalid input.")])[0]
        return Response(body("invalid", first, fields), error.status_code, headers=headers)
    code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else error.default_code
    return Response(body(str(code), str(error.detail)), error.status_code, headers=headers)


def _verb_refused(error: ValidationError) -> Response:
    """A domain module said no: its code decides the status."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    first = next(errors[0] for errors in by_field.values())
    fields = {
        name: [str(message) for one in errors for message in one.messages]
        for name, errors in by_field.items()
        if name != NON_FIELD_ERRORS
    }
    code = first.code or "invalid"
    more = {}
    if hasattr(error, "alternatives"):
        more["alternatives"] = error.alternatives
    return Response(body(code, first.messages[0], fields, **more), STATUS.get(code, 400))


def _flat(detail: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Field names and sentences of DRF's nested error details."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        for position, item in enumerate(detail):
            yield from _flat(item, f"{name}.{position}" if name else str(position))
    else:
        yield name or "non_field_errors", [str(item) for item in (detail if isinstance(detail, list) else [detail])]


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 outside any view."""
    if _is_api(request):
        return JsonResponse(body("invalid", _("The request cannot be read.")), status=400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside any view."""
    if _is_api(request):
        return JsonResponse(body("permission_denied", _("You may not do this.")), status=403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for an address that nothing answers to as for a thing that is not there."""
    if _is_api(request):
        return JsonResponse(body("not_found", _("Not found.")), status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: nothing about the cause."""
    if _is_api(request):
        return JsonResponse(body("server_error", _("Something went wrong on our side.")), status=500)
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from one of our pages."""
    if _is_api(request):
        return JsonResponse(body("csrf_failed", _("The CSRF token is missing or wrong.")), status=403)
    return csrf_page(request, reason)
