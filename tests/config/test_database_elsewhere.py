"""DATABASE_URL: a server of the city's own, over TCP with passwords."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.config.elsewhere import PASSWORD, Elsewhere, server


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with server() as running:
        yield running


@pytest.fixture
def clean(elsewhere: Elsewhere) -> Iterator[Elsewhere]:
    """The server without any of our roles and databases, and with two logins."""
    elsewhere.execute(
        f"CREATE ROLE bureau LOGIN CREATEROLE PASSWORD '{PASSWORD}'",
        f"CREATE ROLE website LOGIN PASSWORD '{PASSWORD}'",
        "CREATE DATABASE citysteward OWNER bureau",
    )
    yield elsewhere
    elsewhere.execute("DROP DATABASE citysteward WITH (FORCE)")
    for role in ("citysteward_app", "citysteward_owner", "website", "bureau"):
        elsewhere.execute(f"DROP ROLE IF EXISTS {role}")


def test_two_logins_are_set_up_once_and_the_application_owns_nothing(clean: Elsewhere) -> None:
    app, owner = clean.url("website"), clean.url("bureau")
    first = clean.citysteward("migrate", "--json", app=app, owner=owner)
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["applied"] > 0
    assert json.loads(first.stdout)["warnings"] == []
    again = clean.citysteward("migrate", "--json", app=app, owner=owner)
    assert json.loads(again.stdout) == {"applied": 0, "warnings": []}

    with psycopg.connect(app, options="-c role=citysteward_app") as website:
        website.execute("SELECT username FROM parties_account")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            website.execute("ALTER TABLE parties_account ADD COLUMN mine int")
    with (
        psycopg.connect(app) as website,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        website.execute("SET ROLE citysteward_owner")


def test_the_application_runs_without_the_owners_url(clean: Elsewhere) -> None:
    app, owner = clean.url("website"), clean.url("bureau")
    assert clean.citysteward("migrate", app=app, owner=owner).returncode == 0
    done = clean.citysteward(
        "manage", "shell", "--no-imports", "-c",
        "from django.db import connection as c; u = c.cursor();"
        "u.execute('SELECT current_user, session_user'); print(u.fetchone())",
        app=app,
    )  # fmt: skip
    assert done.stdout.strip() == "('citysteward_app', 'website')", done.stderr


def test_one_login_for_both_works_and_is_warned_about(clean: Elsewhere) -> None:
    url = clean.url("bureau")
    done = clean.citysteward("migrate", "--json", app=url)
    assert done.returncode == 0, done.stderr
    (warning,) = json.loads(done.stdout)["warnings"]
    assert "could become the owner" in warning


def test_a_database_that_is_behind_is_said_in_a_sentence(clean: Elsewhere, pack: Path) -> None:
    app, owner = clean.url("website"), clean.url("bureau")
    never = clean.citysteward("load", str(pack), app=app)
    assert (never.returncode, never.stdout) == (1, "")
    assert "not set up: run `citysteward migrate`" in never.stderr
    assert clean.citysteward("migrate", app=app, owner=owner).returncode == 0
    clean.execute("DELETE FROM django_migrations WHERE app = 'parties'", database="citysteward")
    behind = clean.citysteward("load", str(pack), app=app)
    assert (behind.returncode, behind.stdout) == (1, "")
    assert "migrations are missing" in behind.stderr


def test_a_login_that_may_not_make_roles_says_what_to_run(clean: Elsewhere) -> None:
    clean.execute("ALTER ROLE bureau NOCREATEROLE")
    app, owner = clean.url("website"), clean.url("bureau")
    refused = clean.citysteward("migrate", app=app, owner=owner)
    assert refused.returncode == 1
    assert 'Let an administrator run: CREATE ROLE "citysteward_owner"' in refused.stderr
    # What it says does help.
    clean.execute(refused.stderr.split("run: ", 1)[1])
    accepted = clean.citysteward("migrate", "--json", app=app, owner=owner)
    assert accepted.returncode == 0, accepted.stderr


def test_a_login_that_does_not_own_the_database_is_refused(clean: Elsewhere) -> None:
    clean.execute("ALTER DATABASE citysteward OWNER TO postgres")
    done = clean.citysteward("migrate", app=clean.url("website"), owner=clean.url("bureau"))
    assert done.returncode == 1
    assert "must own the database" in done.stderr


def test_a_database_that_cannot_search_chinese_is_refused(clean: Elsewhere) -> None:
    clean.execute(
        "DROP DATABASE citysteward",
        "CREATE DATABASE citysteward OWNER bureau TEMPLATE template0 LOCALE 'C'",
    )
    done = clean.citysteward("migrate", app=clean.url("website"), owner=clean.url("bureau"))
    assert done.returncode == 1
    assert "cannot search Chinese text" in done.stderr


def test_a_wrong_password_is_said_in_a_sentence_without_the_password(clean: Elsewhere) -> None:
    clean.execute("ALTER ROLE website PASSWORD 'another'")
    done = clean.citysteward("migrate", app=clean.url("website"), owner=clean.url("bureau"))
    assert done.returncode == 1
    assert "password authentication failed" in done.stderr
    assert PASSWORD not in done.stderr
    assert "Traceback" not in done.stderr
