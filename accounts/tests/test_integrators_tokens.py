"""What an application's server gets for a code, a refresh token or its own name, and what ends it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.test import Client as Browser
from django.test import override_settings
from django.utils import timezone

from accounts import integrations, staffing, tokens
from accounts.models import Patient, Role, User
from accounts.models.audit import AuditEntry
from accounts.tests.factories import make_user
from accounts.tests.integrators import (
    CALLBACK,
    FORM,
    REVOKE,
    TOKEN,
    USERINFO,
    basic,
    bearing,
    code_for,
    exchange,
    make_app,
    make_service,
    make_web,
    send,
    service_token,
    tokens_for,
)
from accounts.tests.threads import at_the_same_time

APPOINTMENTS = "/api/v1/appointments/"


def refused(answer: Any, error: str, status: int = 400) -> None:
    """RFC 6749's refusal, which no cache may keep."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.content
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]


def works(token: str) -> bool:
    """Whether the API takes it."""
    return bool(bearing(token).get(APPOINTMENTS).status_code == 200)


def refresh(made: Any, token: str, **form: str) -> Any:
    return send(made, grant_type="refresh_token", refresh_token=token, **form)


# --- Codes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_web, make_app])
def test_code_gives_tokens_to_its_own_application(make: Any, alice: Patient) -> None:
    made = make()

    answer = exchange(made, code_for(alice.user, made))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert works(answer.json()["access_token"])


def test_id_token_is_signed_with_the_published_key(alice: Patient) -> None:
    made = make_web()
    code = code_for(alice.user, made, nonce="once")

    told = exchange(made, code).json()["id_token"]

    keys = Browser().get("/.well-known/jwks.json").json()["keys"]
    claims = jwt.decode(
        told, jwt.PyJWK(keys[0]), algorithms=["RS256"], audience=made.client.pk, issuer=settings.SITE_URL
    )
    assert claims["sub"] == str(alice.user.pk)
    assert claims["nonce"] == "once"
    assert "d" not in keys[0]


@pytest.mark.parametrize("make", [make_web, make_app])
@pytest.mark.parametrize("verifier", ["", "a-wrong-verifier-of-forty-three-characters-or-more", "x"])
def test_code_without_its_verifier_gives_nothing(make: Any, alice: Patient, verifier: str) -> None:
    made = make()
    code = code_for(alice.user, made)

    answer = exchange(made, code, code_verifier=verifier)

    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    assert not Token.objects.exclude(type="ac").exists()
    assert exchange(made, code).status_code == 200


@pytest.mark.parametrize("make", [make_web, make_app])
def test_code_without_any_verifier_gives_nothing(make: Any, alice: Patient) -> None:
    made = make()
    code = code_for(alice.user, made)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": made.client.get_redirect_uris()[0]}

    assert send(made, **form).status_code == 400
    assert not Token.objects.exclude(type="ac").exists()


def test_code_that_comes_back_ends_what_it_gave(alice: Patient) -> None:
    made = make_web()
    code = code_for(alice.user, made)
    got = exchange(made, code).json()

    again = exchange(made, code)

    refused(again, "invalid_grant")
    assert not works(got["access_token"])
    refused(refresh(made, got["refresh_token"]), "invalid_grant")
    assert AuditEntry.objects.filter(verb="accounts.grant.ended").count() == 1


def test_code_that_comes_back_from_somebody_else_ends_nothing(alice: Patient) -> None:
    made, other = make_web(), make_web("Another")
    code = code_for(alice.user, made)
    got = exchange(made, code).json()

    refused(exchange(other, code), "invalid_grant")
    refused(exchange(made, code, client_id=other.client.pk), "invalid_client", 401)

    assert works(got["access_token"])


def test_code_of_another_application_gives_nothing(alice: Patient) -> None:
    made, other = make_web(), make_web("Another")
    code = code_for(alice.user, made)

    refused(exchange(other, code), "invalid_grant")

    assert exchange(made, code).status_code == 200


@pytest.mark.parametrize("secret", ["wrong", "x" * 4000])
def test_code_with_a_wrong_secret_gives_nothing(alice: Patient, secret: str) -> None:
    made = make_web()
    code = code_for(alice.user, made)

    answer = send(
        made, secret=secret, grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier="x" * 43
    )

    refused(answer, "invalid_client", 401)
    assert exchange(made, code).status_code == 200


