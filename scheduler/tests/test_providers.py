"""Providers of sign-in: shown when set, refused when set by half; and forms may lead to no other site."""

from typing import Any

import pytest

from scheduler.tests.production import settings_under

OIDC = {
    "OIDC_CLIENT_ID": "clinic",
    "OIDC_CLIENT_SECRET": "parole",
    "OIDC_SERVER_URL": "https://login.example.org/realms/clinic/",
}


def form_action(settings: dict[str, Any]) -> list[str]:
    """Where forms may lead, beside the site itself."""
    return [str(origin) for origin in settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"][1:]]


def test_providers_when_none_is_set() -> None:
    settings = settings_under()

    assert settings["SOCIALACCOUNT_PROVIDERS"] == {}
    assert form_action(settings) == []


@pytest.mark.parametrize(
    ("name", "origins"),
    [
        ("google", ["https://accounts.google.com"]),
        ("github", ["https://github.com"]),
        ("microsoft", ["https://login.microsoftonline.com", "https://login.live.com"]),
    ],
)
def test_providers_when_one_is_set(name: str, origins: list[str]) -> None:
    settings = settings_under(**{f"{name.upper()}_CLIENT_ID": "clinic", f"{name.upper()}_CLIENT_SECRET": "parole"})

    assert list(settings["SOCIALACCOUNT_PROVIDERS"]) == [name]
    told = settings["SOCIALACCOUNT_PROVIDERS"][name]
    assert (told["APPS"][0]["client_id"], told["APPS"][0]["secret"]) == ("clinic", "parole")
    assert told["OAUTH_PKCE_ENABLED"] is True
    assert form_action(settings) == origins


def test_providers_when_an_openid_connect_server_is_set() -> None:
    more = {
        "OIDC_NAME": "Willow ID",
        "OIDC_SIGN_IN_ORIGINS": "https://accounts.example.org, https://b.example.org:8443/",
    }

    settings = settings_under(**OIDC | more)

    app = settings["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"][0]
    assert app["name"] == "Willow ID"
    assert app["settings"] == {"server_url": "https://login.example.org/realms/clinic", "oauth_pkce_enabled": True}
    assert form_action(settings) == [
        "https://login.example.org",
        "https://accounts.example.org",
        "https://b.example.org:8443",
    ]


def test_providers_when_the_tenant_is_set() -> None:
    tenant = {"MICROSOFT_TENANT": "organizations"}

    settings = settings_under(**tenant | {"MICROSOFT_CLIENT_ID": "clinic", "MICROSOFT_CLIENT_SECRET": "parole"})

    assert settings["SOCIALACCOUNT_PROVIDERS"]["microsoft"]["APPS"][0]["settings"] == {"tenant": "organizations"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"GOOGLE_CLIENT_ID": "x"}, "GOOGLE_CLIENT_SECRET"),
        ({"GOOGLE_CLIENT_SECRET": "parole"}, "GOOGLE_CLIENT_ID"),
        ({"GITHUB_CLIENT_ID": "x"}, "GITHUB_CLIENT_SECRET"),
        ({"MICROSOFT_CLIENT_SECRET": "parole"}, "MICROSOFT_CLIENT_ID"),
        ({"MICROSOFT_TENANT": "../common"}, "MICROSOFT_TENANT"),
        (OIDC | {"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        (OIDC | {"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        (OIDC | {"OIDC_SERVER_URL": ""}, "OIDC_SERVER_URL"),
        ({"OIDC_SERVER_URL": "https://login.example.org"}, "OIDC_CLIENT_ID"),
        (OIDC | {"OIDC_SERVER_URL": "login.example.org"}, "OIDC_SERVER_URL"),
        (OIDC | {"OIDC_SERVER_URL": "http://login.example.org"}, "OIDC_SERVER_URL"),
        (OIDC | {"OIDC_SERVER_URL": "https://user:parole@login.example.org"}, "OIDC_SERVER_URL"),
        (OIDC | {"OIDC_SERVER_URL": "https://login.example.org?x=1"}, "OIDC_SERVER_URL"),
        (OIDC | {"OIDC_SERVER_URL": "https://login.example.org; script-src *"}, "OIDC_SERVER_URL"),
        (OIDC | {"OIDC_SIGN_IN_ORIGINS": "https:"}, "OIDC_SIGN_IN_ORIGINS"),
        (OIDC | {"OIDC_SIGN_IN_ORIGINS": "*"}, "OIDC_SIGN_IN_ORIGINS"),
        (OIDC | {"OIDC_SIGN_IN_ORIGINS": "https://*.example.org"}, "OIDC_SIGN_IN_ORIGINS"),
        (OIDC | {"OIDC_SIGN_IN_ORIGINS": "https://login.example.org/path"}, "OIDC_SIGN_IN_ORIGINS"),
        (OIDC | {"OIDC_SIGN_IN_ORIGINS": "https://login.example.org:x"}, "OIDC_SIGN_IN_ORIGINS"),
    ],
)
def test_providers_when_set_by_half_or_nonsense(
    environment: dict[str, str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        settings_under(**environment)

    told = capsys.readouterr().err
    assert ended.value.code == 3
    assert told.startswith(f"Configuration error: {named} ")
    assert "parole" not in told


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost:9000", "[::1]:9000"])
def test_providers_when_the_server_is_on_this_machine(host: str) -> None:
    settings = settings_under(**OIDC | {"OIDC_SERVER_URL": f"http://{host}"})

    assert form_action(settings) == [f"http://{host}"]
