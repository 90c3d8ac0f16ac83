"""How messages are drawn: each kind has three templates under ``templates/messages/``, named after it.

``<kind>.subject.txt`` is one line, ``<kind>.txt`` the plain text, ``<kind>.html`` the same for who wants it set.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts.outbox import Attachment, Letter


def draw(kind: str, context: Mapping[str, Any], attachments: tuple[Attachment, ...] = ()) -> Letter:
    """The letter of a kind; its templates get ``context``, the organisation's name and SITE_URL, where links lead."""
    told = {"organisation": settings.ORGANISATION, "site_url": settings.SITE_URL, **context}
    return Letter(
        subject=" ".join(render_to_string(f"messages/{kind}.subject.txt", told).split()),
        text=render_to_string(f"messages/{kind}.txt", told).strip() + "\n",
        html=render_to_string(f"messages/{kind}.html", told),
        attachments=attachments,
    )
