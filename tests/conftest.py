"""Databases of the tests: real ones, cloned from templates that are made once.

- `db` (or the mark `django_db`): one database for the session, each test rolled back; the test
  is the application's role, as in production.
- `fresh_database`: a database and a home of its own, for tests with several connections,
  threads or processes. `django_db(transaction=True)`, `transactional_db` and `live_server`
  mean the same here: the application may not TRUNCATE, so emptying tables is no option.
- `boston_db`: as `db`, with Boston's pack and its people loaded once for the session.
- `boston`, `boston_full`: as `fresh_database` (also of `live_server`), with Boston's pack; with
  the 58,119 cases of its file as well, sealed and exported.
- `other_process`: `citysteward …` in another process, on the database of the test.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections, transaction
from pytest_django import DjangoDbBlocker, Settings

from citysteward.config.postgres import lease
from citysteward.kernel.cases import definition
from tests import city
from tests.databases import (
    MIGRATED,
    Cluster,
    FreshDatabase,
    Made,
    OtherProcess,
    Template,
    copy_home,
    pointed_to,
)
from tests.environment import TEST_HOME

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
        yield Cluster(held)


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Instead of pytest-django's own: the session's database, cloned from the template."""
    name = f"test_{os.getpid()}"
    cluster.drop(name)
    cluster.clone(name, cluster.template(MIGRATED))
    with pointed_to(name):
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
    request: pytest.FixtureRequest,
    cluster: Cluster,
    own_home: Path,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[FreshDatabase]:
    """A real database of the test's own, dropped afterwards.

    It is cloned from the template that the test's other fixtures call for: `live_server` may
    ask for the database before `boston` does, and both must mean the same one.
    """
    made = cluster.template(_called_for(request.fixturenames))
    name = f"fresh_{os.getpid()}"
    cluster.drop(name)
    urls = cluster.clone(name, made)
    copy_home(made.home, own_home)
    superuser = cluster.lease.url("postgres", name)
    with django_db_blocker.unblock(), pointed_to(name):
        _forget_cached()
        yield FreshDatabase(name, urls, superuser, own_home)
    cluster.drop(name)
    _forget_cached()


def _called_for(fixtures: list[str]) -> Template:
    templates = {"boston_full": city.BOSTON_FULL, "boston": city.BOSTON}
    return next((made for name, made in templates.items() if name in fixtures), MIGRATED)


def _forget_cached() -> None:
    """What the product remembers by a row's number is of one database."""
    definition.definition.cache_clear()


@pytest.fixture
def transactional_db(fresh_database: FreshDatabase) -> FreshDatabase:
    """Instead of pytest-django's own, which empties tables by TRUNCATE."""
    return fresh_database


@pytest.fixture
def other_process(fresh_database: FreshDatabase) -> OtherProcess:
    """`citysteward …` in another process on the database of this test."""
    return OtherProcess(fresh_database)


@pytest.fixture
def boston(fresh_database: FreshDatabase, settings: Settings) -> FreshDatabase:
    """A database of the test's own with Boston's pack and its people, in demo mode."""
    settings.CITYSTEWARD_DEMO = True
    return fresh_database


@pytest.fixture
def boston_full(boston: FreshDatabase) -> FreshDatabase:
    """The same with the 58,119 cases of Boston's file, sealed and in the lake."""
    return boston


@pytest.fixture(scope="session")
def _shared_boston(cluster: Cluster) -> Iterator[tuple[str, Made]]:
    made = cluster.template(city.BOSTON)
    name = f"shared_{os.getpid()}"
    cluster.drop(name)
    cluster.clone(name, made)
    yield name, made
    cluster.drop(name)


@pytest.fixture
def boston_db(
    _shared_boston: tuple[str, Made],
    own_home: Path,
    settings: Settings,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Boston's pack and its people in demo mode; what the test writes is rolled back."""
    settings.CITYSTEWARD_DEMO = True
    name, made = _shared_boston
    copy_home(made.home, own_home)
    with django_db_blocker.unblock(), pointed_to(name):
        _forget_cached()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    _forget_cached()
