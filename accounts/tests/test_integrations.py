"""Registering integrators: by administrators alone, and nothing that would let people be sent astray."""

from typing import Any

import pytest
from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import override_settings

from accounts import integrations
from accounts.integrations import Kind
from accounts.models import Patient, Role, User
from accounts.models.audit import AuditEntry
from accounts.tests.factories import make_user
from accounts.tests.integrators import ALL, APP_CALLBACK, CALLBACK, make_app, make_service, make_web, service_token

WEB: dict[str, Any] = {"name": "Practice calendar", "kind": Kind.WEB, "scopes": ALL, "redirect_uris": [CALLBACK]}


def code_of(refused: Any) -> tuple[str, str]:
    """The field and the code of a refusal."""
    ((field, errors),) = refused.value.error_dict.items()
    return field, errors[0].code


def test_register_stores_a_hash_of_the_secret(adam: User) -> None:
    made = integrations.register(by=adam, **WEB)

    assert len(made.secret) >= 43
    assert made.secret not in made.client.secret
    assert made.client.check_secret(made.secret)
    assert made.secret not in repr(made)


def test_register_is_written_down_without_the_secret(adam: User) -> None:  # case 184
    made = integrations.register(by=adam, **WEB)

    entry = AuditEntry.objects.get(verb="accounts.client.registered")
    assert (entry.actor, entry.object_id) == (adam.pk, made.client.pk)
    assert entry.changes["redirect_uris"] == [None, [CALLBACK]]
    assert made.secret not in str(entry.changes)


@pytest.mark.parametrize(
    ("kind", "grants", "responses"),
    [
        (Kind.WEB, ["authorization_code", "refresh_token"], ["code"]),
        (Kind.APP, ["authorization_code", "refresh_token"], ["code"]),
        (Kind.SERVICE, ["client_credentials"], []),
    ],
)
def test_kind_decides_how_tokens_are_got(db: None, kind: Kind, grants: list[str], responses: list[str]) -> None:
    made = {Kind.WEB: make_web, Kind.APP: make_app, Kind.SERVICE: make_service}[kind]()

    assert made.client.get_grant_types() == grants
    assert made.client.get_response_types() == responses
    assert not made.client.skip_consent
    assert not made.client.allow_uri_wildcards
    assert Kind.of(made.client) == kind
    assert bool(made.secret) == (kind != Kind.APP)


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_register_is_for_administrators(db: None, role: Role) -> None:  # case 121
    with pytest.raises(PermissionDenied):
        integrations.register(by=make_user(role), **WEB)

    assert not Client.objects.exists()


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTIONIST])
def test_every_other_verb_is_too(db: None, role: Role) -> None:
    made, by = make_web(), make_user(role)
    before = Client.objects.values().get()

    with pytest.raises(PermissionDenied):
        integrations.change(made.client, by=by, name="Mine", scopes=ALL, redirect_uris=[CALLBACK])
    with pytest.raises(PermissionDenied):
        integrations.new_secret(made.client, by=by)
    with pytest.raises(PermissionDenied):
        integrations.remove(made.client, by=by)

    assert Client.objects.values().get() == before


def test_administrator_who_was_let_go_registers_nothing(adam: User) -> None:
    adam.is_active = False

    with pytest.raises(PermissionDenied):
        integrations.register(by=adam, **WEB)


@pytest.mark.parametrize(
    "address",
    [
        *("http://practice.example.com/callback", "https://*.example.com/callback", "https://practice.example.com/*"),
        *(
            "https://practice.example.com/callback#x",
            "https://user:secret@practice.example.com/",
            "//practice.example.com",
        ),
        *("/callback", "practice.example.com", "javascript:alert(1)", "data:text/html,x", "ftp://practice.example.com"),
        *("https://", "https:///x", "https://practice.example.com:x/", "https://practice.example.com:0/", "https://["),
        *("https://practice.example.com/a b", "https://präxis.example.com/", "https://practice.example.com/\\x"),
        *(
            APP_CALLBACK,
            "https://practice.example.com;x/",
            "https://a,b/",
            "x" * 2000,
            "https://a.example.com/" + "x" * 1000,
        ),
        *("http://127.0.0.1@evil.example.com/", "http://localhost/", "http://0.0.0.0/", "https://a.example.com/\x00"),
    ],
)
def test_web_application_has_no_such_address(adam: User, address: str) -> None:  # case 171
    with pytest.raises(ValidationError) as refused:
        integrations.register(by=adam, **WEB | {"redirect_uris": [CALLBACK, address]})

    assert code_of(refused) == ("redirect_uris", "bad_redirect_uri")
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:/alert.x", "myapp:/callback", "com.example.practice://callback", "com.example.practice:callback"),
        *("com.example.practice:", "http://192.168.0.1/", "http://127.0.0.1.evil.example.com/", "http://localhost/"),
    ],
)
def test_app_has_no_such_address(adam: User, address: str) -> None:
    with pytest.raises(ValidationError) as refused:
        integrations.register(by=adam, **WEB | {"kind": Kind.APP, "redirect_uris": [address]})

    assert code_of(refused) == ("redirect_uris", "bad_redirect_uri")


@pytest.mark.parametrize("address", [APP_CALLBACK, "http://127.0.0.1/callback", "http://[::1]:8080/", CALLBACK])
def test_app_has_such_an_address(adam: User, address: str) -> None:
    with override_settings(HTTPS=True):
        made = integrations.register(by=adam, **WEB | {"kind": Kind.APP, "redirect_uris": [address]})

    assert made.client.get_redirect_uris() == [address]


