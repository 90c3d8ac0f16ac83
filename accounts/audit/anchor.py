"""Where the end of the chain is kept apart from the database: in AUDIT_ANCHOR, a file or an address, and in the log.

To a file each new head is appended, a line of position, hash and time. To an address it is sent as JSON, ``{"position":
…, "digest": "…"}``; nothing is read from there, so that ``verify_audit`` has to be told what was received.
"""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from accounts.audit.seals import Head

TIMEOUT_SECONDS = 10
logger = logging.getLogger(__name__)


def keep(head: Head, *, now: datetime) -> None:
    """Log the head, and put it where AUDIT_ANCHOR says. OSError if that cannot be."""
    logger.info("The audit trail reaches %d: %s", head.position, head.digest)
    anchor = settings.AUDIT_ANCHOR
    if anchor.startswith("https://"):
        told: dict[str, Any] = {"position": head.position, "digest": head.digest}
        # Its exceptions are OSErrors.
        requests.post(anchor, json=told, timeout=TIMEOUT_SECONDS).raise_for_status()
    elif anchor:
        with Path(anchor).open("a") as file:
            file.write(f"{head.position} {head.digest} {now.isoformat()}\n")


def kept() -> list[Head]:
    """All heads in the file of AUDIT_ANCHOR; none if there is no such file. ValueError if it is damaged.

    All and not the last alone: what was cut off before the last sealing, only an older one remembers.
    """
    anchor = settings.AUDIT_ANCHOR
    if not anchor or anchor.startswith("https://") or not Path(anchor).exists():
        return []
    with Path(anchor).open() as file:
        return [parse(line) for line in file]


def parse(text: str) -> Head:
    """A head as it was written: ``position digest``, and whatever follows. ValueError for anything else."""
    position, digest, *_more = text.split()
    return Head(int(position), digest)
