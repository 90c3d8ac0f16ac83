"""Every answer carries the headers that it owes, whoever asks for whatever; cookies tell nothing and go nowhere."""

from collections.abc import Iterable, Iterator

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, override_settings
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import Patient, User
from accounts.tests.factories import PASSWORD
from clinic.models import Doctor
from scheduler.tests.addresses import addresses
from scheduler.tests.production import settings_under

OWED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
POLICY = ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")
NEVER = ("unsafe-inline", "unsafe-eval", "*", "http:", "https:")


def _wrong(response: HttpResponse) -> list[str]:
    """What an answer lacks."""
    policy = response.headers.get("Content-Security-Policy", "")
    directives = [directive.strip() for directive in policy.split(";")]
    return [
        *(name for name, value in OWED.items() if response.headers.get(name) != value),
        *([] if response.headers.get("X-Request-ID") else ["X-Request-ID"]),
        *(directive for directive in POLICY if directive not in directives),
        *(f"{word} in the policy" for word in NEVER if word in policy),
        *(["data: for scripts"] if any("data:" in d and not d.startswith("img-src") for d in directives) else []),
    ]


@pytest.fixture
def nobody(client: Client, db: None) -> Client:
    client.raise_request_exception = False
    return client


@pytest.fixture(params=["a patient", "a doctor", "reception", "an admin"])
def somebody(
    request: pytest.FixtureRequest, nobody: Client, alice: Patient, dr_chen: Doctor, rita: User, adam: User
) -> Client:
    people = {"a patient": alice.user, "a doctor": dr_chen.user, "reception": rita, "an admin": adam}
    nobody.force_login(people[request.param])
    return nobody


@pytest.fixture(scope="module")
def asked() -> dict[str, list[tuple[str, HttpResponse]]]:
    """What was answered already, by who asked: what several tests look at is asked for once."""
    return {}


@pytest.fixture
def answers(
    request: pytest.FixtureRequest, somebody: Client, asked: dict[str, list[tuple[str, HttpResponse]]]
) -> list[tuple[str, HttpResponse]]:
    """Status and headers of every address, as somebody gets them who asks for one after the other."""
    who = request.node.callspec.params["somebody"]
    if who not in asked:
        asked[who] = [(path, _bare(somebody.get(path))) for path in addresses()]
    return asked[who]


def _bare(answer: HttpResponse) -> HttpResponse:
    """Without what was rendered; not a header more than there was."""
    bare = HttpResponse(status=answer.status_code)
    bare.headers = answer.headers
    return bare


def _all_wrong(answers: Iterable[tuple[str, HttpResponse]]) -> dict[str, tuple[int, list[str]]]:
    return {path: (answer.status_code, faults) for path, answer in answers if (faults := _wrong(answer))}


@pytest.mark.parametrize("method", ["GET", "POST", "TRACE"])
def test_headers_when_nobody_in_particular_asks(nobody: Client, method: str) -> None:
    # case 163, case 165
    assert _all_wrong((path, nobody.generic(method, path)) for path in addresses()) == {}


def test_headers_when_somebody_asks(answers: list[tuple[str, HttpResponse]]) -> None:
    # case 163, case 165
    assert _all_wrong(answers) == {}


@pytest.mark.parametrize("path", ["/no/such/page/", "/api/v1/no/such/thing/", "/static/no-such-file.css", "/.env"])
def test_headers_when_there_is_nothing(client: Client, db: None, path: str) -> None:
    # case 163
    response = client.get(path)

    assert response.status_code == 404
    assert _wrong(response) == []


@override_settings(WHITENOISE_USE_FINDERS=True, WHITENOISE_AUTOREFRESH=True)
@pytest.mark.parametrize("path", ["/static/css/site.css", "/static/img/logo.svg", "/static/admin/css/base.css"])
def test_headers_when_a_static_file_is_asked_for(client: Client, path: str) -> None:
    # case 163
    response = client.get(path)

    assert response.status_code == 200
    assert _wrong(response) == []
    assert "no-store" not in response.headers["Cache-Control"]


@pytest.mark.parametrize("is_https", [False, True])
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/api/v1/"])
def test_headers_when_the_host_is_not_ours(client: Client, path: str, is_https: bool) -> None:
    # case 163
    with override_settings(SECURE_SSL_REDIRECT=is_https):
        response = client.get(path, headers={"host": "evil.example.org"}, secure=False)

    assert response.status_code == (403 if is_https and path.startswith("/api/") else 400)
    assert _wrong(response) == []
    assert "evil" not in response.headers.get("Location", "")


