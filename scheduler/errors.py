"""How a refusal is told: the API's one exception handler, and the answers to errors outside any view.

The shape, everywhere under ``/api/``: ``{"error": {"code": ..., "message": ..., "fields": {...}}}``.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django.views.csrf import csrf_failure as csrf_page
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.response import Response

from clinic.api.serializers.availability import InTheWaySerializer
from clinic.api.serializers.slots import AlternativesSerializer
from clinic.displacement import AppointmentsInTheWay
from clinic.slots import SlotTaken
from scheduler import logs

logger = logging.getLogger(__name__)

STATUS = {
    "slot_taken": 409,
    "patient_busy": 409,
    "too_many_upcoming": 409,
    "already_final": 409,
    "stale": 409,
    "in_use": 409,
    "hours_overlap": 409,
    "appointments_in_the_way": 409,
    "no_account": 409,
    "record_exists": 409,
    "already_asked": 409,
    "already_answered": 409,
    "busy": 409,
    "idempotency_mismatch": 422,
    "one_hold_at_a_time": 429,
    "too_many_holds": 429,
}
"""The HTTP status of a verb's refusal; 400 for any code that is not here."""

UNTOLD = {"invalid", "required", "null", "blank", "empty", "max_length", "min_length", "max_value", "min_value"} | {
    *("does_not_exist", "incorrect_type", "invalid_choice", "not_a_list", "null_characters_not_allowed"),
    "surrogate_characters_not_allowed",
}
"""DRF's codes of what is malformed: the field and its sentence tell more than a code could, which is ``invalid``."""

NO_FIELD = "non_field_errors"
"""Where DRF keeps what is about no field in particular."""

CSRF_FAILED = gettext_lazy("The CSRF token is missing or wrong.")
OUTAGES = (OperationalError, InterfaceError, RedisError)
"""What is raised while the database or Redis is away."""
OUTAGE_SECONDS = 5
"""When to try again then."""


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
    if isinstance(error, OUTAGES):
        # Its text may hold values of the statement.
        logger.error("Database or Redis failed: %s in %s.", type(error).__name__, type(context.get("view")).__name__)
        return Response(_unavailable(), 503, headers={"Retry-After": str(OUTAGE_SECONDS)})
    error = _as_drf_says(error)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(max(1, wait))
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat(error.detail))
        first = next(iter(fields.values()), [_("Invalid input.")])[0]
        fields.pop(NO_FIELD, None)
        return Response(body(_code(error), first, fields), error.status_code, headers=headers)
    code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else error.default_code
    return Response(body(str(code), str(error.detail)), error.status_code, headers=headers)


def _as_drf_says(error: Exception) -> Exception:
    """Django's refusals as DRF's; and one code for a failed CSRF check, wherever it is found."""
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, exceptions.PermissionDenied) and str(error.detail).startswith("CSRF Failed"):
        return exceptions.PermissionDenied(CSRF_FAILED, code="csrf_failed")
    return error


def _code(error: exceptions.ValidationError) -> str:
    """The one code of all that is refused, if it says more than that it is malformed."""
    codes = set(_leaves(error.get_codes()))
    return codes.pop() if len(codes) == 1 and not codes & UNTOLD else "invalid"


def _leaves(codes: Any) -> Iterator[str]:
    if isinstance(codes, str):
        yield codes
    else:
        for inner in codes.values() if isinstance(codes, Mapping) else codes:
            yield from _leaves(inner)


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
    status = STATUS.get(code, 400)
    more = AlternativesSerializer(error).data if isinstance(error, SlotTaken) else {}
    more |= InTheWaySerializer(error).data if isinstance(error, AppointmentsInTheWay) else {}
    # Too many holds: one is gone by then.
    headers = {"Retry-After": str(settings.HOLD_MINUTES * 60)} if status == 429 else {}
    return Response(body(code, first.messages[0], fields, **more), status, headers=headers)


def _flat(detail: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Field names and sentences of DRF's nested error details."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        for position, item in enumerate(detail):
            yield from _flat(item, f"{name}.{position}" if name else str(position))
    else:
        # A choice that is none is quoted, and half a character cannot be answered in UTF-8.
        said = detail if isinstance(detail, list) else [detail]
        yield name or NO_FIELD, [str(item).encode("utf-8", "replace").decode() for item in said]


def _is_api(request: HttpRequest) -> bool:
    return f"{request.path}/".startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 outside any view; 413 for what is larger than is read."""
    is_large = isinstance(exception, RequestDataTooBig | TooManyFilesSent | TooManyFieldsSent)
    status = 413 if is_large else 400
    if _is_api(request):
        too_large = body("too_large", _("The body is too large."))
        return JsonResponse(too_large if is_large else body("invalid", _("The request cannot be read.")), status=status)
    return _bare_page("400.html", status)


def method_not_allowed(request: HttpRequest, allowed: Iterable[str]) -> HttpResponse:
    """405, for a method that nothing here speaks, or that a page does not."""
    allow = {"Allow": ", ".join(allowed)}
    if _is_api(request):
        refusal = body("method_not_allowed", _("This method is not allowed here."))
        return JsonResponse(refusal, status=405, headers=allow)
    return _bare_page("405.html", 405, allow)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 outside any view."""
    if _is_api(request):
        return JsonResponse(body("permission_denied", _("You may not do this.")), status=403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for an address that nothing answers to as for a thing that is not there."""
    if _is_api(request):
        message = _("Not found.") if request.path.endswith("/") else _("Not found. Every address ends with a slash.")
        return JsonResponse(body("not_found", message), status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, nothing about the cause; while the database or Redis is away 503, and when to try again."""
    is_outage = isinstance(sys.exc_info()[1], OUTAGES)
    if _is_api(request):
        refusal = _unavailable() if is_outage else _noted("server_error", _("Something went wrong on our side."))
        response: HttpResponse = JsonResponse(refusal, status=500)
    else:
        response = _bare_page("500.html", 500)
    if is_outage:
        response.status_code = 503
        response.headers["Retry-After"] = str(OUTAGE_SECONDS)
    return response


def _unavailable() -> dict[str, Any]:
    return _noted("unavailable", _("We cannot answer at the moment. Please try again in a few seconds."))


def _noted(code: str, message: str) -> dict[str, Any]:
    """With the id under which the log has more. Other refusals tell it in X-Request-ID alone: two are the same text."""
    return body(code, message, request_id=logs.request_id())


def _bare_page(template: str, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """A page that asks nothing of the request, which may be what is broken."""
    page = loader.render_to_string(template, {"request_id": logs.request_id()})
    return HttpResponse(page, status=status, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from one of our pages."""
    if _is_api(request):
        return JsonResponse(body("csrf_failed", str(CSRF_FAILED)), status=403)
    return csrf_page(request, reason)
