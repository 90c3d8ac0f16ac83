"""The page on which a person lets an application in, and what is refused before anybody is asked."""

from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.core.signing import Signer
from django.test import Client as Browser
from django.test import override_settings

from accounts import integrations
from accounts.models import Patient, User
from accounts.models.audit import AuditEntry
from accounts.tests.integrators import (
    ALL,
    APP_CALLBACK,
    AUTHORIZE,
    CALLBACK,
    agree,
    challenge,
    code_for,
    make_app,
    make_service,
    make_web,
    question,
    told,
)


@pytest.fixture
def browser(alice: Patient) -> Browser:
    """Where Alice is signed in."""
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def easy(alice: Patient) -> Browser:
    """Likewise, without the CSRF token."""
    browser = Browser()
    browser.force_login(alice.user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_page_names_the_application_and_what_it_may(browser: Browser) -> None:
    answer = browser.get(AUTHORIZE, question(make_web(), scope="openid appointments.read"))

    body = answer.content.decode()
    assert answer.status_code == 200
    assert "Practice calendar" in body
    assert "Read the appointments that you can see" in body
    assert "Book, move and cancel" not in body
    assert "https://practice.example.com" in body
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("make", "leads_to"), [(make_web, "https://practice.example.com"), (make_app, "com.example.practice:")]
)
def test_page_lets_its_form_lead_to_the_application_alone(browser: Browser, make: Any, leads_to: str) -> None:
    made = make()  # case 165, case 169

    policy = browser.get(AUTHORIZE, question(made))["Content-Security-Policy"]
    elsewhere = browser.get("/accounts/applications/")["Content-Security-Policy"]

    assert f"form-action 'self' {leads_to};" in f"{policy};"
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self';" in f"{elsewhere};"


def test_stranger_signs_in_first(db: None) -> None:
    asked = question(make_web())

    answer = Browser().get(AUTHORIZE, asked)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/identity/o/authorize")


def test_consent_answers_with_a_code_and_the_state(easy: Browser, alice: Patient) -> None:
    answer = agree(easy, make_web())

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{CALLBACK}?")
    assert told(answer)["state"] == "a-state"
    entry = AuditEntry.objects.get(verb="accounts.grant.given")
    assert entry.actor == alice.user.pk


def test_consent_may_be_for_less(easy: Browser, alice: Patient) -> None:
    agree(easy, make_web(), scopes=["openid"])

    assert Token.objects.get().get_scopes() == ["openid"]


def test_consent_to_nothing_is_none(easy: Browser) -> None:
    answer = agree(easy, make_web(), scopes=[])

    assert answer.status_code == 200
    assert "Choose at least one" in answer.content.decode()
    assert not Token.objects.exists()


def test_consent_to_more_than_was_asked_is_none(easy: Browser) -> None:
    answer = agree(easy, make_web(), scope="openid", scopes=["openid", "appointments.write"])

    assert answer.status_code == 200
    assert not Token.objects.exists()


def test_refusal_is_told_to_the_application(easy: Browser) -> None:
    form = easy.get(AUTHORIZE, question(make_web())).context["form"]

    answer = easy.post(AUTHORIZE, {"request": form["request"].initial, "scopes": ALL, "action": "refuse"})

    assert told(answer)["error"] == "access_denied"
    assert not Token.objects.exists()


def test_consent_from_another_site_is_none(browser: Browser) -> None:
    form = browser.get(AUTHORIZE, question(make_web())).context["form"]  # case 093

    answer = browser.post(AUTHORIZE, {"request": form["request"].initial, "scopes": ALL, "action": "grant"})

    assert answer.status_code == 403
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "signed", ["x", "a:b", Signer().sign_object([1, 2, 3]), Signer().sign_object([["openid"], {}])]
)
def test_consent_to_what_was_never_asked_is_none(easy: Browser, signed: str) -> None:
    answer = easy.post(AUTHORIZE, {"request": signed, "scopes": "openid", "action": "grant"})

    assert answer.status_code == 400
    assert not Token.objects.exists()


def test_consent_to_an_application_that_was_removed_meanwhile(easy: Browser, adam: User) -> None:
    made = make_web()
    form = easy.get(AUTHORIZE, question(made)).context["form"]
    integrations.remove(made.client, by=adam)

    for chosen in (["openid"], []):
        answer = easy.post(AUTHORIZE, {"request": form["request"].initial, "scopes": chosen, "action": "grant"})

        assert answer.status_code == 400


