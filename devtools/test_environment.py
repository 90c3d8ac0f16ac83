"""The environment of the tests, in one place: whatever a shell or ``.env`` says, everybody tests the same product.

Used three ways, each before the settings are read: as pytest's plugin, as mypy's plugin (django-stubs reads the
settings too), and as a command that runs another: ``python devtools/test_environment.py python manage.py ...``.

DATABASE_URL and REDIS_URL stay as they are (``with_services.py`` sets them); without them: SQLite, and no Redis.
"""

import os
import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from mypy.plugin import Plugin

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

# Known to everybody, and therefore good for tests alone.
TEST_ENVIRONMENT = {
    "DEBUG": "off",
    "SECRET_KEY": "Vq0m8TzRk3nYw5xJc7HsLb2Fd9GpUa4Ee6Ti1Oo-Xr_Kt8Mv3Zq5Bn7Cy2Wl0Sj4",
    "AUDIT_KEY": "n5Yb2Qx7Lr0Vt4Kz9Wc3Hm8Jd6Fs1Gp5Au7Ei2Ro9Tx4Mv8Zq3Bn6Cy1Wl0Sk7",
    "FIELD_ENCRYPTION_KEYS": "3vQ0oG8bT1mYk5nXw7RcJ2zLhE9sUdF4aPiK6tVqB0M=",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "EMAIL_URL": "memorymail://",
    "MFA_REQUIRED_ROLES": "none",
    "THROTTLE_FACTOR": "1000",
    "DJANGO_SETTINGS_MODULE": "scheduler.settings",
}


def names_in(env_file: Path) -> list[str]:
    """The variables that an ``.env`` file sets; none if there is no such file."""
    lines = env_file.read_text().splitlines() if env_file.exists() else []
    left_sides = (line.removeprefix("export ").partition("=") for line in lines)
    return [name.strip() for name, equals, _ in left_sides if equals and not name.lstrip().startswith("#")]


def signing_key() -> str:
    """An RSA key for OIDC_SIGNING_KEY, made anew for each run."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b64encode(pem).decode()


def prepare() -> None:
    """Put the tests' environment into this process."""
    CACHE.mkdir(exist_ok=True)
    os.environ.update(TEST_ENVIRONMENT)
    # The processes of one run, tests side by side and servers that they start, have the same.
    os.environ.setdefault("OIDC_SIGNING_KEY", signing_key())
    os.environ.setdefault("DATABASE_URL", "sqlite:///" + quote(str(CACHE / "tests.sqlite3")))
    # To the settings an empty variable is one that is not given, and .env only fills in what is missing.
    for name in ("REDIS_URL", *names_in(ROOT / ".env")):
        os.environ.setdefault(name, "")


def plugin(_version: str) -> "type[Plugin]":
    """mypy's way in: a plugin that does nothing, listed before the one that reads the settings."""
    from mypy.plugin import Plugin  # noqa: PLC0415  only mypy comes here; the tests need not load it

    return Plugin


prepare()

if __name__ == "__main__":
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606  the caller's own command
