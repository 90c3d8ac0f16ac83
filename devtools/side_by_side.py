"""Run commands side by side until one of them ends or somebody stops us; then stop the others. Nothing stays behind.

    python devtools/side_by_side.py command... -- command...

Our exit code is that of the command that ended first; stopped by Ctrl-C it is 0, for that is how one ends this.
"""

import os
import signal
import subprocess
import sys
import time
from types import FrameType
from typing import NoReturn

STOP_SECONDS = 10
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked us to stop."""


def stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """Turn the first signal into an exception, and be deaf to the next ones."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def split(arguments: list[str]) -> list[list[str]]:
    """The commands between the ``--``."""
    commands: list[list[str]] = [[]]
    for argument in arguments:
        if argument == "--":
            commands.append([])
        else:
            commands[-1].append(argument)
    return [command for command in commands if command]


def tell(processes: list[subprocess.Popen[bytes]], number: int) -> None:
    """Send a signal to each command and to whatever it has started."""
    for process in processes:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            continue


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask them to end, and make those that do not."""
    tell(processes, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            continue
    # Whoever is left of a command, too: a server that restarts itself has a child.
    tell(processes, signal.SIGKILL)
    for process in processes:
        process.wait()


def main(arguments: list[str]) -> int:
    """Start them, wait, end them."""
    commands = split(arguments)
    if not commands:
        print(__doc__, file=sys.stderr)
        return 2
    processes: list[subprocess.Popen[bytes]] = []
    for number in SIGNALS:
        signal.signal(number, stop)
    try:
        # Groups of their own: a Ctrl-C in the terminal is for us, who ask each of them to end.
        processes.extend(subprocess.Popen(command, start_new_session=True) for command in commands)
        while all(process.poll() is None for process in processes):
            time.sleep(0.2)
        return next(process.returncode for process in processes if process.returncode is not None)
    except Stopped:
        return 0
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        end(processes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