def test_code_without_a_secret_gives_nothing_to_who_has_one(alice: Patient) -> None:
    made = make_web()
    code = code_for(alice.user, made)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "client_id": made.client.pk}

    answer = Browser().post(TOKEN, urlencode(form | {"code_verifier": "x" * 43}), content_type=FORM)

    refused(answer, "invalid_client", 401)


@pytest.mark.parametrize("uri", ["https://evil.example.com/", f"{CALLBACK}/", "//evil.example.com", ""])
def test_code_for_another_address_gives_nothing(alice: Patient, uri: str) -> None:
    made = make_web()
    code = code_for(alice.user, made)

    answer = exchange(made, code, redirect_uri=uri)

    assert answer.status_code == 400
    assert not Token.objects.exclude(type="ac").exists()


def test_code_is_good_for_a_minute(alice: Patient) -> None:
    made = make_web()
    code = code_for(alice.user, made)
    Token.objects.update(expires_at=timezone.now())

    refused(exchange(made, code), "invalid_grant")


@pytest.mark.parametrize("what", ["deactivate", "revoke_all", "revoke"])
def test_code_dies_with_what_ends_the_grant(alice: Patient, adam: User, what: str) -> None:
    made = make_web()
    code = code_for(alice.user, made)
    end(what, alice.user, adam, made)

    refused(exchange(made, code), "invalid_grant")

    assert not Token.objects.filter(expires_at__gt=timezone.now(), type="at").exists()


def end(what: str, person: User, adam: User, made: Any) -> None:
    """One of the things after which nothing that was granted may live on."""
    now = timezone.now()
    if what == "deactivate":
        staffing.deactivate(person, by=adam, now=now)
    elif what == "change_role":
        staffing.change_role(person, Role.DOCTOR, by=adam, now=now)
    elif what == "revoke_all":
        tokens.revoke_all(person, now=now)
    elif what == "remove":
        integrations.remove(made.client, by=adam)
    else:
        integrations.revoke(made.client.pk, by=person)