def test_consent_to_an_address_that_was_taken_out_meanwhile(easy: Browser, adam: User) -> None:
    made = make_web()
    form = easy.get(AUTHORIZE, question(made)).context["form"]
    integrations.change(
        made.client, by=adam, name="Other", scopes=ALL, redirect_uris=["https://other.example.com/callback"]
    )

    answer = easy.post(AUTHORIZE, {"request": form["request"].initial, "scopes": ["openid"], "action": "refuse"})

    assert answer.status_code == 400


@pytest.mark.parametrize("make", [make_web, make_app])
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": challenge() + "="},
    ],
)
def test_every_application_has_to_prove_that_the_code_is_its_own(
    easy: Browser, make: Any, changes: dict[str, Any]
) -> None:
    answer = easy.get(AUTHORIZE, question(make(), **changes))

    assert answer.status_code == 302
    assert told(answer)["error"] == "invalid_request"
    assert told(answer)["state"] == "a-state"


@pytest.mark.parametrize(
    "address",
    [
        *("//evil.example.com/callback", "https://evil.example.com/callback", "http://practice.example.com/callback"),
        *(f"{CALLBACK}/more", f"{CALLBACK}?x=1", f"{CALLBACK}#x", f"{CALLBACK}/../evil", f"{CALLBACK} "),
        *("https://practice.example.com", "https://practice.example.com:8443/callback", "javascript:alert(1)"),
        *("https://practice.example.com@evil.example.com/callback", "https://PRACTICE.example.com/callback"),
        *("https://evil@practice.example.com/callback", "https://practice.example.com/Callback", "/callback", ""),
        *("https://practice.example.com\\@evil.example.com/callback", f"{CALLBACK}%0d%0aSet-Cookie:a=b", "http://["),
        *(f"{CALLBACK}\r\nX: y", "data:text/html,x", "https:evil.example.com", "http://127.0.0.1/callback"),
    ],
)
def test_nobody_is_sent_where_the_application_is_not(easy: Browser, address: str) -> None:
    made = make_web()  # case 171

    answer = easy.get(AUTHORIZE, question(made, redirect_uri=address))

    assert answer.status_code == 400
    assert "Location" not in answer
    assert "evil" not in answer.content.decode()


def test_address_that_is_not_named_is_none(easy: Browser) -> None:
    assert easy.get(AUTHORIZE, question(make_web(), redirect_uri=None)).status_code == 400


@pytest.mark.parametrize("port", ["", ":51004"])
def test_app_may_listen_on_any_port_of_its_own_computer(easy: Browser, port: str) -> None:
    made = make_app(redirect_uris=["http://127.0.0.1/callback"])

    answer = agree(easy, made, redirect_uri=f"http://127.0.0.1{port}/callback")

    assert "code" in told(answer)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.2:1/callback",
        "http://localhost/callback",
        "http://127.0.0.1:x/callback",
    ],
)
def test_app_may_not_listen_elsewhere(easy: Browser, address: str) -> None:
    made = make_app(redirect_uris=["http://127.0.0.1/callback", APP_CALLBACK])

    assert easy.get(AUTHORIZE, question(made, redirect_uri=address)).status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid users.write"}, "invalid_scope"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": "none"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
    ],
)
def test_what_is_not_offered_is_refused_to_the_application(easy: Browser, changes: dict[str, Any], error: str) -> None:
    answer = easy.get(AUTHORIZE, question(make_web(), **changes))

    assert answer["Location"].startswith(f"{CALLBACK}?")
    assert told(answer)["error"] == error


def test_what_is_refused_is_refused_before_anybody_signs_in(db: None) -> None:
    answer = Browser().get(AUTHORIZE, question(make_web(), scope="nonsense"))

    assert told(answer)["error"] == "invalid_scope"


def test_one_who_agreed_to_one_application_has_not_agreed_to_another(easy: Browser, alice: Patient) -> None:
    code_for(alice.user, make_web())

    answer = easy.get(AUTHORIZE, question(make_web("Another"), prompt="none"))

    assert told(answer)["error"] == "consent_required"


