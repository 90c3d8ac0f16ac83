"""Reading the environment: every setting from outside passes through here, and nonsense is refused in one line.

``refuse`` ends the process with exit status 3, which gunicorn takes as "cannot boot" and does not retry.
"""

import secrets
import sys
from pathlib import Path
from typing import Any, NoReturn

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

SAMPLE_KEYS = ("django-insecure-", "change-me", "changeme", "secret", "your-", "example", "sample")
SHORTEST_KEY = 50
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def refuse(name: str, problem: str) -> NoReturn:
    """End the process with one line that names the variable ``name``; its value is never shown."""
    sys.stderr.write(f"Configuration error: {name} {problem}.\n")
    raise SystemExit(3)


class Environment:
    """The process's environment (and ``.env``), read into typed values; a bad value ends the process."""

    def __init__(self, env_file: Path) -> None:
        self.env = environ.Env()
        if env_file.exists():
            environ.Env.read_env(str(env_file))

    def text(self, name: str, default: str = "") -> str:
        """The value, stripped; an empty one counts as not given."""
        return str(self.env.str(name, default="")).strip() or default

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no; anything else is refused rather than taken for a yes."""
        raw = self.text(name).lower()
        if not raw:
            return default
        if raw not in TRUE + FALSE:
            refuse(name, "must be one of 1, true, yes, on, 0, false, no, off")
        return raw in TRUE

    def whole(self, name: str, default: int, *, at_least: int = 0, at_most: int = 10**6) -> int:
        """A whole number between two bounds, both included."""
        raw = self.text(name)
        if not raw:
            return default
        if not (raw.isascii() and raw.isdigit()) or not at_least <= int(raw[:12]) <= at_most:
            refuse(name, f"must be a whole number from {at_least} to {at_most}")
        return int(raw)

    def names(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list separated by commas."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()] or list(default)

    def secret_key(self, *, debug: bool) -> str:
        """SECRET_KEY: random and long; only DEBUG has a default."""
        key = self.text("SECRET_KEY")
        if not key and debug:
            return "only-for-debugging-" * 3
        if not key:
            refuse("SECRET_KEY", "is missing: set a random value, or run `python manage.py setup`")
        if len(key) < SHORTEST_KEY or len(set(key)) < 5:
            refuse("SECRET_KEY", f"is too short: at least {SHORTEST_KEY} random characters")
        if key.lower().startswith(SAMPLE_KEYS):
            refuse("SECRET_KEY", "looks like a sample: set a random value")
        return key

    def encryption_keys(self, *, debug: bool) -> list[str]:
        """FIELD_ENCRYPTION_KEYS: Fernet keys, the newest first; only DEBUG has a default."""
        keys = self.names("FIELD_ENCRYPTION_KEYS")
        if not keys and debug:
            return ["b25seS1mb3ItZGVidWdnaW5nLW9ubHktZm9yLWRlYnU="]
        if not keys:
            refuse("FIELD_ENCRYPTION_KEYS", "is missing: set at least one Fernet key")
        for key in keys:
            try:
                Fernet(key)
            except ValueError:
                refuse("FIELD_ENCRYPTION_KEYS", "must be Fernet keys (32 random bytes in URL-safe base64)")
        return keys

    def database(self, default: Path) -> dict[str, Any]:
        """The database from DATABASE_URL (a ``+driver`` suffix is ignored), else DB_*, else an SQLite file."""
        url, name = self.text("DATABASE_URL"), self.text("DB_NAME")
        if url:
            scheme, sep, rest = url.partition("://")
            try:
                config = dict(environ.Env.db_url_config(scheme.partition("+")[0] + sep + rest))
            except (ValueError, KeyError, ImproperlyConfigured):
                refuse("DATABASE_URL", "cannot be read as a database address")
        elif name:
            config = {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": self.text("DB_USER"),
                "PASSWORD": self.text("DB_PASSWORD") or self.text("DB_PWD"),
                "HOST": self.text("DB_HOST", "localhost"),
                "PORT": str(self.whole("DB_PORT", 5432, at_least=1, at_most=65535)),
            }
        else:
            config = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        engine = str(config.get("ENGINE", ""))
        if not engine.endswith(("postgresql", "sqlite3")):
            refuse("DATABASE_URL", "must name a PostgreSQL or SQLite database")
        options = dict(config.get("OPTIONS") or {})
        if engine.endswith("sqlite3"):
            options |= {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            }
            # A file, not memory, for the tests too: that is what practices run on.
            config["TEST"] = {"NAME": str(default.with_name("test.sqlite3"))}
        else:
            pool = {"min_size": 1, "max_size": self.whole("DB_POOL_SIZE", 10, at_least=1, at_most=500), "timeout": 10}
            options |= {"pool": pool, "connect_timeout": 5}
        return config | {"OPTIONS": options, "CONN_MAX_AGE": 0, "ATOMIC_REQUESTS": False}

    def email(self, *, debug: bool) -> dict[str, Any]:
        """Django's EMAIL_* settings from EMAIL_URL (``smtp+tls://user:password@host:587``)."""
        url = self.text("EMAIL_URL") or ("consolemail://" if debug else "")
        if not url:
            refuse("EMAIL_URL", "is missing: people cannot sign up without mail")
        try:
            config = dict(environ.Env.email_url_config(url))
        except (ValueError, KeyError, ImproperlyConfigured):
            refuse("EMAIL_URL", "cannot be read as a mail server's address")
        known = {key: value for key, value in config.items() if key.startswith("EMAIL_") and value is not None}
        return known | {"EMAIL_TIMEOUT": 10}


def write_first_env(path: Path) -> None:
    """Write ``path`` with random keys and DEBUG on, unless it is there already."""
    if path.exists():
        return
    path.write_text(
        "# For trying the product on this machine. docs/architecture.md and .env.example name every variable.\n"
        "DEBUG=on\n"
        f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
        f"FIELD_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
    )
    path.chmod(0o600)