# --- Refresh tokens ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [make_web, make_app])
def test_refresh_gives_a_new_pair_and_spends_the_old(make: Any, alice: Patient) -> None:
    made = make()
    first = tokens_for(alice.user, made)

    second = refresh(made, first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert works(second["access_token"])


def test_refresh_token_that_comes_back_ends_the_grant(alice: Patient) -> None:
    made = make_web()
    first = tokens_for(alice.user, made)
    second = refresh(made, first["refresh_token"]).json()
    third = refresh(made, second["refresh_token"]).json()

    refused(refresh(made, first["refresh_token"]), "invalid_grant")

    assert not works(third["access_token"])
    refused(refresh(made, third["refresh_token"]), "invalid_grant")


def test_refresh_token_that_comes_back_ends_no_other_grant(alice: Patient, bob: Patient) -> None:
    made = make_web()
    first, other = tokens_for(alice.user, made), tokens_for(bob.user, made)
    again = tokens_for(alice.user, made)
    refresh(made, first["refresh_token"])

    refresh(made, first["refresh_token"])

    assert works(other["access_token"])
    assert works(again["access_token"])


def test_refresh_token_is_its_own_applications(alice: Patient) -> None:
    made, other = make_web(), make_app("Another")
    got = tokens_for(alice.user, made)

    refused(refresh(other, got["refresh_token"]), "invalid_grant")

    assert refresh(made, got["refresh_token"]).status_code == 200


def test_refresh_takes_no_more_than_was_granted(alice: Patient) -> None:  # case 100
    made = make_web()
    got = tokens_for(alice.user, made, scope="openid appointments.read")

    refused(refresh(made, got["refresh_token"], scope="openid appointments.read appointments.write"), "invalid_scope")

    fresh = refresh(made, got["refresh_token"], scope="appointments.read").json()
    assert fresh["scope"] == "appointments.read"


def test_refresh_token_lives_fourteen_days(alice: Patient) -> None:
    made = make_web()
    got = tokens_for(alice.user, made)

    alive = Token.objects.get(type="rt")

    assert timedelta(days=13, hours=23) < alive.expires_at - timezone.now() <= settings.REFRESH_TOKEN_LIFETIME
    Token.objects.update(expires_at=timezone.now())
    refused(refresh(made, got["refresh_token"]), "invalid_grant")


@pytest.mark.parametrize("what", ["deactivate", "change_role", "revoke_all", "revoke", "remove"])
def test_tokens_die_with_what_ends_the_grant(alice: Patient, adam: User, what: str) -> None:  # case 089, 098, 100
    made = make_web()
    got = tokens_for(alice.user, made)
    assert works(got["access_token"])

    end(what, alice.user, adam, made)

    assert bearing(got["access_token"]).get(APPOINTMENTS).status_code == 401
    assert bearing(got["access_token"]).get(USERINFO).status_code == 401
    assert refresh(made, got["refresh_token"]).status_code in (400, 401)


def test_others_tokens_live_on(alice: Patient, bob: Patient) -> None:
    made = make_web()
    got = tokens_for(bob.user, made)

    tokens.revoke_all(alice.user, now=timezone.now())

    assert works(got["access_token"])


# --- Services ----------------------------------------------------------------------------------------


def test_service_gets_a_token_for_its_user(rita: User) -> None:
    made = make_service(user=rita)

    answer = send(made, grant_type="client_credentials", scope="appointments.read")

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert Token.objects.get().user == rita
    assert AuditEntry.objects.get(verb="accounts.client.signed_in").actor == rita.pk


def test_wrong_secret_is_written_down(rita: User) -> None:  # case 183
    made = make_service(user=rita)

    send(made, secret="wrong", grant_type="client_credentials")

    entry = AuditEntry.objects.get(outcome="denied")
    assert entry.verb == "accounts.client.sign_in_failed"
    assert (entry.outcome, entry.object_id, entry.reason) == ("denied", made.client.pk, "invalid_client")


def test_service_gets_no_more_than_it_is_allowed(db: None) -> None:
    made = make_service(scopes=["directory.read"])

    refused(send(made, grant_type="client_credentials", scope="appointments.read"), "invalid_scope")
    assert not Token.objects.exists()


@pytest.mark.parametrize("make", [make_web, make_app])
def test_others_get_no_token_without_a_person(db: None, make: Any) -> None:
    answer = send(make(), grant_type="client_credentials")

    assert answer.status_code in (400, 401)
    assert not Token.objects.exists()


def test_service_gets_no_code_exchanged(db: None) -> None:
    made = make_service()

    answer = send(made, grant_type="authorization_code", code="x", redirect_uri="x", code_verifier="x" * 43)

    refused(answer, "unauthorized_client")


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.PATIENT}, {"role": Role.ADMIN}])
def test_service_ends_when_its_user_is_no_receptionist_any_more(rita: User, change: dict[str, Any]) -> None:
    made = make_service(user=rita)
    token = service_token(made)
    assert works(token)

    User.objects.filter(pk=rita.pk).update(**change)

    assert bearing(token).get(APPOINTMENTS).status_code == 401
    refused(send(made, grant_type="client_credentials"), "unauthorized_client")
    assert Token.objects.count() == 1


def test_service_in_the_clear_of_its_user_is_told_nothing_before_it_has_shown_its_secret(rita: User) -> None:
    made = make_service(user=rita)
    User.objects.filter(pk=rita.pk).update(is_active=False)

    refused(send(made, secret="wrong", grant_type="client_credentials"), "invalid_client", 401)


def test_service_learns_about_nobody(db: None) -> None:
    answer = bearing(service_token(make_service())).get(USERINFO)

    refused(answer, "insufficient_scope", 403)


def test_services_old_tokens_are_swept_away(rita: User) -> None:
    made = make_service(user=rita)
    service_token(made)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    service_token(made)

    assert Token.objects.count() == 1


# --- What was taken back -----------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_token_given_back_ends_the_grant(alice: Patient, which: str) -> None:
    made = make_web()
    got = tokens_for(alice.user, made)

    answer = send(made, REVOKE, token=got[which])

    assert answer.status_code == 200
    assert not works(got["access_token"])
    refused(refresh(made, got["refresh_token"]), "invalid_grant")


def test_token_given_back_by_another_lives_on(alice: Patient) -> None:
    made, other = make_web(), make_web("Another")
    got = tokens_for(alice.user, made)

    assert send(other, REVOKE, token=got["access_token"]).status_code == 200

    assert works(got["access_token"])


def test_token_given_back_by_nobody_lives_on(alice: Patient) -> None:
    made = make_web()
    got = tokens_for(alice.user, made)

    refused(send(made, REVOKE, secret="wrong", token=got["access_token"]), "invalid_client", 401)

    assert works(got["access_token"])


# --- Kinds of tokens ---------------------------------------------------------------------------------


