"""Programs that a test starts, kills and ends, by their ids; and a Redis that can be stopped and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from django.conf import settings

from devtools.with_services import find_program

PATIENCE = 30
"""Seconds."""


def wait_until(true: Callable[[], Any], seconds: float = PATIENCE) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)  # for what nobody tells us
    return True


@dataclass
class Program:
    """One that runs in a process group of its own, so that its children die with it."""

    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=settings.BASE_DIR,
                env=os.environ | dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def runs(self) -> bool:
        """It has not ended."""
        return self.process.poll() is None

    def has_said(self, what: str, seconds: float = PATIENCE) -> bool:
        """Whether its log names ``what``, or does so in time."""
        return wait_until(lambda: what in self.log.read_text(errors="replace"), seconds)

    def kill(self) -> None:
        """kill -9: it has no time for anything. Its end is awaited by :meth:`wait`."""
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """To it and its children."""
        if self.runs:
            os.killpg(self.process.pid, number)

    def wait(self, seconds: float = PATIENCE) -> None:
        """Until it has ended."""
        self.process.wait(seconds)

    def end(self) -> None:
        """As an administrator would; by force if that takes too long."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            self.wait()


@dataclass
class Programs:
    """Starts them with one environment and ends all."""

    environment: dict[str, str]
    logs: Path
    started: list[Program] = field(default_factory=list)

    def python(self, *arguments: str, **environment: str) -> Program:
        """One in Python."""
        log = self.logs / f"{len(self.started)}.log"
        program = Program([sys.executable, *arguments], self.environment | environment, log)
        self.started.append(program)
        return program

    def command(self, *arguments: str, **environment: str) -> Program:
        """``manage.py`` with the kind of messages that these tests send."""
        return self.python("-m", "scheduler.tests.queue.commands", *arguments, **environment)

    def worker(self) -> Program:
        """``celery -A scheduler worker``, that has two processes."""
        name = f"worker{len(self.started)}@127.0.0.1"
        include = ("--include", "scheduler.tests.queue.greeting")
        alone = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.python("-m", "celery", "-A", "scheduler", "worker", "--concurrency=2", "-n", name, *include, *alone)

    def beat(self) -> Program:
        """``celery -A scheduler beat`` that does not wait for half a minute."""
        return self.python("-m", "celery", "-A", "scheduler.tests.queue.quick", "beat", "--pidfile=")

    def end(self) -> None:
        """All of them, together."""
        for program in self.started:
            program.signal(signal.SIGTERM)
        for program in self.started:
            program.end()

    def told(self) -> str:
        """The ends of their logs."""
        return "\n".join(f"--- {one.command[1:4]}\n{one.log.read_text()[-3000:]}" for one in self.started)


@dataclass
class Redis:
    """A Redis that keeps nothing, always on the same port."""

    folder: Path
    port: int = 0
    program: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> "redis.Redis":
        """To look into it."""
        return redis.Redis.from_url(self.url, socket_timeout=2)

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as probe:
                self.port = probe.getsockname()[1]
        command = [find_program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port)]
        command += ["--dir", str(self.folder), "--save", "", "--appendonly", "no"]
        self.program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if not wait_until(self._answers):
            raise AssertionError("Redis does not start")

    def stop(self) -> None:
        """With all that it knows."""
        if self.program is not None:
            self.program.send_signal(signal.SIGCONT)
            self.program.kill()
            self.program.wait()
            self.program = None

    def freeze(self) -> None:
        """It is there, and does not answer."""
        if self.program is not None:
            self.program.send_signal(signal.SIGSTOP)

    @property
    def is_empty(self) -> bool:
        """No task waits, and none is being done."""
        return not self.client.llen("celery") and not self.client.hlen("unacked")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False
