"""``manage.py`` with greetings: ``python -m scheduler.tests.queue.commands worker``. And two workers of its own.

``sweep`` delivers what is due until it is ended. ``naive`` does so too, but looks first and writes down afterwards, as
one would who does not know better: it is the control.
"""

import importlib
import sys
import time

import django
from django.conf import settings
from django.core.management import execute_from_command_line

POLL_SECONDS = 0.02
TIMEOUT = 2
"""Seconds that a mail server has to answer: less than in production, for we have to wait for that."""
READY = "ready to deliver"


def sweep() -> None:
    """The sweep and nothing else."""
    from django.utils import timezone  # noqa: PLC0415  the apps are loaded only now

    from accounts import outbox  # noqa: PLC0415  see above

    print(READY, flush=True)  # noqa: T201  the test waits for it
    while True:
        outbox.deliver_due(timezone.now())
        time.sleep(POLL_SECONDS)


def naive() -> None:
    """Without a claim."""
    from django.utils import timezone  # noqa: PLC0415  the apps are loaded only now

    from accounts.outbox import channels  # noqa: PLC0415  see above
    from accounts.outbox.delivery import due  # noqa: PLC0415  see above
    from accounts.outbox.kinds import named  # noqa: PLC0415  see above

    print(READY, flush=True)  # noqa: T201  the test waits for it
    while True:
        for message in due(timezone.now()).order_by("pk"):
            letter = named(message.kind).draw(message, timezone.now())
            if letter is not None:
                channels.send(message, letter)
            message.sent_at = timezone.now()
            message.save()
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    django.setup()
    settings.EMAIL_TIMEOUT = TIMEOUT
    importlib.import_module("scheduler.tests.queue.greeting")
    own = {"sweep": sweep, "naive": naive}.get(sys.argv[1])
    if own is not None:
        own()
    else:
        execute_from_command_line(["manage.py", *sys.argv[1:]])
