"""The product as a clinic would run it: an environment for production, and the settings that come of one."""

import os
import runpy
from functools import cache
from typing import Any
from unittest import mock

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from scheduler import signing_key

PRODUCTION = {
    "DEBUG": "",
    "SECRET_KEY": "m3Fh0Yc8Zr_Qw5Tn1Lk7Xd2Vb9Gs4Pj6Ua-eEiOoRtByHvCxNzMqWlKfD",
    "FIELD_ENCRYPTION_KEYS": "Yk9vN2R1cG1hVGVzdEtleUZvclRoZVRlc3RzT25seSE=",
    "SITE_URL": "https://clinic.example.org",
    "ALLOWED_HOSTS": "clinic.example.org",
    "ORGANISATION": "Riverside Clinic",
    "DATABASE_URL": "postgres://clinic:parole@127.0.0.1:5432/clinic",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EMAIL_URL": "smtp+tls://clinic:parole@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Riverside Clinic <appointments@clinic.example.org>",
    "TRUSTED_PROXIES": "1",
    "THROTTLE_FACTOR": "",
    "MFA_REQUIRED_ROLES": "",
}
"""All that a clinic must set, and what it should. An empty variable is one that is not set."""


read_once = cache(load_pem_private_key)
"""To prove a key good takes longer than all the rest of the settings, and it is the same key each time."""


def settings_under(**environment: str) -> dict[str, Any]:
    """The settings in production, with ``environment`` changed. SystemExit if they refuse to load."""
    with (
        mock.patch.dict(os.environ, PRODUCTION | environment),
        mock.patch.object(signing_key, "load_pem_private_key", read_once),
    ):
        names = runpy.run_path(str(settings.BASE_DIR / "scheduler" / "settings.py"))
    return {name: value for name, value in names.items() if name.isupper()}
