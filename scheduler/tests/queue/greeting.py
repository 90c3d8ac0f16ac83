"""The kind of message that these tests send. Whoever imports this module makes it known to the outbox."""

from datetime import datetime

from accounts import outbox
from accounts.models import Message

KIND = "greeting"


def draw(_message: Message, _now: datetime) -> outbox.Letter:
    """The same for everybody."""
    return outbox.Letter("Hello", "Good day.")


outbox.register(outbox.Kind(KIND, draw))
