"""The product as it runs in production: gunicorn, several processes and threads, on the tests' PostgreSQL."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.conf import settings
from django.db import connection

START_SECONDS = 60
STOP_SECONDS = 20
WORKERS, THREADS = 2, 16
POLICY = {"MAX_UPCOMING_PER_PATIENT": "10000", "DB_POOL_SIZE": str(THREADS)}
"""The races are about slots: nobody runs out of visits, no thread waits for a connection."""


def database_url() -> str:
    """The address of the database that the tests use."""
    parts = connection.settings_dict
    return f"postgres://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"


@dataclass(frozen=True)
class Server:
    """The product's address, and the process whose children answer there."""

    address: str
    pid: int

    @property
    def workers(self) -> list[int]:
        """Their ids, as they are now."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(number) for number in children.read_text().split()]


@contextmanager
def running(log: Path) -> Iterator[str]:
    """Start gunicorn, yield its address, stop it; what it says goes to ``log``."""
    with started(log, {}) as server:
        yield server.address


@contextmanager
def started(log: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """The same, with more in its environment."""
    assert connection.vendor == "postgresql", "races prove nothing on a database that lets one writer in at a time"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "scheduler.wsgi", f"--bind=127.0.0.1:{port}", "--worker-class=gthread"]
    command += [f"--workers={WORKERS}", f"--threads={THREADS}", "--graceful-timeout=5", "--no-control-socket"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=os.environ | POLICY | {"DATABASE_URL": database_url()} | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(process, address, log)
        yield Server(address, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/health/live", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)  # not yet listening
    raise AssertionError(f"gunicorn does not answer:\n{log.read_text()[-3000:]}")
