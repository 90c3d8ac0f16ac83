"""A mail server that takes mail, refuses it, hangs, or loses the connection, as it is told; it forgets nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition, Event, Thread
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

OK, BUSY, NEVER = "250 OK", "451 try again later", "550 no such person"
HANG = "hang"
"""Take what is said and never answer."""
LOSE = "lose"
"""Cut the connection when the mail has come, and throw it away."""
KEEP = "keep"
"""Cut the connection when the mail has come, but keep it: who sent it cannot know that."""

GREETED, ADDRESSED, TAKEN, ANSWERED = "greeted", "addressed", "taken", "answered"
STAGES = (GREETED, ADDRESSED, TAKEN, ANSWERED)
"""How far a delivery has come: only from TAKEN on the mail is there, from ANSWERED on the sender knows."""


@dataclass
class Sink:
    """What has come, in the order of coming, and how the next mails are answered."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Of the next attempts, the first one first; OK when there are no more."""
    attempts: int = 0
    at: Callable[[str], None] = lambda _stage: None
    """Called at each stage of each delivery, before the sender hears of it."""
    closing: Event = field(default_factory=Event)
    changed: Condition = field(default_factory=Condition)

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def ids(self) -> Counter[str]:
        """How often each Message-ID has come."""
        with self.changed:
            return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def wait(self, until: Callable[[], Any], seconds: float = 30) -> bool:
        """Whether ``until`` came true in time; looked at again whenever something comes."""
        with self.changed:
            return bool(self.changed.wait_for(until, seconds))

    def wait_for_mails(self, number: int, seconds: float = 30) -> bool:
        """Whether so many have come in time."""
        return self.wait(lambda: len(self.mails) >= number, seconds)

    # What aiosmtpd calls. Whatever is returned is what the sender hears.

    async def handle_EHLO(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """The sender says hello."""
        session.host_name = hostname
        self.at(GREETED)
        return responses

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Whom it is for."""
        self.at(ADDRESSED)
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself."""
        with self.changed:
            self.attempts += 1
            answer = self.answers.pop(0) if self.answers else OK
            if answer in (OK, KEEP):
                parsed = message_from_bytes(cast(bytes, envelope.content), policy=policy.default)
                self.mails.append(parsed)
            self.changed.notify_all()
        if answer == OK:
            self.at(TAKEN)
        if answer == HANG:
            await asyncio.get_running_loop().run_in_executor(None, self.closing.wait)
        if answer in (HANG, LOSE, KEEP):
            server.transport.abort()
            return BUSY
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """The sender has heard the answer, and has not written it down yet."""
        self.at(ANSWERED)
        return "221 Bye"


@contextmanager
def running() -> Iterator[Sink]:
    """A mail server on a free port of 127.0.0.1, in a thread of its own."""
    sink, loop, ready = Sink(), asyncio.new_event_loop(), Event()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(
            loop.create_server(lambda: SMTP(sink, hostname="sink.example.org", loop=loop), "127.0.0.1", 0)
        )
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())

    thread = Thread(target=serve, daemon=True)
    thread.start()
    if not ready.wait(10):
        raise AssertionError("the mail server does not start")
    try:
        yield sink
    finally:
        sink.closing.set()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
