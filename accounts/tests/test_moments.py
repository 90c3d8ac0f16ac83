"""Moments in words."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.templatetags.moments import ago

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1\u00a0minute ago"),
        (timedelta(hours=3, minutes=5), "3\u00a0hours, 5\u00a0minutes ago"),
    ],
)
def test_ago(since: timedelta, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert ago(NOW - since) == words