def test_headers_when_a_form_comes_from_elsewhere(db: None) -> None:
    # case 163
    response = Client(enforce_csrf_checks=True).post("/accounts/login/")

    assert response.status_code == 403
    assert _wrong(response) == []


@pytest.mark.urls("scheduler.tests.test_error_pages")
@pytest.mark.parametrize("status", [400, 403, 404, 413, 500])
@pytest.mark.parametrize("prefix", ["/", "/api/v1/"])
def test_headers_when_it_fails(nobody: Client, prefix: str, status: int) -> None:
    # case 163
    response = nobody.get(f"{prefix}fails/{status}/")

    assert response.status_code == status
    assert _wrong(response) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/hold/"),
        ("DELETE", "/accounts/login/"),
        ("TRACE", "/"),
        ("PUT", "/api/v1/auth/login/"),
        ("TRACE", "/api/"),
    ],
)
def test_headers_when_the_method_is_wrong(nobody: Client, method: str, path: str) -> None:
    # case 163
    response = nobody.generic(method, path)

    assert response.status_code == 405
    assert _wrong(response) == []


def test_headers_when_it_was_too_often(nobody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # case 163
    cache.clear()
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, "anon", "1/min")
    with override_settings(ACCOUNT_RATE_LIMITS={"login": "1/m/ip"}):
        pages = [nobody.post("/accounts/login/") for _twice in range(2)]
    answers = [nobody.get("/api/v1/doctors/") for _twice in range(2)]

    for refused in (pages[1], answers[1]):
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert _wrong(refused) == []


@override_settings(CORS_ALLOWED_ORIGINS=["https://app.example.org"])
@pytest.mark.parametrize("origin", ["https://app.example.org", "https://evil.example.org"])
def test_headers_when_another_site_asks(nobody: Client, origin: str) -> None:
    # case 163, case 169
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}

    for response in (nobody.options("/api/v1/holds/", headers=asks), nobody.get("/api/v1/doctors/", headers=asks)):
        assert _wrong(response) == []


def test_no_store_when_signed_in(answers: list[tuple[str, HttpResponse]]) -> None:
    # case 173
    policies = {path: answer.headers.get("Cache-Control", "") for path, answer in answers}

    assert [path for path, policy in policies.items() if "no-store" not in policy] == []


@pytest.fixture
def https() -> Iterator[Client]:
    """A browser behind a proxy that ends TLS, and a site with the settings of production."""
    production = settings_under()
    prefixes = ("SECURE_", "SESSION_COOKIE_", "CSRF_", "HTTPS", "SITE_URL", "ALLOWED_HOSTS")
    with override_settings(**{name: value for name, value in production.items() if name.startswith(prefixes)}):
        yield Client(headers={"Host": "clinic.example.org", "X-Forwarded-Proto": "https"}, enforce_csrf_checks=True)


def test_cookies_when_signing_in_over_https(https: Client, alice: Patient) -> None:
    # case 167
    https.get("/accounts/login/")
    token = https.cookies["__Host-csrf"].value
    form = {"login": "alice@example.org", "password": PASSWORD, "csrfmiddlewaretoken": token}

    response = https.post("/accounts/login/", form, headers={"Referer": "https://clinic.example.org/accounts/login/"})

    assert response.status_code == 302
    assert set(https.cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in https.cookies.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert "alice" not in cookie.value.lower()
        assert len(cookie.OutputString()) < 4096


def test_transport_when_asked_over_https(https: Client, alice: Patient) -> None:
    # case 164
    response = https.get("/accounts/login/")

    told = response.headers["Strict-Transport-Security"]
    assert int(told.partition("max-age=")[2].partition(";")[0]) >= 31_536_000
    assert "includeSubDomains" in told


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/"])
def test_transport_when_a_page_is_asked_for_in_the_clear(https: Client, path: str) -> None:
    # case 164
    response = https.get(path, headers={"X-Forwarded-Proto": "http"})

    assert response.status_code == 301
    assert response.headers["Location"] == f"https://clinic.example.org{path}"
    assert _wrong(response) == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_transport_when_the_api_is_called_in_the_clear(https: Client, method: str) -> None:
    # case 164
    response = https.generic(method, "/api/v1/appointments/", headers={"X-Forwarded-Proto": "http"})

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "https_required"
    assert _wrong(response) == []
