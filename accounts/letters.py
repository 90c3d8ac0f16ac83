"""How messages are drawn: each kind has three templates under ``templates/messages/``, named after it.

``<kind>.subject.txt`` is one line, ``<kind>.txt`` the plain text, ``<kind>.html`` the same for who wants it set.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import claims, devices, outbox
from accounts.models import Message
from accounts.outbox import Attachment, Kind, Letter

GAPS = re.compile(r"\n\s*\n")
"""Between two paragraphs: one empty line, however many the parts that are left out have left."""
Draw = Callable[[Message, datetime], Letter | None]


def draw(kind: str, context: Mapping[str, Any], attachments: tuple[Attachment, ...] = ()) -> Letter:
    """The letter of a kind; its templates get ``context``, the organisation's name and SITE_URL, where links lead."""
    told = {"organisation": settings.ORGANISATION, "site_url": settings.SITE_URL, **context}
    return Letter(
        subject=" ".join(render_to_string(f"messages/{kind}.subject.txt", told).split()),
        text=GAPS.sub("\n\n", render_to_string(f"messages/{kind}.txt", told)).strip() + "\n",
        html=render_to_string(f"messages/{kind}.html", told),
        attachments=attachments,
    )


def in_their_language(drawn: Draw, message: Message, now: datetime) -> Letter | None:
    """What ``drawn`` draws, in the language of whoever gets it."""
    user = message.user or (message.patient.user if message.patient else None)
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(user.language if user and user.language in known else settings.LANGUAGE_CODE):
        return drawn(message, now)


def account(message: Message, _now: datetime) -> Letter | None:
    """One of allauth's mails, which was written when its time came and cannot be again; None once it is wiped."""
    if not message.sealed:
        return None
    told = json.loads(message.sealed)
    set_as_text = {"text": told["text"].strip(), "organisation": settings.ORGANISATION}
    return Letter(told["subject"], told["text"], told["html"] or render_to_string("messages/plain.html", set_as_text))


def welcome(message: Message, _now: datetime) -> Letter | None:
    """To who has just proved his address; None if he is gone."""
    return draw("welcome", {}) if message.user is not None and message.user.is_active else None


def new_sign_in(message: Message, _now: datetime) -> Letter | None:
    """To whose account was opened from where it never was lately."""
    return draw("new_sign_in", {"browser": message.sealed}) if message.user is not None else None


def desk_invitation(message: Message, _now: datetime) -> Letter | None:
    """To a patient who was registered at the desk: the way to an account; None once he has one, or is not reached so.

    The link is as old as the message, however late it goes.
    """
    patient = message.patient
    if patient is None or not claims.is_invitable(patient):
        return None
    return _invitation(claims.link_token(patient, made_at=message.not_before))


def _invitation(token: str) -> Letter:
    link = settings.SITE_URL + reverse("claim", args=[token])
    return draw("desk_invitation", {"link": link, "days": settings.INVITATION_DAYS})


def register() -> None:
    """Make the kinds of this app known to the outbox."""
    outbox.register(Kind("account", account, label=_("About the account")))
    outbox.register(Kind("welcome", welcome, partial(draw, "welcome", {}), _("Welcome")))
    sample = partial(draw, "new_sign_in", {"browser": devices.in_words("Firefox/128 Windows")})
    outbox.register(
        Kind("desk_invitation", desk_invitation, lambda: _invitation(claims.sample()), _("Invitation from the desk"))
    )
    outbox.register(Kind("new_sign_in", new_sign_in, sample, _("Sign-in from a new place")))


def seal(letter: EmailMessage) -> str:
    """What :func:`account` needs of a mail."""
    drawn = [str(content) for content, kind in getattr(letter, "alternatives", ()) if kind == "text/html"]
    return json.dumps({"subject": letter.subject, "text": letter.body, "html": "".join(drawn[:1])})
