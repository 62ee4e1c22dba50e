"""`citysteward backup` and `restore`: the whole installation in one folder, and back.

The lake is left out: `lake export --rebuild` writes it anew from the journal.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

from citysteward.config.cli.session import database
from citysteward.config.database import DATABASE_NAME, OWNER_ROLE, create, prepare
from citysteward.config.postgres import lease, programs
from citysteward.kernel.journal.witness import FILE_NAME as WITNESS_FILE
from citysteward.lib import console
from citysteward.lib.errors import PlainError

app = typer.Typer()

DUMP, KEYS, FILES = "database.dump", "keys", "files"
Folder = Annotated[Path, typer.Argument(help="The folder of the backup.")]
_CONNECTION = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
    "dbname": "PGDATABASE", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
}  # fmt: skip


@app.command()
def backup(
    folder: Folder,
    keys: Annotated[
        bool, typer.Option(help="Take the keys along; without them, keep them elsewhere.")
    ] = True,
) -> None:
    """Write the database, the keys, the photos and the seals' witness to a new folder.

    The site goes on working meanwhile: the database is taken as it is at one moment.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PlainError(f"{folder} is not empty: name a new folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = settings.CITYSTEWARD_HOME
    with database():
        # In this order: the witness must not know later seals than the database, and a photo is
        # stored before the database knows it.
        _copy(home / WITNESS_FILE, folder)
        _run("pg_dump", settings.ENVIRONMENT.urls.owner, "--format=custom", f"--role={OWNER_ROLE}",
             f"--file={folder / DUMP}")  # fmt: skip
        _copy(settings.MEDIA_ROOT, folder, name=FILES, leave_out="drafts")
        if keys:
            _copy(home / KEYS, folder)
    (folder / DUMP).chmod(0o600)
    said = "It holds the keys: keep it as safe as them." if keys else "The keys are not in it."
    console.out.print(f"Backed up to {folder}. {said}", markup=False, soft_wrap=True)


@app.command()
def restore(folder: Folder) -> None:
    """Fill a new, empty installation from a backup."""
    if not (folder / DUMP).is_file():
        raise PlainError(f"{folder} holds no backup: there is no {DUMP} in it.")
    home = settings.CITYSTEWARD_HOME
    with _empty_database() as url:
        # First what can be written again: if the database fails, this can simply be repeated.
        for source in (folder / KEYS, folder / WITNESS_FILE):
            _copy(source, home)
        _copy(folder / FILES, settings.MEDIA_ROOT.parent, name=settings.MEDIA_ROOT.name)
        # Tables and functions keep their owner; comments on extensions are their makers' alone.
        _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-comments",
             f"--dbname={conninfo_to_dict(url)['dbname']}", str(folder / DUMP))  # fmt: skip
    console.out.print("Restored. Now run `citysteward lake export --rebuild`.", markup=False)


@contextmanager
def _empty_database() -> Iterator[str]:
    """The URL of the installation's database with its roles; PlainError if there is data."""
    if settings.ENVIRONMENT.embedded:
        with lease(settings.CITYSTEWARD_HOME) as held:
            prepare(create(held))
            url = held.url("postgres", DATABASE_NAME)
            _require_empty(url)
            yield url
    else:
        prepare(settings.ENVIRONMENT.urls)
        _require_empty(settings.ENVIRONMENT.urls.owner)
        yield settings.ENVIRONMENT.urls.owner


def _require_empty(url: str) -> None:
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1"
        ).fetchone()
    if tables is not None:
        raise PlainError(
            "This installation holds data already: restore into a new one, "
            "with another CITYSTEWARD_HOME and an empty database."
        )


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's. The password goes by the environment, which ps hides."""
    parts = conninfo_to_dict(url)
    known = {_CONNECTION[name]: str(value) for name, value in parts.items() if name in _CONNECTION}
    done = subprocess.run(  # noqa: S603
        [programs() / program, "--no-password", *arguments],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise PlainError(f"{program} failed: {lines[0]}")


def _copy(source: Path, target: Path, *, name: str = "", leave_out: str = "") -> None:
    """Copy a file or a folder, if it is there, into a folder; what is there is replaced."""
    to = target / (name or source.name)
    if source.is_dir():
        ignored = shutil.ignore_patterns(leave_out) if leave_out else None
        shutil.copytree(source, to, ignore=ignored, dirs_exist_ok=True)
    elif source.exists():
        shutil.copy2(source, to)