def test_service_has_nobody_to_ask(easy: Browser) -> None:
    made = make_service()

    answer = easy.get(AUTHORIZE, question(make_web("Other")) | {"client_id": made.client.pk})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": "\x00"},
        {"client_id": None},
        {"state": "\x00"},
        {"scope": "\x00"},
        {"state": "x" * 5000},
        {"nonce": "💊"},
    ],
)
def test_what_cannot_be_read_is_a_page_that_says_so(easy: Browser, changes: dict[str, Any]) -> None:
    answer = easy.get(AUTHORIZE, question(make_web(), **changes))

    assert answer.status_code == 400
    assert "You have not let anything in" in answer.content.decode()


def test_parameter_that_comes_twice_is_refused(easy: Browser) -> None:
    asked = urlencode(question(make_web()))

    assert easy.get(f"{AUTHORIZE}?{asked}&scope=openid").status_code == 400


@pytest.mark.parametrize(
    "more",
    [
        "resource=x",
        "resource=http://[",
        "claims={",
        "claims=[]",
        "id_token_hint=x.y.z",
        "request=x",
        "request_uri=http://x",
        "max_age=x",
        "display=%00",
    ],
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_is_not_understood_is_not_looked_at(easy: Browser, more: str, signed_in: bool) -> None:
    browser = easy if signed_in else Browser()

    answer = browser.get(f"{AUTHORIZE}?{urlencode(question(make_web()))}&{more}")

    assert answer.status_code == (200 if signed_in else 302)


def test_post_without_a_form_is_asked_as_a_page(easy: Browser) -> None:
    answer = easy.post(AUTHORIZE, question(make_web()), follow=True)

    assert answer.status_code == 200


@override_settings(IDP_OIDC_PRIVATE_KEY="")
def test_without_a_key_there_is_no_page(easy: Browser) -> None:
    assert easy.get(AUTHORIZE, question(make_web())).status_code == 404


def test_discovery_names_this_site_whatever_host_was_asked(db: None) -> None:
    answer = Browser().get("/.well-known/openid-configuration", headers={"host": "localhost"})

    found = answer.json()
    assert found["issuer"] == settings.SITE_URL
    assert found["token_endpoint"] == f"{settings.SITE_URL}/identity/o/api/token"
    assert "registration_endpoint" not in found
    assert "device_authorization_endpoint" not in found
    assert found["response_types_supported"] == ["code"]


@override_settings(IDP_OIDC_PRIVATE_KEY="")
@pytest.mark.parametrize("page", ["openid-configuration", "jwks.json"])
def test_without_a_key_there_is_nothing_to_discover(db: None, page: str) -> None:
    assert Browser().get(f"/.well-known/{page}").status_code == 404


@pytest.mark.parametrize("path", ["device", "logout", "api/device/code", "api/clients", "api/introspect"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_doors_that_nobody_needs_are_not_there(db: None, path: str, method: str) -> None:
    assert Browser().generic(method, f"/identity/o/{path}").status_code == 404


def test_list_shows_whom_one_let_in_and_shows_them_out(easy: Browser, alice: Patient) -> None:
    made = make_web()
    code_for(alice.user, made)

    before = easy.get("/accounts/applications/").content.decode()
    answer = easy.post("/accounts/applications/", {"client": made.client.pk}, follow=True)

    assert "Practice calendar" in before
    assert "You have let no application in." in answer.content.decode()
    assert AuditEntry.objects.filter(verb="accounts.grant.revoked", actor=alice.user.pk).exists()


@pytest.mark.parametrize("told_client", ["", "nobody", "\x00"])
def test_showing_out_nobody_changes_nothing(easy: Browser, alice: Patient, told_client: str) -> None:
    code_for(alice.user, make_web())

    answer = easy.post("/accounts/applications/", {"client": told_client}, follow=True)

    assert "not let in" in answer.content.decode()
    assert Token.objects.count() == 1


def test_one_shows_out_for_oneself_alone(easy: Browser, alice: Patient, bob: Patient) -> None:
    made = make_web()
    code_for(bob.user, made)

    easy.post("/accounts/applications/", {"client": made.client.pk})

    assert Token.objects.filter(user=bob.user).count() == 1


def test_list_is_for_those_who_are_signed_in(db: None) -> None:
    assert Browser().get("/accounts/applications/").status_code == 302
