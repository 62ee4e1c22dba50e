"""PostgreSQL 15 has no IS JSON: there a function of ours checks payloads, to the same end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from citysteward.kernel import journal
from tests.kernel.journal.test_actions import BAD_PAYLOADS

BINARIES = Path("/usr/lib/postgresql/15/bin")
SQL = Path(next(iter(journal.__path__))) / "sql"
GOOD_PAYLOADS = [
    "{}",
    '{"a":[{"b":1},{"b":1}],"b":{"a":1}}',
    '{"a":"\\\\u0000"}',
    '{"a":{},"b":[],"c":null,"d":[[]]}',
]
APPEND = "SELECT journal_append('test.noted', 1::smallint, 'a:b', '', 'c:d', %s)"

pytestmark = pytest.mark.skipif(
    not BINARIES.is_dir() or os.geteuid() != 0, reason="no PostgreSQL 15 that we could start here"
)


@pytest.fixture
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    """The journal on a PostgreSQL 15 of its own."""
    folder = tmp_path_factory.mktemp("pg15")
    # Up to the temporary folder itself; a parallel run has one level more.
    for parent in (folder, *folder.parents[:3]):
        if parent.owner() == "root" and str(parent).startswith(tempfile.gettempdir() + "/"):
            parent.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    shutil.chown(data, "postgres")

    def run(*command: str) -> None:
        subprocess.run(
            [str(BINARIES / command[0]), "-D", str(data), *command[1:]],
            user="postgres",
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )

    run("initdb", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust")
    shutil.chown(folder, "postgres")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", options, "start")
    try:
        with psycopg.connect(f"postgresql://postgres@/postgres?host={folder}") as connection:
            connection.execute("CREATE ROLE citysteward_app")
            for file in sorted(SQL.glob("*.sql")):
                connection.execute(file.read_bytes())
            connection.commit()
            yield connection
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


def test_payloads_are_checked_as_on_newer_servers(oldest: psycopg.Connection[Any]) -> None:
    assert oldest.info.server_version < 160_000
    for payload in BAD_PAYLOADS:
        with pytest.raises(psycopg.DatabaseError), oldest.transaction():
            oldest.execute(APPEND, [payload])
    for payload in GOOD_PAYLOADS:
        oldest.execute(APPEND, [payload])
    rows = oldest.execute("SELECT payload FROM journal_entry ORDER BY id").fetchall()
    assert [payload for (payload,) in rows] == GOOD_PAYLOADS


def test_the_journal_is_as_closed_as_on_newer_servers(oldest: psycopg.Connection[Any]) -> None:
    oldest.execute(APPEND, ["{}"])
    for statement in (
        "UPDATE journal_entry SET version = 2",
        "DELETE FROM journal_entry",
        "TRUNCATE journal_entry",
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"),
            oldest.transaction(),
        ):
            oldest.execute(statement.encode())
