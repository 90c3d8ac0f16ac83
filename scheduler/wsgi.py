"""The WSGI application: ``gunicorn scheduler.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

from scheduler.checks import refuse_to_serve_nonsense

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scheduler.settings")

application = get_wsgi_application()
refuse_to_serve_nonsense()