def test_userinfo_tells_what_was_granted(alice: Patient) -> None:
    everything = tokens_for(alice.user, make_web())["access_token"]
    little = tokens_for(alice.user, make_web("Another"), scope="openid")["access_token"]

    assert bearing(everything).get(USERINFO).json() == {
        "sub": str(alice.user.pk),
        "email": "alice@example.org",
        "email_verified": True,
        "name": "Alice Archer",
        "given_name": "Alice",
        "family_name": "Archer",
    }
    assert bearing(little).get(USERINFO).json() == {"sub": str(alice.user.pk)}


def test_one_kind_of_token_is_no_other(alice: Patient) -> None:  # case 077
    made = make_web()
    got = tokens_for(alice.user, made)
    ours = tokens.sign_in(alice.user, now=timezone.now())
    code = code_for(alice.user, made)

    for wrong in (got["refresh_token"], got["id_token"], code, ours.refresh_token, "x", "", "a.b.c", ".", "ey.a.b"):
        assert bearing(wrong).get(APPOINTMENTS).status_code == 401, wrong
    for wrong in (got["refresh_token"], got["id_token"], code, ours.access_token, "x", "", "a.b.c", "ey.a.b"):
        refused(bearing(wrong).get(USERINFO), "invalid_token", 401)
    for wrong in (got["access_token"], got["id_token"], ours.refresh_token, "x"):
        refused(refresh(made, wrong), "invalid_grant")
    assert works(got["access_token"])
    assert works(ours.access_token)


def test_token_in_the_address_is_none(alice: Patient) -> None:  # case 174
    token = tokens_for(alice.user, make_web())["access_token"]

    assert Browser().get(f"{APPOINTMENTS}?access_token={token}").status_code == 401
    assert Browser().get(f"{USERINFO}?access_token={token}").status_code == 401


def test_database_holds_hashes_alone(alice: Patient) -> None:
    made = make_web()
    got = tokens_for(alice.user, made)

    stored = repr(list(Token.objects.values())) + repr(list(type(made.client).objects.values()))

    assert made.secret not in stored
    assert got["access_token"] not in stored
    assert got["refresh_token"] not in stored


# --- What cannot be read -----------------------------------------------------------------------------

GARBAGE = [
    b"",
    b"grant_type",
    b"grant_type=",
    b"grant_type=password&username=a&password=b",
    b"grant_type=authorization_code",
    b"grant_type=authorization_code&code=%00",
    b"grant_type=authorization_code&code=x&client_id=%00",
    b"grant_type=refresh_token",
    b"grant_type=refresh_token&refresh_token=%F0%9F%92%8A",
    b"grant_type=client_credentials&grant_type=refresh_token",
    b"grant_type=client_credentials&resource=http://[",
    b"grant_type=client_credentials&client_id=nobody&client_secret=x",
    b"grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=x&device_code=y",
    b"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x",
    b"grant_type=openid&code=x",
    b"\xff\xfe=\xff",
    b"%" * 100,
    b"a=b&" * 2000,
    b"grant_type=" + b"x" * 10_000,
    b"scope=%0d%0a",
]


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_in_the_standards_words(db: None, path: str, body: bytes) -> None:
    answer = Browser().post(path, body, content_type=FORM)

    assert answer.status_code in (400, 401), answer.content
    assert answer.json()["error"]
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic x",
        "Basic eA==",
        "Basic Og==",
        "Basic YTo=",
        "Basic AAA6AAA=",
        "Basic \xff",
        "basic :::",
    ],
)
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_header_that_cannot_be_read_is_refused(db: None, header: str, path: str) -> None:
    answer = Browser().post(
        path, "grant_type=client_credentials&token=x", content_type=FORM, headers={"Authorization": header}
    )

    refused(answer, "invalid_client", 401)


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        f"{FORM}; charset=utf-16",
    ],
)
def test_other_kinds_of_body_are_refused(db: None, kind: str) -> None:
    answer = Browser().post(TOKEN, b'{"grant_type": "client_credentials"}', content_type=kind)

    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_request", "invalid_client", "unsupported_grant_type")


def test_body_that_is_too_large_is_refused(db: None) -> None:
    answer = Browser().post(TOKEN, b"grant_type=" + b"x" * 3_000_000, content_type=FORM)

    refused(answer, "invalid_request")


def test_secret_is_taken_in_one_way(db: None) -> None:
    made = make_service()

    refused(send(made, grant_type="client_credentials", client_secret=made.secret), "invalid_request")
    posted = {"grant_type": "client_credentials", "client_id": made.client.pk, "client_secret": made.secret}
    assert Browser().post(TOKEN, urlencode(posted), content_type=FORM).status_code == 200


