"""What every request meets on its way in and out, beside what Django and the libraries do; MIDDLEWARE has the order."""

import re
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.utils.functional import LazyObject
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.models import User
from accounts.throttles import address_of
from scheduler.errors import body, method_not_allowed

Answer = Callable[[HttpRequest], HttpResponse]

requests_log = structlog.stdlib.get_logger("scheduler.requests")

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING = ("GET", "HEAD", "OPTIONS")
SESSION_KEY_LIKE = re.compile(r"[a-z0-9]{8,40}")
SHORT_WAIT = 60
"""Seconds; most of allauth's limits are for a minute."""
REQUEST_ID_LIKE = re.compile(r"[0-9a-fA-F-]{16,64}")
"""A UUID, or hexadecimal: no other text of strangers gets into the log."""


def note_requests(get_response: Answer) -> Answer:
    """Give each request an id (``request.request_id``), and write one line when it has been answered.

    The route is told by its name, the person by his id: a path and a query may name somebody. The id is a proxy's of
    ours, if it gives one; it is answered in ``X-Request-ID``, and every line written meanwhile has it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
        request_id = given if REQUEST_ID_LIKE.fullmatch(given) else str(uuid4())
        request.request_id = request_id  # type: ignore[attr-defined]  # the audit trail reads it
        began = perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = get_response(request)
            log = requests_log.error if response.status_code >= 500 else requests_log.info
            log(
                "request",
                method=request.method if request.method in METHODS else "other",
                route=request.resolver_match.view_name if request.resolver_match else None,
                status=response.status_code,
                ms=round((perf_counter() - began) * 1000, 1),
                user=_known(request),
                address=address_of(request),
            )
        response.headers["X-Request-ID"] = request_id
        return response

    return middleware


def _known(request: HttpRequest) -> str | None:
    """The id of who asked, if the page wanted to know: asking now would be one more query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject):
        user = getattr(request, "_cached_user", None)
    return str(user.pk) if isinstance(user, User) else None


def owed_headers(get_response: Answer) -> Answer:
    """Give every answer the headers that it owes, also the errors that arise before the other middleware is reached."""
    owed = {
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in owed.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def refuse_at_the_door(get_response: Answer) -> Answer:
    """Refuse methods that nothing here speaks (TRACE would echo credentials), bodies too large for anything here before
    a byte of them is read, and the API without TLS; drop a cookie that is no session's (a NUL in it would be the
    database's error).

    A page asked for in the clear is redirected; a program that sent its credentials in the clear must not come to think
    that this works.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_api = request.path.startswith("/api/")
        if not SESSION_KEY_LIKE.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        if request.method not in METHODS:
            return method_not_allowed(request, METHODS)
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > settings.LARGEST_BODY:
            raise RequestDataTooBig
        if is_api and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return JsonResponse(body("https_required", _("The API is spoken over HTTPS only.")), status=403)
        return get_response(request)

    return middleware


def private_answers(get_response: Answer) -> Answer:
    """Keep what a signed-in or booking person saw out of every cache, the browser's own included."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES or not _is_new(request)
        if has_session or "Authorization" in request.headers or request.method not in READING:
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def ask_to_wait(get_response: Answer) -> Answer:
    """Tell whoever did something too often so: 429, and in Retry-After the seconds to wait.

    A page on which allauth tells it in a form is a 200 otherwise; what asks for it has set ``request.retry_after``.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        seconds = getattr(request, "retry_after", 0)
        if seconds and response.status_code == 200:
            response.status_code = 429
        if response.status_code == 429:
            response.headers["Retry-After"] = str(seconds or response.headers.get("Retry-After", SHORT_WAIT))
        return response

    return middleware


def _is_new(request: HttpRequest) -> bool:
    """Whether nothing is known about who asks."""
    return not hasattr(request, "session") or request.session.is_empty()


def draw_refused_methods(get_response: Answer) -> Answer:
    """A page for a 405: Django's own is empty."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            return method_not_allowed(request, response.headers["Allow"].split(", "))
        return response

    return middleware


def end_idle_sessions(get_response: Answer) -> Answer:
    """Let a signed-in person's session end IDLE_MINUTES_… after the last request, one minute more or less, and
    SESSION_HOURS after he signed in. What a page asks for by itself does not count.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if sessions.is_background(request.headers):
            return response
        # Asked of the session first: who brings a token has no session, and shall get none. And only if the page asked
        # too, so that what needs no session (health/live) does not come to need the database.
        if request.session.accessed and SESSION_KEY in request.session and request.user.is_authenticated:
            at = timezone.now()
            now = int(at.timestamp())
            # Once a minute is exact enough, and spares the database a write for each page.
            if request.session.get("seen_at", 0) <= now - 60:
                request.session["seen_at"] = now
                began_at = request.session.setdefault("began_at", now)
                request.session.set_expiry(sessions.expiry(request.user.role, began_at=began_at, now=at))
                sessions.saw(request.session.session_key, now=at)
        return response

    return middleware
