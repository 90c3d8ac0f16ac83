"""What messages about charts and records say: that there is something, and nothing of what it is."""

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.letters import draw, in_their_language
from accounts.models import Message
from accounts.outbox import Kind, Letter

KINDS = {
    "record_available": (_("Something new to read"), "start"),
    "emergency_access": (_("Opened in an emergency"), "start"),
    "emergency_review": (_("An emergency access to be reviewed"), "admin:index"),
    "denials_alert": (_("Somebody is refused again and again"), "admin:accounts_auditentry_changelist"),
}
"""What each is called, and the page to which it leads; whoever follows it signs in there."""


REFUSALS = {"outcome__exact": "denied", "period": "day"}
"""What the audit trail is asked for about somebody who was refused; ``q`` is who."""


def register() -> None:
    """Make the kinds of this app known to the outbox."""
    for kind, (label, route) in KINDS.items():
        outbox.register(Kind(kind, partial(in_their_language, _draw), partial(leading, kind, route), label))


def leading(kind: str, route: str, query: str = "") -> Letter:
    """The letter of a kind, with a link to a page."""
    return draw(kind, {"link": settings.SITE_URL + reverse(route) + query})


def _draw(message: Message, _now: datetime) -> Letter:
    # The id of a person says nothing to who is not signed in as a privacy officer.
    query = f"?{urlencode(REFUSALS | {'q': message.about})}" if message.kind == "denials_alert" else ""
    return leading(message.kind, KINDS[message.kind][1], query)
