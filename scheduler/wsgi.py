"""The WSGI application: ``gunicorn scheduler.wsgi``."""

import functools
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from scheduler.checks import refuse_to_serve_nonsense

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler.settings")

django = get_wsgi_application()
refuse_to_serve_nonsense()

# Models, and what imports them, can be imported only now that the apps are loaded.
from scheduler import policy_changes  # noqa: E402

note_once = functools.cache(policy_changes.note)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, spared a Content-Type (``charset*=...%00``) over which it breaks before any error page can answer.

    The first request that a process gets finds out whether the settings are others than before.
    """
    note_once()
    if "%00" in environ.get("CONTENT_TYPE", ""):
        environ["CONTENT_TYPE"] = "application/octet-stream"
    return django(environ, start_response)