@pytest.mark.parametrize(("is_https", "is_taken"), [(True, False), (False, True)])
def test_web_application_on_the_own_computer_is_for_building_it(adam: User, is_https: bool, is_taken: bool) -> None:
    told = WEB | {"redirect_uris": ["http://127.0.0.1:9000/callback"]}

    with override_settings(HTTPS=is_https):
        if is_taken:
            integrations.register(by=adam, **told)
        else:
            with pytest.raises(ValidationError):
                integrations.register(by=adam, **told)

    assert Client.objects.exists() == is_taken


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"redirect_uris": []}, ("redirect_uris", "redirect_uri_missing")),
        ({"redirect_uris": [" "]}, ("redirect_uris", "redirect_uri_missing")),
        ({"redirect_uris": [f"{CALLBACK}{number}" for number in range(11)]}, ("redirect_uris", "bad_redirect_uri")),
        ({"scopes": []}, ("scopes", "no_scope")),
        ({"scopes": ["users.write"]}, ("scopes", "no_scope")),
        ({"name": " "}, ("name", "bad_name")),
        ({"name": "x" * 101}, ("name", "bad_name")),
        ({"name": "two\nlines"}, ("name", "bad_name")),
        ({"name": "NUL\x00"}, ("name", "bad_name")),
        ({"name": "\u202eesrever"}, ("name", "bad_name")),
    ],
)
def test_register_refuses(adam: User, told: dict[str, Any], refusal: tuple[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        integrations.register(by=adam, **WEB | told)

    assert code_of(refused) == refusal
    assert not Client.objects.exists()


def test_name_is_taken_once(adam: User) -> None:
    integrations.register(by=adam, **WEB)

    with pytest.raises(ValidationError) as refused:
        integrations.register(by=adam, **WEB | {"name": "practice CALENDAR "})

    assert code_of(refused) == ("name", "name_taken")
    assert Client.objects.count() == 1


@pytest.mark.parametrize("who", ["nobody", "patient", "doctor", "admin", "root", "inactive"])
def test_service_acts_for_a_receptionist_alone(adam: User, who: str) -> None:
    people: dict[str, Any] = {
        "nobody": lambda: None,
        "patient": lambda: make_user(Role.PATIENT),
        "doctor": lambda: make_user(Role.DOCTOR),
        "admin": lambda: make_user(Role.ADMIN),
        "root": lambda: make_user(Role.RECEPTIONIST, is_superuser=True),
        "inactive": lambda: make_user(Role.RECEPTIONIST, is_active=False),
    }

    with pytest.raises(ValidationError) as refused:
        integrations.register(
            by=adam, name="Robot", kind=Kind.SERVICE, scopes=["directory.read"], service_user=people[who]()
        )

    assert code_of(refused) == ("service_user", "not_a_service_user")


def test_account_serves_one_service(rita: User) -> None:
    make_service(user=rita)

    with pytest.raises(ValidationError) as refused:
        make_service("Another", user=rita)

    assert code_of(refused) == ("service_user", "service_user_taken")


@pytest.mark.parametrize("scope", ["openid", "profile", "email"])
def test_service_asks_about_nobody(db: None, scope: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_service(scopes=["directory.read", scope])

    assert code_of(refused) == ("scopes", "scope_about_people")


def test_change_sets_what_was_told_and_writes_it_down(adam: User) -> None:
    made = make_web()

    fresh = integrations.change(
        made.client, by=adam, name="Diary", scopes=["openid"], redirect_uris=["https://diary.example.com/"]
    )

    assert (fresh.name, fresh.get_scopes()) == ("Diary", ["openid"])
    changes = AuditEntry.objects.get(verb="accounts.client.changed").changes
    assert set(changes) == {"name", "scopes", "redirect_uris"}
    assert fresh.check_secret(made.secret)


def test_change_of_nothing_is_none(adam: User) -> None:
    made = make_web()

    integrations.change(made.client, by=adam, name=made.client.name, scopes=ALL, redirect_uris=[CALLBACK])

    assert not AuditEntry.objects.filter(verb="accounts.client.changed").exists()


def test_change_of_the_service_user_ends_the_tokens(adam: User, rita: User) -> None:
    made = make_service()
    service_token(made)

    integrations.change(made.client, by=adam, name="Telephone robot", scopes=["directory.read"], service_user=rita)

    assert not Token.objects.exists()


def test_app_gets_no_secret(adam: User) -> None:
    with pytest.raises(ValidationError) as refused:
        integrations.new_secret(make_app().client, by=adam)

    assert refused.value.code == "no_secret"


def test_remove_forgets_the_client_and_its_tokens(adam: User) -> None:
    made = make_service()
    service_token(made)

    integrations.remove(made.client, by=adam)

    assert not Client.objects.exists()
    assert not Token.objects.exists()
    assert AuditEntry.objects.get(verb="accounts.client.removed").object_id == made.client.pk


@pytest.mark.parametrize("name", ["", "\x00", "x" * 200, "é", "nobody"])
def test_client_that_is_none(db: None, name: str) -> None:
    assert integrations.client(name) is None


def test_revoke_all_leaves_nothing_that_acts_for_the_user(alice: Patient, rita: User) -> None:
    made = make_service(user=rita)
    service_token(made)

    integrations.revoke_all(rita)

    assert not Token.objects.exists()
