"""What a production server writes to its log."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from scheduler import logs

Lines = Callable[[], list[dict[str, Any]]]


@contextmanager
def written(level: str) -> Iterator[Lines]:
    """Within the block log as production does under LOG_LEVEL; what it gives reads all lines up to now."""
    told = logs.configuration(debug=False, level=level)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(debug=False))
    loggers = [logging.getLogger(name) for name in ("", *told["loggers"])]
    before = [logger.level for logger in loggers]
    levels = [told["root"], *told["loggers"].values()]
    for logger, settings in zip(loggers, levels, strict=True):
        logger.setLevel(settings.get("level", "NOTSET"))
    logging.getLogger().addHandler(handler)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        logging.getLogger().removeHandler(handler)
        for logger, old in zip(loggers, before, strict=True):
            logger.setLevel(old)
