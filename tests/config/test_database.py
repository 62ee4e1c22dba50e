"""The application's role on the embedded server, and the same on a server elsewhere."""

import psycopg
import pytest
from django.db import connection

from citysteward.kernel.parties.models import Account
from tests.databases import FreshDatabase, OtherProcess


@pytest.mark.django_db
def test_tests_run_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("citysteward_app", "citysteward_app")


@pytest.mark.django_db
@pytest.mark.parametrize("round_", [1, 2])
def test_each_test_is_rolled_back(round_: int) -> None:
    assert Account.objects.count() == 0
    Account.objects.create_user("lin", "a long enough password")


def test_a_fresh_database_is_committed_to_and_seen_by_others(
    fresh_database: FreshDatabase, other_process: OtherProcess
) -> None:
    Account.objects.create_user("lin")
    code = (
        "from citysteward.kernel.parties.models import Account\n"
        "print(Account.objects.get().username)"
    )
    process = other_process.start_python(code, stdout=-1)
    printed, _ = process.communicate(timeout=60)
    assert printed == "lin\n"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "TRUNCATE parties_account",
        "ALTER TABLE parties_account DISABLE TRIGGER ALL",
        "DROP TABLE parties_account",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('journal', '9999', now())",
        "SET ROLE citysteward_owner",
        "SET SESSION AUTHORIZATION postgres",
    ],
)
def test_the_application_role_may_not(fresh_database: FreshDatabase, statement: str) -> None:
    with (
        psycopg.connect(fresh_database.urls.app) as application,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        application.execute(statement)
