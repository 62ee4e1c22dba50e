"""A PostgreSQL server as a city's own would be: over TCP, with passwords, not started by us."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from citysteward.config.postgres import cluster
from tests.environment import SOURCE

PASSWORD = "fünf Worte: 密码/für@das?Amt"


@dataclass(frozen=True)
class Elsewhere:
    """The server, and the superuser's connection to it."""

    port: int
    home: Path

    def url(self, login: str, database: str = "citysteward") -> str:
        """A URL with the login's password."""
        return psycopg.conninfo.make_conninfo(
            host="127.0.0.1", port=self.port, user=login, password=PASSWORD, dbname=database
        )

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        with psycopg.connect(self.url("postgres", database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def citysteward(
        self, *arguments: str, app: str, owner: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on the database that these URLs lead to."""
        return subprocess.run(
            [sys.executable, "-m", "citysteward", *arguments],
            env={
                **os.environ,
                "CITYSTEWARD_HOME": str(self.home),
                "DATABASE_URL": app,
                "DATABASE_OWNER_URL": owner,
                "PYTHONPATH": str(SOURCE),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextmanager
def server() -> Iterator[Elsewhere]:
    """Run such a server, on a free port."""
    folder = Path(tempfile.mkdtemp(prefix="citysteward-elsewhere-", dir="/tmp"))
    folder.chmod(0o755)
    place = cluster.Cluster(folder / "home")
    place.folder.mkdir(parents=True)
    data, password = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    password.write_text(PASSWORD)
    for path in (data, password):
        os.chown(path, place.owner.uid, place.owner.gid)

    def run(*command: object) -> None:
        subprocess.run(
            [str(part) for part in command],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **place.owner.run_as,
        )

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    initdb = [place.binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--no-sync"]
    run(*initdb, "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}")
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    )
    pg_ctl = [place.binaries / "pg_ctl", "-D", data, "-w", "-s"]
    run(*pg_ctl, "-l", data / "log", "-o", options, "start")
    try:
        yield Elsewhere(port, folder / "home")
    finally:
        run(*pg_ctl, "-m", "immediate", "stop")
        shutil.rmtree(folder)
