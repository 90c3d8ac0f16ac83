"""Errors in production: in one shape, and telling nothing of what is inside."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from scheduler.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

CANARY = "canary-7f3a"
RAISED = {
    400: SuspiciousOperation(CANARY),
    413: RequestDataTooBig(CANARY),
    403: PermissionDenied(CANARY),
    404: Http404(CANARY),
    500: RuntimeError(CANARY),
}


@csrf_exempt
def _fail(_request: HttpRequest, status: int) -> HttpResponse:
    raise RAISED[status]


def _form(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("fails/<int:status>/", _fail),
    path("api/v1/fails/<int:status>/", _fail),
    path("form/", _form),
    path("api/v1/form/", _form),
    path("", include("scheduler.urls")),
]
own_addresses = pytest.mark.urls(__name__)


@pytest.fixture
def visitor(client: Client, db: None) -> Client:
    client.raise_request_exception = False
    return client


@pytest.fixture
def fresh_counters(db: None) -> None:
    cache.clear()


def _is_generic(response: HttpResponse) -> bool:
    text = response.content.decode()
    inside = (CANARY, "Traceback", "Exception", "Error", "settings", "Django", "Python", "/fails/", "SELECT")
    return not any(word in text for word in inside)


@own_addresses
@pytest.mark.parametrize("status", RAISED)
def test_page_when_it_fails(visitor: Client, status: int) -> None:
    # case 179, fault B0-12
    response = visitor.get(f"/fails/{status}/")

    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert _is_generic(response)
    assert b"<h1" in response.content
    assert response.headers["X-Request-ID"] in response.content.decode()


@own_addresses
@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "invalid"), (413, "too_large"), (403, "permission_denied"), (404, "not_found"), (500, "server_error")],
)
def test_api_when_it_fails(visitor: Client, status: int, code: str) -> None:
    # case 179, fault B0-12, fault B4-6
    response = visitor.get(f"/api/v1/fails/{status}/")

    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/json")
    assert _is_generic(response)
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["message"]
    assert response.headers["X-Request-ID"]
    # Of what was refused there is one text, whoever asks for whatever; what failed is worth a question.
    assert ("request_id" in response.json()["error"]) is (status == 500)


@own_addresses
@pytest.mark.django_db
def test_page_when_a_form_comes_from_elsewhere() -> None:
    # case 179
    response = Client(enforce_csrf_checks=True).post("/form/")

    assert response.status_code == 403
    assert _is_generic(response)
    assert b"<h1" in response.content
    assert response.headers["X-Request-ID"] in response.content.decode()


@own_addresses
@pytest.mark.django_db
def test_api_when_a_form_comes_from_elsewhere() -> None:
    # case 179
    response = Client(enforce_csrf_checks=True).post("/api/v1/form/")

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "csrf_failed"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_api_when_the_method_is_wrong(visitor: Client, method: str) -> None:
    # case 179
    response = visitor.generic(method, "/api/v1/auth/login/")

    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(("method", "path_"), [("TRACE", "/"), ("DELETE", "/hold/"), ("GET", "/hold/")])
def test_page_when_the_method_is_wrong(visitor: Client, method: str, path_: str) -> None:
    # case 179, case 180
    response = visitor.generic(method, path_)

    assert response.status_code == 405
    assert response.headers["Allow"]
    assert b"<h1" in response.content
    assert _is_generic(response)
    assert response.headers["X-Request-ID"] in response.content.decode()


@pytest.mark.usefixtures("fresh_counters")
def test_page_when_it_was_too_often(visitor: Client, settings: Any) -> None:
    # case 179
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1/m/ip"}
    visitor.post("/accounts/login/")

    response = visitor.post("/accounts/login/")

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert b"<h1" in response.content
    assert _is_generic(response)
    assert response.headers["X-Request-ID"] in response.content.decode()


@pytest.mark.parametrize(
    "path_",
    ["/no/such/page/", "/manage.py", "/.git/HEAD", "/.env", "/db.sqlite3", "/db.sqlite3~", "/media/", "/static/"],
)
def test_page_when_there_is_none(visitor: Client, path_: str) -> None:
    # case 180
    response = visitor.get(path_)

    assert response.status_code == 404
    assert _is_generic(response)


@pytest.mark.parametrize("path_", ["/api/v1/no-such-thing/", "/api/", "/api/v2/doctors/"])
def test_api_when_there_is_no_such_address(visitor: Client, path_: str) -> None:
    # case 179
    response = visitor.get(path_)

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"
