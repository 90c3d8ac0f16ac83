"""What the log says, and what it must not: no paths, bodies, tokens, names, addresses of mail, values of any kind.

A line of our own code is written out; it names things by their ids. A library's line is told by its sentence without
the values that go into it, and by its place in the code; if the sentence was filled in before it came here, by the
place alone. An exception is told by its type and where it arose: its text may quote a row. Only DEBUG, the setting,
shows all of it.

django-structlog, which does this for others, logs paths, queries and the texts of exceptions; what would be left of it
is less than what it would have to be kept from.
"""

import logging
import re
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor

OURS = ("accounts", "clinic", "records", "scheduler")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MAIL_ADDRESS = re.compile(r"\S+@\S+")
WORD = re.compile("(?<!%)[A-Za-z]{3}")
FRAMES = 25
"""Places of one exception that are told: the innermost."""
CAUSES = 5

_ROOTS = sorted({str(Path(__file__).resolve().parent.parent), *sys.path}, key=len, reverse=True)


ALWAYS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)
"""What every line tells, beside what happened."""


def configuration(*, debug: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: each line JSON, with ``debug`` for the eye. ``level`` is for our own code.

    Libraries are never heard below INFO, where they tell what they are given: SQL with its values, tokens.
    """
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *ALWAYS, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    # Of a line that cannot be written logging would print what was to be in it.
    logging.raiseExceptions = debug
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "scheduler.logs.formatter", "debug": debug}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": max(level, "INFO", key=LEVELS.index)},
        "loggers": {
            **{package: {"level": level} for package in OURS},
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            # Of what was refused, and of each request, the line of the request tells.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
            # It quotes the address of what it could not answer.
            "gunicorn.error": {"handlers": [], "propagate": True},
            "django.db.backends": {"level": "WARNING"},
        },
    }


def formatter(*, debug: bool) -> ProcessorFormatter:
    """What makes lines of records."""
    for_the_eye = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )
    telling: list[Processor] = [] if debug else [by_type_and_place]
    return ProcessorFormatter(
        foreign_pre_chain=[*ALWAYS, in_full if debug else without_values],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            *telling,
            one_line,
            for_the_eye if debug else structlog.processors.JSONRenderer(),
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def without_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A line of the standard library's logging: ours in full, a library's without what was put into it."""
    record = event["_record"]
    if record.name.partition(".")[0] in OURS:
        return in_full(_logger, _method, event)
    has_values = bool(event.pop("positional_args", None))
    event.pop("stack_info", None)
    event["event"] = event["event"] if has_values and WORD.search(event["event"]) else record.funcName
    # Django tells of some failures when the request is over.
    if known_as := getattr(getattr(record, "request", None), "request_id", ""):
        event["request_id"] = known_as
    event["place"] = f"{_short(record.pathname)}:{record.lineno}"
    return event


def in_full(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The sentence with its values."""
    values = event.pop("positional_args", None)
    if values:
        try:
            event["event"] = event["event"] % values
        except (TypeError, ValueError, KeyError):
            event["values"] = str(values)
    return event


def by_type_and_place(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Tell an exception by its type and the places in the code, outermost first, its causes likewise."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["exception"] = _told(error)
    return event


def one_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Nothing in a sentence can begin another line, colour the terminal, or be an address of mail."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in _unaddressed(value))
    return event


def _unaddressed(text: str) -> str:
    # First looked for: of a long text without one the pattern would try every beginning.
    return MAIL_ADDRESS.sub("[address]", text) if "@" in text else text


def _told(error: BaseException, causes: int = CAUSES) -> dict[str, Any]:
    kind = type(error)
    told: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}", "places": _places(error.__traceback__)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and causes:
        told["because"] = _told(cause, causes - 1)
    return told


def _places(stack: TracebackType | None) -> list[str]:
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(stack)][-FRAMES:]
    return [f"{_short(code.co_filename)}:{line} {code.co_name}" for code, line in frames]


def _short(path: str) -> str:
    root = next((root for root in _ROOTS if root and path.startswith(f"{root}/")), "")
    return path[len(root) + 1 :] if root else path