def test_secret_in_the_address_is_refused(db: None) -> None:
    made = make_service()
    told = urlencode({"client_id": made.client.pk, "client_secret": made.secret, "grant_type": "client_credentials"})

    refused(Browser().post(f"{TOKEN}?{told}", "", content_type=FORM), "invalid_request")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("path", [TOKEN, REVOKE])
def test_other_methods_are_refused(db: None, method: str, path: str) -> None:
    answer = Browser().generic(method, path)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


@override_settings(SECURE_SSL_REDIRECT=True)
@pytest.mark.parametrize("path", [TOKEN, REVOKE, USERINFO])
def test_nothing_is_spoken_in_the_clear(db: None, path: str) -> None:  # case 164
    refused(Browser().post(path, "", content_type=FORM), "invalid_request", 403)


@override_settings(IDP_OIDC_PRIVATE_KEY="")
@pytest.mark.parametrize("path", [TOKEN, REVOKE, USERINFO])
def test_without_a_key_there_is_no_server(db: None, path: str) -> None:
    refused(Browser().post(path, "", content_type=FORM), "invalid_request", 404)


@override_settings(ACCOUNT_RATE_LIMITS={"integrator": "2/m/ip"})
def test_guessing_is_slowed_down(fresh_counters: None) -> None:
    for _attempt in range(2):
        Browser().post(TOKEN, "", content_type=FORM)

    answer = Browser().post(TOKEN, "", content_type=FORM)

    refused(answer, "temporarily_unavailable", 429)
    assert answer["Retry-After"] == "60"


def test_secret_that_was_exchanged_is_good_for_nothing(adam: User) -> None:
    made = make_service()

    fresh = integrations.new_secret(made.client, by=adam)

    refused(send(made, grant_type="client_credentials"), "invalid_client", 401)
    assert send(fresh, grant_type="client_credentials").status_code == 200


def test_header_and_form_must_name_one_client(alice: Patient) -> None:
    made, other = make_web(), make_app("Another")
    code = code_for(alice.user, other)
    form = {"grant_type": "authorization_code", "code": code, "client_id": other.client.pk}

    answer = Browser().post(TOKEN, urlencode(form), content_type=FORM, headers=basic(made.client.pk, made.secret))

    refused(answer, "invalid_client", 401)


def test_scope_taken_from_the_client_is_taken_from_its_tokens(alice: Patient, adam: User) -> None:
    made = make_web()
    got = tokens_for(alice.user, made)

    integrations.change(made.client, by=adam, name="Practice calendar", scopes=["openid"], redirect_uris=[CALLBACK])

    assert bearing(got["access_token"]).get(APPOINTMENTS).status_code == 403


def test_person_made_inactive_while_the_consent_was_open_gets_nothing(db: None) -> None:
    person, made = make_user(), make_web()
    code = code_for(person, made)
    User.objects.filter(pk=person.pk).update(is_active=False)

    refused(exchange(made, code), "invalid_grant")


# --- At the same moment ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["code", "refresh_token"])
def test_of_several_exchanges_at_once_one_wins_at_most(what: str) -> None:
    made, person = make_web(), make_user()
    code = code_for(person, made)
    got = exchange(made, code).json() if what == "refresh_token" else {}

    def once() -> Any:
        answer = exchange(made, code) if what == "code" else refresh(made, got["refresh_token"])
        return answer.status_code

    statuses = at_the_same_time(6, once)

    assert sorted(statuses) == [200, 400, 400, 400, 400, 400]
    # Those that came too late ended what the first had got.
    assert not Token.objects.filter(expires_at__gt=timezone.now(), type="rt").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["code", "refresh_token"])
def test_no_exchange_outlives_a_sign_out_at_the_same_moment(what: str) -> None:
    made, person = make_web(), make_user()

    for _round in range(5):
        code = code_for(person, made)
        got = exchange(made, code).json() if what == "refresh_token" else {}
        calls = iter((0, 1))

        def either(code: str = code, got: dict[str, str] = got, calls: Any = calls) -> None:
            if next(calls) == 0:
                tokens.revoke_all(person, now=timezone.now())
            elif got:
                refresh(made, got["refresh_token"])
            else:
                exchange(made, code)

        at_the_same_time(2, either)

        assert not Token.objects.filter(expires_at__gt=timezone.now()).exists()
