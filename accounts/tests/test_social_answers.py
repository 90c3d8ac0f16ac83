"""What each provider's answers come to, and that no answer whatever breaks a page. The answers are made up."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client, override_settings

from accounts.models import Patient, Role, User
from accounts.tests.openid import LEAVE, parameter, settings_for

pytestmark = pytest.mark.django_db

APP = {"client_id": "clinic", "secret": "parole", "settings": {}}
PROVIDERS = {name: {"APPS": [APP], "OAUTH_PKCE_ENABLED": True} for name in ("google", "github", "microsoft")}
GITHUB = {"id": 583231, "login": "octocat", "name": "Mona Lisa Octocat", "email": "public@example.org"}
GITHUB_MAIL = {"email": "mona@example.org", "primary": True, "verified": True}
MICROSOFT = {
    "id": "b9f1",
    "givenName": "Mina",
    "surname": "Moor",
    "mail": "mina@example.org",
    "userPrincipalName": "mina@tenant.example",
}


def answer(body: Any, status: int = 200, kind: str = "application/json") -> requests.Response:
    """A provider's answer; ``body`` is text, or what JSON is made of."""
    made = requests.Response()
    made.status_code = status
    made.headers["content-type"] = kind
    made._content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return made


IN_A_FORM = answer("access_token=t&token_type=bearer", kind="application/x-www-form-urlencoded; charset=utf-8")


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let providers answer by the last part of the address that is asked; an exception is raised."""

    def set_up(**answers: Any) -> None:
        def request(_session: requests.Session, _method: str, url: str, **asked: Any) -> requests.Response:
            assert asked["timeout"] == 5
            told = answers[url.rpartition("/")[2].replace("-", "_")]
            if isinstance(told, Exception):
                raise told
            return told if isinstance(told, requests.Response) else answer(told)

        monkeypatch.setattr(requests.Session, "request", request)

    return set_up


def there_and_back(client: Client, provider: str, **form: str) -> Any:
    """To a provider that we do not visit, and back with a code."""
    with override_settings(SOCIALACCOUNT_PROVIDERS=PROVIDERS):
        there = client.post(f"/accounts/{provider}/login/", form).headers["Location"]
        assert "code_challenge=" in there
        state = parameter(there, "state")
        return client.get(f"/accounts/{provider}/login/callback/?code=x&state={state}")


TOKEN = {"access_token": "t", "token_type": "bearer", "refresh_token": "r", "expires_in": 3600}


def test_github_when_the_primary_address_is_proved(client: Client, says: Callable[..., None]) -> None:
    says(access_token=IN_A_FORM, user=GITHUB, emails=[GITHUB_MAIL])

    there_and_back(client, "github")

    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == ("mona@example.org", "Mona", "Lisa Octocat")
    assert SocialAccount.objects.get().uid == "583231"
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "addresses",
    [
        [],
        [GITHUB_MAIL | {"verified": False}],
        [GITHUB_MAIL | {"verified": "true"}],
        [GITHUB_MAIL | {"verified": 1}],
        [GITHUB_MAIL | {"primary": False}],
    ],
)
def test_github_when_no_primary_address_is_proved(
    addresses: list[Any], client: Client, says: Callable[..., None]
) -> None:
    # case 069
    says(access_token=IN_A_FORM, user=GITHUB, emails=addresses)

    response = there_and_back(client, "github")

    assert (response.status_code, response.headers.get("Location")) in ((302, "/accounts/confirm-email/"), (401, None))
    assert "_auth_user_id" not in client.session
    assert not EmailAddress.objects.filter(verified=True).exists()
    assert not SocialAccount.objects.exists()


def test_github_when_there_is_no_name(client: Client, says: Callable[..., None]) -> None:
    says(access_token=IN_A_FORM, user=GITHUB | {"name": None}, emails=[GITHUB_MAIL])

    response = there_and_back(client, "github")

    assert response.headers["Location"] == "/accounts/3rdparty/signup/"
    assert not User.objects.exists()


def test_microsoft_never_proves_an_address(client: Client, says: Callable[..., None]) -> None:
    # case 069
    says(token=TOKEN, me=MICROSOFT | {"email_verified": True, "verified": True, "roles": ["admin"]})

    response = there_and_back(client, "microsoft")

    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session
    user = User.objects.get()
    assert (user.email, user.role, user.first_name) == ("mina@example.org", Role.PATIENT, "Mina")


@pytest.mark.parametrize("claim", [True, False, "true", 1, None])
def test_google_proves_an_address_only_if_it_says_so(claim: Any, client: Client, says: Callable[..., None]) -> None:
    # case 069
    person = {"id": "1082", "given_name": "Gus", "family_name": "Green", "email": "gus@example.org"}
    says(token=TOKEN, userinfo=person | {"email_verified": claim, "hd": "example.org"})

    there_and_back(client, "google")

    assert EmailAddress.objects.get().verified is (claim is True)
    assert ("_auth_user_id" in client.session) is (claim is True)


def test_sign_in_when_the_address_is_somebodys(client: Client, alice: Patient, says: Callable[..., None]) -> None:
    # fault B0-11
    says(access_token=IN_A_FORM, user=GITHUB, emails=[GITHUB_MAIL | {"email": "ALICE@Example.org"}])

    response = there_and_back(client, "github")

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == 1


BROKEN = [
    requests.ConnectionError("down"),
    requests.Timeout("slow"),
    answer("oops", 500, "text/html"),
    answer("{", 200),
    answer("[]", 200),
    answer("null", 200),
    answer("42", 200),
    answer('["access_token"]', 200),
    answer({"error": "invalid_grant"}, 400),
    answer({}, 200),
    answer({"id": None, "sub": [], "email": 7}, 200),
    answer("", 204),
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize(
    ("provider", "end"), [("github", "access_token"), ("github", "user"), ("github", "emails"), ("google", "userinfo")]
)
def test_sign_in_when_a_provider_is_broken(
    provider: str, end: str, broken: Any, client: Client, says: Callable[..., None]
) -> None:
    """A friendly page, or, if something is merely missing, a question; never an error, and never a session."""
    good = {"access_token": IN_A_FORM, "token": TOKEN, "user": GITHUB, "emails": [GITHUB_MAIL]}
    says(**good | {end: broken})

    response = there_and_back(client, provider)

    assert response.status_code in (302, 401)
    if response.status_code == 302:
        assert response.headers["Location"] in ("/accounts/3rdparty/signup/", "/accounts/confirm-email/")
    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.exists()


DISCOVERED = {
    "issuer": "https://login.example.org",
    "authorization_endpoint": "https://login.example.org/auth",
    "token_endpoint": "https://login.example.org/token",
    "userinfo_endpoint": "https://login.example.org/userinfo",
    "jwks_uri": "https://login.example.org/keys",
}


@pytest.mark.parametrize("broken", [*BROKEN, answer({"authorization_endpoint": 7}, 200)])
def test_leave_when_the_server_is_broken(broken: Any, client: Client, says: Callable[..., None]) -> None:
    says(openid_configuration=broken)

    with override_settings(**settings_for("https://login.example.org")):
        response = client.post(LEAVE)

    assert response.status_code == 401
    told = response.content.decode()
    assert "This did not work" in told
    assert "oops" not in told


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("end", ["openid_configuration", "token", "userinfo"])
def test_come_back_when_the_server_is_broken(end: str, broken: Any, client: Client, says: Callable[..., None]) -> None:
    with override_settings(**settings_for("https://login.example.org")):
        says(openid_configuration=DISCOVERED)
        state = parameter(client.post(LEAVE).headers["Location"], "state")
        says(**{"openid_configuration": DISCOVERED, "token": TOKEN, "userinfo": {"sub": "1"}} | {end: broken})

        response = client.get(f"{LEAVE}callback/?code=x&state={state}")

    assert response.status_code == 401
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["google", "github", "microsoft", "oidc/oidc", "oidc/x"])
def test_provider_has_no_pages_when_it_is_not_configured(path: str, client: Client) -> None:
    for address in (f"/accounts/{path}/login/", f"/accounts/{path}/login/callback/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404


def test_google_has_no_door_for_bare_tokens(client: Client) -> None:
    with override_settings(SOCIALACCOUNT_PROVIDERS=PROVIDERS):
        response = client.post("/accounts/google/login/token/", {"credential": "x"})

    assert response.status_code == 404


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_buttons_when_providers_are_configured(path: str, client: Client) -> None:
    without = client.get(path).content.decode()
    with override_settings(SOCIALACCOUNT_PROVIDERS=PROVIDERS):
        page = client.get(f"{path}?next=/book/").content.decode()

    assert "without a password" not in without
    for name in ("GitHub", "Google", "Microsoft"):
        assert f"Continue with {name}" in " ".join(page.split())
    assert 'action="/accounts/github/login/"' in page
    assert '<input type="hidden" name="next" value="/book/">' in page
