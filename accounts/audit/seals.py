"""Sealing entries into a chain, and finding out whether anybody has touched them.

Writers never wait for each other: an entry carries its own keyed hash and nothing of its neighbours. A program that
runs every minute gives those that have none yet a place in the chain, whose last link, the head, is kept apart
(``accounts.audit.anchor``): whoever cuts entries off the end, with their links, cannot cut them off there. What was
written since the last run could still be removed unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import IntegrityError, transaction

from accounts.audit.trail import digest_of, keyed
from accounts.models.audit import AuditEntry, AuditLink

BATCH = 1000
"""Entries at a time."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: its last position (1 is the first) and that link's hash; position 0 if there is none."""

    position: int
    digest: str


NOTHING = Head(0, "")


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing that is not as it was written: ``edited``, ``missing``, ``reordered`` or ``cut_off``."""

    kind: str
    position: int | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What :func:`verify` found: how many entries have a place, how many have none yet, and the first flaw, if any."""

    sealed: int
    unsealed: int
    head: Head
    flaw: Flaw | None


def head() -> Head:
    """The end of the chain as the database has it."""
    last = AuditLink.objects.order_by("-position").first()
    return Head(last.position, last.digest) if last else NOTHING


def seal() -> int:
    """Give every entry that has none a place in the chain; how many were given one. Of two at once one does it."""
    sealed, after = 0, -1
    while batch := _seal_some(after):
        # Ids below were looked through already: to begin anew each time would take long where there are many.
        sealed, after = sealed + len(batch), batch[-1].entry_id
    return sealed


def _seal_some(after: int) -> list[AuditLink]:
    try:
        with transaction.atomic():
            last, links = head(), []
            for entry in AuditEntry.objects.filter(link=None, pk__gt=after).order_by("pk")[:BATCH]:
                last = Head(last.position + 1, _chained(last, entry.pk, entry.digest))
                links.append(AuditLink(position=last.position, entry=entry, digest=last.digest))
            return AuditLink.objects.bulk_create(links)
    except IntegrityError:
        # Another process has sealed the same ones in this moment.
        return []


def verify(*anchors: Head) -> Report:
    """Read everything again, oldest first. ``anchors`` are heads that were kept apart: the chain must still reach each.

    The newest alone would not do: whoever cuts off the end, and waits until what is written next is sealed, has a
    chain that reaches that one.
    """
    last = NOTHING
    kept: dict[int, set[str]] = {}
    for anchor in anchors:
        kept.setdefault(anchor.position, set()).add(anchor.digest)
    for links in _batches():
        entries = AuditEntry.objects.in_bulk([link.entry_id for link in links])
        for link in links:
            flaw = _flaw(link, entries.get(link.entry_id), last)
            if flaw is None and kept.get(link.position, {link.digest}) != {link.digest}:
                flaw = Flaw("reordered", link.position, link.entry_id)
            if flaw is not None:
                return _report(last, flaw)
            last = Head(link.position, link.digest)
    if last.position < max(kept, default=0):
        return _report(last, Flaw("cut_off", last.position + 1, None))
    edited = (e for e in AuditEntry.objects.filter(link=None).order_by("pk").iterator() if e.digest != digest_of(e))
    return _report(last, next((Flaw("edited", None, entry.pk) for entry in edited), None))


def _batches() -> Iterator[list[AuditLink]]:
    links = AuditLink.objects.order_by("position").iterator(BATCH)
    while batch := list(islice(links, BATCH)):
        yield batch


def _flaw(link: AuditLink, entry: AuditEntry | None, last: Head) -> Flaw | None:
    if link.position != last.position + 1:
        return Flaw("missing", last.position + 1, None)
    if entry is None:
        return Flaw("missing", link.position, link.entry_id)
    if entry.digest != digest_of(entry):
        return Flaw("edited", link.position, entry.pk)
    if link.digest != _chained(last, entry.pk, entry.digest):
        return Flaw("reordered", link.position, entry.pk)
    return None


def _report(last: Head, flaw: Flaw | None) -> Report:
    return Report(AuditLink.objects.count(), AuditEntry.objects.filter(link=None).count(), last, flaw)


def _chained(last: Head, entry: int, digest: str) -> str:
    return keyed("link", f"{last.position + 1}:{entry}:{digest}:{last.digest}")
