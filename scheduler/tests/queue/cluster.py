"""A PostgreSQL cluster of one's own, to be broken, with what the tests' database holds."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from devtools.with_services import PLAIN_ENVIRONMENT, POSTGRES_USER, find_program, postgres
from scheduler.tests.races.server import database_url


@dataclass(frozen=True)
class Cluster:
    """Its database's address, and where it keeps its files."""

    url: str
    folder: Path

    def ask(self, query: str) -> list[str]:
        """The first column of the answer, as text."""
        with psycopg.connect(self.url) as connection:
            return [str(row[0]) for row in connection.execute(query.encode())]

    def crash(self) -> None:
        """``pg_ctl restart -m immediate``: everybody is thrown out, nothing is tidied, and it recovers from its log."""
        self.control("restart", "-l", str(self.folder / "log"))

    def control(self, *arguments: str) -> None:
        """``pg_ctl`` as the cluster's owner; returns when it is done."""
        subprocess.run(
            [find_program("pg_ctl"), "-D", str(self.folder), "-m", "immediate", "-w", "-t", "30", *arguments],
            user=POSTGRES_USER,
            group=POSTGRES_USER,
            extra_groups=None if POSTGRES_USER is None else [],
            env=PLAIN_ENVIRONMENT,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


@contextmanager
def copied() -> Iterator[Cluster]:
    """One that holds what the tests' database holds now, and keeps what it has committed."""
    with postgres() as (_name, url):
        with psycopg.connect(url, autocommit=True) as connection:
            # It starts forgetful, as a cluster for tests may be that nobody breaks.
            connection.execute("ALTER ROLE postgres SET synchronous_commit = on")
            [folder] = connection.execute("SHOW data_directory").fetchone() or [""]
        cluster = Cluster(url, Path(folder))
        dump = subprocess.Popen(
            [find_program("pg_dump"), "--no-owner", f"--dbname={database_url()}"], stdout=subprocess.PIPE
        )
        load = [find_program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
        subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, env=dict(os.environ), check=True)
        assert dump.wait() == 0
        try:
            yield cluster
        finally:
            # Whoever started it does not know the process that runs since the restart.
            cluster.control("stop")
