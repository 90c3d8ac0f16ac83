"""Reading the environment: every setting from outside passes through here, and nonsense is refused in one line.

``refuse`` ends the process with exit status 3, which gunicorn takes as "cannot boot" and does not retry.
"""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from scheduler import signing_key
from scheduler.reader import Reader, refuse

__all__ = ["Environment", "refuse"]

SAMPLE_KEY = re.compile(
    r"^(secret|your)|insecure|change-?_?me|replace|example|sample|only-for-debugging", re.IGNORECASE
)
SHORTEST_KEY = 50
DEBUG_KEY = "only-for-debugging-" * 3
DEBUG_ENCRYPTION_KEY = "b25seS1mb3ItZGVidWdnaW5nLW9ubHktZm9yLWRlYnU="
HOST_NAME = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")


class Environment(Reader):
    """The variables of this product; a bad value ends the process."""

    def secret_key(self, name: str, *, debug: bool) -> str:
        """A key that signs: random and long; only DEBUG has a default."""
        key = self.text(name)
        if not key and debug:
            return DEBUG_KEY
        if not key:
            refuse(name, "is missing: set a random value, or run `python manage.py setup`")
        if len(key) < SHORTEST_KEY:
            refuse(name, f"is too short: at least {SHORTEST_KEY} random characters")
        if SAMPLE_KEY.search(key) or len(set(key)) < 10:
            refuse(name, "looks like a sample: set a random value")
        return key

    def encryption_keys(self, *, debug: bool) -> list[str]:
        """FIELD_ENCRYPTION_KEYS: Fernet keys, the newest first; only DEBUG has a default."""
        keys = self.names("FIELD_ENCRYPTION_KEYS", (DEBUG_ENCRYPTION_KEY,) if debug else ())
        if not keys:
            refuse("FIELD_ENCRYPTION_KEYS", "is missing: set at least one Fernet key")
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                refuse("FIELD_ENCRYPTION_KEYS", "must be Fernet keys (32 random bytes in URL-safe base64)")
        if DEBUG_ENCRYPTION_KEY in keys and not debug:
            refuse("FIELD_ENCRYPTION_KEYS", "holds the key that is for debugging only: everybody knows it")
        return keys

    def signing_key(self, *, debug: bool) -> str:
        """OIDC_SIGNING_KEY in PEM; empty if there is none. While DEBUG is on one is made for this process alone."""
        told = self.text("OIDC_SIGNING_KEY")
        try:
            return signing_key.read(told) if told else signing_key.make() if debug else ""
        except ValueError:
            refuse("OIDC_SIGNING_KEY", "must be an RSA private key of 2048 bits or more, in PEM or base64 of that")

    def site_url(self, *, debug: bool) -> str:
        """SITE_URL: scheme and host, nothing after them."""
        example = "https://clinic.example.org"
        default = "http://127.0.0.1:8000" if debug else ""
        parts = self.url("SITE_URL", default, schemes=("http", "https"), example=example)
        if parts is None:
            refuse("SITE_URL", f"is missing: set the site's address, such as {example}")
        if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            refuse("SITE_URL", f"must be scheme and host alone, such as {example}")
        return f"{parts.scheme}://{parts.netloc}"

    def origins(self, name: str) -> list[str]:
        """Origins (RFC 6454), each scheme, host and perhaps a port, exactly as a browser sends it."""
        origins = self.names(name)
        if not all(ORIGIN.fullmatch(origin) for origin in origins):
            refuse(name, "must be origins with commas between them, such as https://app.example.org")
        return origins

    def redis_url(self) -> str:
        """REDIS_URL; empty if there is no Redis."""
        self.url("REDIS_URL", schemes=("redis", "rediss"), example="redis://127.0.0.1:6379/0")
        return self.text("REDIS_URL")

    def hosts(self, name: str, default: tuple[str, ...], *, debug: bool) -> list[str]:
        """Host names without scheme and port; one that begins with a dot stands for all below it."""
        hosts = self.names(name, default)
        if not hosts:
            refuse(name, "is missing: list the host names that this site answers to")
        if "*" in hosts and not debug:
            refuse(name, "must not be *: list the host names that this site answers to")
        if not all(HOST_NAME.fullmatch(host) for host in hosts if host != "*"):
            refuse(name, "must be host names with commas between them, without scheme and port")
        return hosts

    def database(self, project: Path) -> dict[str, Any]:
        """The database from DATABASE_URL (a ``+driver`` suffix is ignored), else DB_*, else SQLite in ``project``."""
        pool_size = self.whole("DB_POOL_SIZE", 10, at_least=1, at_most=500)
        config = self._database_from_url() or self._database_from_parts()
        config = config or {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}
        options = dict(config.get("OPTIONS") or {})
        if config["ENGINE"].endswith("sqlite3"):
            # An absolute path, so that commands meet the same file wherever they are started.
            config["NAME"] = str(project / config["NAME"])
            options |= {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            }
            # A file, not memory, for the tests too: that is what practices run on.
            config["TEST"] = {"NAME": str(project / "test.sqlite3")}
        else:
            options |= {"pool": {"min_size": 1, "max_size": pool_size, "timeout": 10}, "connect_timeout": 5}
        return config | {"OPTIONS": options, "CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}

    def _database_from_url(self) -> dict[str, Any] | None:
        url = self.text("DATABASE_URL")
        if not url:
            return None
        scheme, _separator, rest = url.partition("://")
        scheme = scheme.partition("+")[0]
        # Asked before the library is: of a scheme that it does not know it warns with the password.
        if scheme not in ("postgres", "postgresql", "sqlite"):
            refuse("DATABASE_URL", "must be the address of a PostgreSQL or SQLite database")
        if scheme == "sqlite" and not (rest.startswith("/") and rest.strip("/")):
            refuse("DATABASE_URL", "must name SQLite's file, such as sqlite:////var/lib/clinic/db.sqlite3")
        try:
            config = dict(environ.Env.db_url_config(f"{scheme}://{rest}"))
        except (ValueError, KeyError, ImproperlyConfigured):
            refuse("DATABASE_URL", "cannot be read as a database's address")
        if not config["NAME"]:
            refuse("DATABASE_URL", "must name the database, such as postgres://user:password@host:5432/name")
        return config

    def _database_from_parts(self) -> dict[str, Any] | None:
        name = self.text("DB_NAME")
        parts = {part: self.text(part) for part in ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_PWD")}
        if not name and any(parts.values()):
            refuse("DB_NAME", "is missing, though others of DB_* are set")
        if not name:
            return None
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": parts["DB_USER"],
            "PASSWORD": parts["DB_PASSWORD"] or parts["DB_PWD"],
            "HOST": parts["DB_HOST"] or "localhost",
            "PORT": str(self.whole("DB_PORT", 5432, at_least=1, at_most=65535)),
        }

    def email(self, *, debug: bool) -> dict[str, Any]:
        """Django's EMAIL_* settings from EMAIL_URL (``smtp+tls://user:password@host:587``)."""
        url = self.text("EMAIL_URL") or ("consolemail://" if debug else "")
        if not url:
            refuse("EMAIL_URL", "is missing: people cannot sign up without mail")
        if url.startswith("anymail://"):
            return self._anymail(url.removeprefix("anymail://").strip("/"))
        try:
            config = dict(environ.Env.email_url_config(url))
        except (ValueError, KeyError, ImproperlyConfigured):
            refuse("EMAIL_URL", "cannot be read as a mail server's address")
        if url.startswith("smtp") and not config["EMAIL_HOST"]:
            refuse("EMAIL_URL", "must name the mail server, such as smtp+tls://user:password@host:587")
        known = {key: value for key, value in config.items() if key.startswith("EMAIL_") and value is not None}
        if debug and str(known["EMAIL_BACKEND"]).endswith("console.EmailBackend"):
            # Printed too, and shown on a page.
            known["EMAIL_BACKEND"] = "scheduler.shown_mail.ConsoleBackend"
        return known | {"EMAIL_TIMEOUT": 10}

    def _anymail(self, provider: str) -> dict[str, Any]:
        """A provider's own interface, by django-anymail; its settings are the variables that begin with ANYMAIL_."""
        if not provider.isidentifier() or find_spec(f"anymail.backends.{provider}") is None:
            refuse("EMAIL_URL", "names no provider that django-anymail knows, such as anymail://postmark")
        told = {
            name.removeprefix("ANYMAIL_"): self.text(name)
            for name in environ.Env.ENVIRON
            if name.startswith("ANYMAIL_") and self.text(name)
        }
        return {"EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend", "ANYMAIL": told, "EMAIL_TIMEOUT": 10}

    def sms_channel(self) -> str:
        """SMS_CHANNEL: ``none``, ``console``, or ``file:`` and the absolute path of a folder."""
        return self.text(
            "SMS_CHANNEL", "none", pattern=r"none|console|file:/\S.*", like="none, console or file:/var/spool/sms"
        )
