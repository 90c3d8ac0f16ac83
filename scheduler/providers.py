"""Through whom else people may sign in, as the environment says: Google, GitHub, Microsoft, any OpenID Connect server.

A provider is there once its id and its secret are; ``docs/sign-in.md`` tells where to get them.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from scheduler.environment import Environment, refuse

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TENANT = r"[A-Za-z0-9][A-Za-z0-9.-]*"
SIGN_IN_PAGES = {
    "google": ["https://accounts.google.com"],
    "github": ["https://github.com"],
    # Personal accounts are sent on to the second one.
    "microsoft": ["https://login.microsoftonline.com", "https://login.live.com"],
}
"""Where the browser is sent. Chromium holds the redirects of a form to the page's ``form-action``."""

SCOPES = {"google": ["openid", "profile", "email"], "github": ["user:email"], "microsoft": ["User.Read"]}


@dataclass(frozen=True)
class Providers:
    """What the settings need: allauth's SOCIALACCOUNT_PROVIDERS, and the origins of the pages to sign in at."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    origins: list[str] = field(default_factory=list)


def sign_in_providers(env: Environment) -> Providers:
    """The providers that are set; the process ends if one is set by half."""
    found = Providers()
    for provider, pages in SIGN_IN_PAGES.items():
        credentials = _credentials(env, provider.upper())
        if credentials:
            found.settings[provider] = {
                "APPS": [credentials | {"settings": {}}],
                "SCOPE": SCOPES[provider],
                "OAUTH_PKCE_ENABLED": True,
            }
            found.origins.extend(pages)
    tenant = env.text("MICROSOFT_TENANT", "common", pattern=TENANT, like="common, or your organisation's id")
    if "microsoft" in found.settings:
        found.settings["microsoft"]["APPS"][0]["settings"]["tenant"] = tenant
    _add_openid_connect(env, found)
    return found


def _credentials(env: Environment, prefix: str) -> dict[str, str]:
    """The id and secret of a provider; empty if it has neither."""
    client_id, secret = env.text(f"{prefix}_CLIENT_ID"), env.text(f"{prefix}_CLIENT_SECRET")
    if secret and not client_id:
        refuse(f"{prefix}_CLIENT_ID", f"is missing, though {prefix}_CLIENT_SECRET is set")
    if client_id and not secret:
        refuse(f"{prefix}_CLIENT_SECRET", f"is missing, though {prefix}_CLIENT_ID is set")
    return {"client_id": client_id, "secret": secret} if client_id else {}


def _add_openid_connect(env: Environment, found: Providers) -> None:
    credentials = _credentials(env, "OIDC")
    name, origins = env.text("OIDC_NAME", "OpenID Connect"), env.names("OIDC_SIGN_IN_ORIGINS")
    example = "https://login.example.org/realms/clinic"
    server = env.url("OIDC_SERVER_URL", schemes=("https", "http"), example=example)
    if credentials and server is None:
        refuse("OIDC_SERVER_URL", "is missing, though OIDC_CLIENT_ID is set")
    if server is not None and not credentials:
        refuse("OIDC_CLIENT_ID", "is missing, though OIDC_SERVER_URL is set")
    if server is None:
        return
    if not _is_private(server) or server.query or server.fragment:
        refuse("OIDC_SERVER_URL", f"must be an https:// address such as {example}")
    app = {
        "provider_id": "oidc",
        "name": name,
        "settings": {"server_url": server.geturl().rstrip("/"), "oauth_pkce_enabled": True},
    }
    found.settings["openid_connect"] = {"APPS": [credentials | app]}
    found.origins.append(_origin(server))
    for text in origins:
        found.origins.append(_checked_origin(text))


def _checked_origin(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = _is_private(parts) and parts.port != 0 and _origin(parts) == text.rstrip("/")
    except ValueError:
        is_good = False
    if not is_good:
        refuse("OIDC_SIGN_IN_ORIGINS", "must be origins such as https://login.example.org, with commas between them")
    return _origin(parts)


def _is_private(address: SplitResult) -> bool:
    """Whether nobody reads along: what comes from there is believed without a signature."""
    is_loopback = address.scheme == "http" and address.hostname in LOOPBACK
    # A ; or a space would end the directive that the origin is written into.
    return (
        (address.scheme == "https" or is_loopback)
        and "@" not in address.netloc
        and not set(address.netloc) & set(";, *'")
    )


def _origin(address: SplitResult) -> str:
    return f"{address.scheme}://{address.netloc}"
