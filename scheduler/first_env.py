"""The first ``.env``, for those who try the product on their own machine."""

import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from scheduler import signing_key


def write_first_env(path: Path) -> None:
    """Write ``path`` with random keys, DEBUG on and no second factor asked for, unless it is there already."""
    if path.exists():
        return
    path.write_text(
        "# For trying the product on this machine. docs/architecture.md and .env.example name every variable.\n"
        "DEBUG=on\n"
        "MFA_REQUIRED_ROLES=none\n"
        f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
        f"FIELD_ENCRYPTION_KEYS={Fernet.generate_key().decode()}\n"
        f"AUDIT_KEY={secrets.token_urlsafe(64)}\n"
        f"OIDC_SIGNING_KEY={signing_key.one_line(signing_key.make())}\n"
    )
    path.chmod(0o600)
