"""A post that is prompt: in tests, what is written is delivered as soon as its transaction would have been committed.

A test's own transaction never ends, so nothing is ever committed within one. What counts instead is that the outermost
block of the code under test is left; what a block undoes that fails, is not delivered.
"""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import Atomic

from accounts import outbox
from accounts.models import Message
from accounts.outbox import post

KIND = "account"
"""Mails about accounts: codes, links, news. Everything else waits until a test delivers it (``outbox.deliver_due``)."""


class Delivery:
    """To be called once the message is there to stay."""

    def __init__(self, message: Message) -> None:
        self.message = message

    def __call__(self) -> None:
        outbox.deliver(self.message.pk, now=self.message.not_before)


def _only_the_test_is_open() -> bool:
    return all(block._from_testcase for block in connection.atomic_blocks)


def _deliver_what_is_there_to_stay() -> None:
    waiting = connection.run_on_commit
    deliveries = [entry for entry in waiting if isinstance(entry[1], Delivery)]
    connection.run_on_commit = [entry for entry in waiting if entry not in deliveries]
    for _savepoints, deliver, _robust in deliveries:
        deliver()


def make_prompt(patch: pytest.MonkeyPatch) -> None:
    """From now on."""
    after_commit, leave = post.after_commit, Atomic.__exit__

    def tell(message: Message) -> None:
        if message.kind != KIND:
            after_commit(message)
            return
        transaction.on_commit(Delivery(message))
        if connection.in_atomic_block and _only_the_test_is_open():
            _deliver_what_is_there_to_stay()

    def left(self: Atomic, *raised: Any) -> None:
        leave(self, *raised)
        if connection.in_atomic_block and _only_the_test_is_open():
            _deliver_what_is_there_to_stay()

    patch.setattr(post, "after_commit", tell)
    patch.setattr(Atomic, "__exit__", left)
