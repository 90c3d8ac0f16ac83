"""How messages are drawn: each kind has three templates under ``templates/messages/``, named after it.

``<kind>.subject.txt`` is one line, ``<kind>.txt`` the plain text, ``<kind>.html`` the same for who wants it set.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.models import Message
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


def account(message: Message, _now: datetime) -> Letter | None:
    """One of allauth's mails, which was written when its time came and cannot be again; None once it is wiped."""
    if not message.sealed:
        return None
    told = json.loads(message.sealed)
    return Letter(told["subject"], told["text"], told["html"])


def seal(letter: EmailMessage) -> str:
    """What :func:`account` needs of a mail."""
    drawn = [str(content) for content, kind in getattr(letter, "alternatives", ()) if kind == "text/html"]
    return json.dumps({"subject": letter.subject, "text": letter.body, "html": "".join(drawn[:1])})
