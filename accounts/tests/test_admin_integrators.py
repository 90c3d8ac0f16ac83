"""Integrators in the admin: administrators register them, and see a secret once."""

import re
from typing import Any

import pytest
from allauth.idp.oidc.models import Client, Token
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import User
from accounts.tests.integrators import ALL, CALLBACK, make_app, make_service, make_web, service_token

FORM = {"name": "Practice calendar", "kind": "web", "scopes": ALL, "redirect_uris": CALLBACK, "service_user": ""}


def client_of(user: User) -> Browser:
    """A browser in which ``user`` is signed in; an error on the server's side is an answer (500)."""
    browser = Browser(raise_request_exception=False)
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def page(name: str, *args: str) -> str:
    """The address of one of the pages."""
    return reverse(f"admin:accounts_integrator_{name}", args=args)


@pytest.fixture
def desk(adam: User) -> Browser:
    """Adam's browser."""
    return client_of(adam)


def secret_in(answer: Any) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', answer.content.decode())
    return found[1] if found else ""


def test_secret_is_shown_once(desk: Browser) -> None:
    answer = desk.post(page("add"), FORM)

    made = Client.objects.get()
    secret = secret_in(answer)
    assert answer.status_code == 200
    assert made.check_secret(secret)
    assert "no-store" in answer["Cache-Control"]
    for name in ("change", "history"):
        later = desk.get(page(name, made.pk)).content.decode()
        assert secret not in later
        assert made.secret not in later
    assert secret not in repr(dict(desk.session))


def test_app_is_shown_none(desk: Browser) -> None:
    answer = desk.post(page("add"), FORM | {"kind": "app"})

    assert Client.objects.get().type == "public"
    assert secret_in(answer) == ""


def test_service_acts_for_whom_was_chosen(desk: Browser, rita: User) -> None:
    desk.post(
        page("add"),
        {"name": "Robot", "kind": "service", "scopes": ["directory.read"], "service_user": str(rita.pk)},
    )

    assert Client.objects.get().owner == rita


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"redirect_uris": "http://practice.example.com/"}, "Enter whole addresses"),
        ({"redirect_uris": ""}, "Enter where people are sent"),
        ({"scopes": []}, "This field is required"),
        ({"scopes": ["users.write"]}, "not one of the available choices"),
        ({"kind": "service"}, "Nobody signs in to a service"),
        ({"kind": "nonsense"}, "not one of the available choices"),
        ({"name": ""}, "This field is required"),
        ({"service_user": "nonsense"}, "is not a valid"),
    ],
)
def test_refusal_comes_back_at_the_field(desk: Browser, told: dict[str, Any], sentence: str) -> None:
    answer = desk.post(page("add"), FORM | told)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Client.objects.exists()


def test_change_keeps_kind_and_secret(desk: Browser) -> None:
    made = make_web()

    answer = desk.post(
        page("change", made.client.pk),
        FORM | {"name": "Diary", "kind": "service", "scopes": ["openid"], "secret": "x", "skip_consent": "on"},
        follow=True,
    )

    fresh = Client.objects.get()
    assert "was changed successfully" in answer.content.decode()
    assert (fresh.name, fresh.get_scopes(), fresh.get_redirect_uris()) == ("Diary", ["openid"], [CALLBACK])
    assert fresh.check_secret(made.secret)
    assert fresh.get_grant_types() == ["authorization_code", "refresh_token"]
    assert not fresh.skip_consent


def test_change_page_shows_what_is_there(desk: Browser, rita: User) -> None:
    made = make_service(user=rita, scopes=["directory.read"])

    body = desk.get(page("change", made.client.pk)).content.decode()

    assert made.client.pk in body
    assert f'<option value="{rita.pk}" selected>' in body
    assert 'value="directory.read" ' in body


def test_new_secret_replaces_the_old(desk: Browser) -> None:
    made = make_web()
    address = page("secret", made.client.pk)

    asked = desk.get(address)
    answer = desk.post(address)

    fresh = Client.objects.get()
    assert asked.status_code == 200
    assert fresh.check_secret(secret_in(answer))
    assert not fresh.check_secret(made.secret)


def test_new_secret_is_not_offered_to_an_app(desk: Browser) -> None:
    made = make_app()

    body = desk.get(page("change", made.client.pk)).content.decode()
    answer = desk.post(page("secret", made.client.pk))

    assert "/secret/" not in body
    assert answer.status_code == 302
    assert Client.objects.get().secret == made.client.secret


@pytest.mark.parametrize("key", ["nobody", "%00", "x" * 300])
@pytest.mark.parametrize("name", ["secret", "change", "delete", "history"])
def test_page_of_nothing(desk: Browser, key: str, name: str) -> None:
    assert desk.get(f"/admin/accounts/integrator/{key}/{name}/").status_code in (302, 400, 404)


def test_delete_ends_the_tokens(desk: Browser) -> None:
    made = make_service()
    service_token(made)

    desk.post(page("delete", made.client.pk), {"post": "yes"})

    assert not Client.objects.exists()
    assert not Token.objects.exists()


@pytest.mark.parametrize("name", ["add", "change", "secret", "delete", "changelist"])
def test_receptionists_have_no_business_here(rita: User, name: str) -> None:  # case 121
    made = make_web()
    before = Client.objects.values().get()
    address = page(name, *([] if name in ("add", "changelist") else [made.client.pk]))

    assert client_of(rita).get(address).status_code == 403
    assert client_of(rita).post(address, FORM | {"post": "yes"}).status_code == 403

    assert Client.objects.values().get() == before


def test_list_shows_kind_and_account(desk: Browser, rita: User) -> None:
    make_service(user=rita)
    make_web()

    body = desk.get(page("changelist")).content.decode()

    assert "Telephone robot" in body
    assert "Web application" in body


def test_search_finds_by_name(desk: Browser) -> None:
    make_web()

    assert "1 integrator" in desk.get(page("changelist"), {"q": "calendar"}).content.decode()
