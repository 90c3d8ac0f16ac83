"""Many at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import connection

Got = TypeVar("Got")


def at_the_same_time(times: int, call: Callable[[], Got]) -> list[Got]:
    """What ``times`` threads get by that call at once; those that are refused get nothing."""
    together, got = threading.Barrier(times, timeout=30), list[Got]()

    def one() -> None:
        try:
            together.wait()
            got.append(call())
        except ValidationError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return got
