"""Run a command beside a PostgreSQL cluster and a Redis of its own, and stop them afterwards, whatever happens.

    python devtools/with_services.py [postgres] [redis] -- command...

The command finds them in DATABASE_URL and REDIS_URL; its exit code is ours. They listen on free ports of 127.0.0.1,
keep their files in temporary folders, are fast, and forget everything: never keep data in them.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

START_SECONDS = 60
STOP_SECONDS = 15
PORT_ATTEMPTS = 5
SHORT_FOLDER = "/tmp"  # noqa: S108  a socket's path may have 107 bytes, and TMPDIR may be closed to user postgres
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
# Nothing of the caller's PGHOST, PGPORT, PGDATA... may reach a server or its tools.
PLAIN_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
# initdb and postgres refuse to run as root.
POSTGRES_USER = "postgres" if os.geteuid() == 0 else None


class CannotStart(Exception):
    """A service is not installed, or does not start; the text names it and tells why."""


class Stopped(Exception):
    """Somebody asked us to stop, by the signal ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def find_program(name: str) -> str:
    """The path of ``name``: from the PATH, else from Debian's newest PostgreSQL. Raises CannotStart."""
    debian = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda folder: float(folder.parent.name))
    places = os.pathsep.join([PLAIN_ENVIRONMENT["PATH"], *(str(folder) for folder in reversed(debian))])
    found = shutil.which(name, path=places)
    if not found:
        raise CannotStart(f"{name} is not installed; docker/packages.txt lists what the tests need")
    return found


def end(process: subprocess.Popen[bytes], *signals: int) -> None:
    """Send the process one signal after the other until it has ended, with time to obey each."""
    for number in (*signals, signal.SIGKILL):
        process.send_signal(number)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return


@contextmanager
def running(
    command: Callable[[int], list[str]],
    answers: Callable[[int, int], bool],
    folder: Path,
    user: str | None = None,
) -> Iterator[int]:
    """Start ``command(port)`` on a free port and yield the port as soon as ``answers(port, pid)``; stop it at the end.

    A port may be taken between our look and the server's start: a server that ends early is tried again on another.
    """
    deadline = time.monotonic() + START_SECONDS
    for _ in range(PORT_ATTEMPTS):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=PLAIN_ENVIRONMENT,
                cwd=folder,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                # A Ctrl-C in the terminal is for the command; the services have to outlive it.
                start_new_session=True,
            )
        try:
            while process.poll() is None and time.monotonic() < deadline:
                if answers(port, process.pid):
                    yield port
                    return
                time.sleep(0.05)
        finally:
            # To PostgreSQL SIGINT means: do not wait for clients. SIGQUIT: do not tidy up either.
            end(process, signal.SIGINT, signal.SIGQUIT)
    log_end = (folder / "log").read_text(errors="replace")[-2000:]
    raise CannotStart(f"{command(0)[0]} does not start:\n{log_end}")


@contextmanager
def postgres() -> Iterator[tuple[str, str]]:
    """A new PostgreSQL cluster with an empty database ``scheduler``; yields ("DATABASE_URL", its address)."""
    with tempfile.TemporaryDirectory(prefix="scheduler-postgres-", dir=SHORT_FOLDER) as name:
        folder = Path(name)
        if POSTGRES_USER:
            shutil.chown(folder, POSTGRES_USER, POSTGRES_USER)
        initdb = [find_program("initdb"), f"--pgdata={folder}/data", "--username=postgres", "--auth=trust"]
        initdb += ["--encoding=UTF8", "--locale=C", "--no-sync"]
        # Half a second that nobody may cut short: a killed initdb leaves a child behind that goes on writing.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            made = subprocess.run(
                initdb,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=PLAIN_ENVIRONMENT,
                cwd=folder,
                user=POSTGRES_USER,
                group=POSTGRES_USER,
                extra_groups=None if POSTGRES_USER is None else [],
                start_new_session=True,
                check=False,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        if made.returncode:
            raise CannotStart(f"initdb failed:\n{made.stdout.decode(errors='replace')}")

        def command(port: int) -> list[str]:
            options = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *FAST_AND_FORGETFUL)
            return [find_program("postgres"), "-D", f"{folder}/data", "-p", str(port), *(f"-c{one}" for one in options)]

        def client(name: str, port: int, *arguments: str) -> bool:
            # Through the socket in our own folder: whoever answers there is ours.
            address = [f"--host={folder}", f"--port={port}", "--username=postgres"]
            call = [find_program(name), *address, *arguments]
            return subprocess.run(call, env=PLAIN_ENVIRONMENT, capture_output=True, check=False).returncode == 0

        def answers(port: int, _pid: int) -> bool:
            return client("pg_isready", port, "--quiet")

        with running(command, answers, folder, POSTGRES_USER) as port:
            if not client("createdb", port, "scheduler"):
                raise CannotStart("createdb failed")
            yield "DATABASE_URL", f"postgres://postgres@127.0.0.1:{port}/scheduler"


@contextmanager
def redis() -> Iterator[tuple[str, str]]:
    """A new, empty Redis that writes nothing to the disk; yields ("REDIS_URL", its address)."""
    with tempfile.TemporaryDirectory(prefix="scheduler-redis-") as name:

        def command(port: int) -> list[str]:
            address = ["--bind", "127.0.0.1", "--port", str(port)]
            return [find_program("redis-server"), *address, "--dir", name, "--save", "", "--appendonly", "no"]

        def answers(port: int, pid: int) -> bool:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                    connection.sendall(b"INFO server\r\n")
                    return f"process_id:{pid}\r\n".encode() in connection.recv(65536)
            except OSError:
                return False

        with running(command, answers, Path(name)) as port:
            yield "REDIS_URL", f"redis://127.0.0.1:{port}/0"


SERVICES: dict[str, Callable[[], AbstractContextManager[tuple[str, str]]]] = {"postgres": postgres, "redis": redis}


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command; its exit code as a shell would tell it. Asked to stop, make the command stop first."""
    process = subprocess.Popen(command, env=environment)
    try:
        code = process.wait()
    except Stopped as stop:
        # A terminal sends its Ctrl-C to the command as well, and a second one would cut its tidying short (0 is no
        # signal, only time). A SIGINT lets pytest stop what its tests started; a SIGTERM would not.
        end(process, 0 if stop.number == signal.SIGINT else signal.SIGINT, signal.SIGTERM)
        raise
    return code if code >= 0 else 128 - code


def ignore_signals() -> None:
    """From here on only tidying up is left, and that must not be interrupted."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def stop_on_signal(number: int, _frame: FrameType | None) -> NoReturn:
    """Turn the first signal into an exception, and be deaf to the next ones."""
    ignore_signals()
    raise Stopped(number)


def main(arguments: list[str]) -> int:
    """Start the services named before ``--``, run the command after it, return its exit code."""
    names, command = arguments, list[str]()
    if "--" in arguments:
        names, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    if not command or not set(names) <= SERVICES.keys():
        print(__doc__, file=sys.stderr)
        return 2
    for number in SIGNALS:
        signal.signal(number, stop_on_signal)
    try:
        with ExitStack() as services:
            started = dict(services.enter_context(SERVICES[name]()) for name in dict.fromkeys(names))
            try:
                return run(command, os.environ | started)
            finally:
                ignore_signals()
    except (CannotStart, OSError) as problem:
        print(f"with_services: {problem}", file=sys.stderr)
        return 1
    except Stopped as stop:
        return 128 + stop.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
