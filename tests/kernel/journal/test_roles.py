"""Every way round the journal that the application's role could try: all refused."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.databases import FreshDatabase

APPEND = "SELECT journal_append('test.noted', 1::smallint, 'a:b', '', 'case:1', '{}')"
FORGED = (
    "INSERT INTO journal_entry (id, epoch, txid, recorded_at, occurred_at, kind, version, actor,"
    " actor_name, subject, payload) VALUES (1, 1, '1', '2015-01-01', '2015-01-01', 'x.y', 1,"
    " 'a:b', '', 'c:d', '{}')"
)
# {month}: the present partition.
BYPASSES = {
    "update": "UPDATE journal_entry SET payload = '{}'",
    "update of nothing": "UPDATE journal_entry SET payload = '{}' WHERE false",
    "update of a month": "UPDATE {month} SET payload = '{}'",
    "delete": "DELETE FROM journal_entry",
    "delete from a month": "DELETE FROM {month}",
    "truncate": "TRUNCATE journal_entry",
    "truncate a month": "TRUNCATE {month}",
    "insert a forged row": FORGED,
    "insert into a month": FORGED.replace("journal_entry", "{month}", 1),
    "merge": "MERGE INTO journal_entry USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "copy in": "COPY journal_entry FROM STDIN",
    "copy into a month": "COPY {month} FROM STDIN",
    "lock": "DO $$ BEGIN LOCK TABLE journal_entry IN ACCESS EXCLUSIVE MODE; END $$",
    "select for update": "SELECT * FROM journal_entry FOR UPDATE",
    "disable triggers": "ALTER TABLE journal_entry DISABLE TRIGGER ALL",
    "disable a month's triggers": "ALTER TABLE {month} DISABLE TRIGGER journal_append_only",
    "drop a trigger": "DROP TRIGGER journal_append_only ON {month}",
    "add a trigger": "CREATE TRIGGER t BEFORE INSERT ON journal_entry FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "add a rule": "CREATE RULE r AS ON INSERT TO journal_entry DO INSTEAD NOTHING",
    "detach a month": "ALTER TABLE journal_entry DETACH PARTITION {month}",
    "drop a month": "DROP TABLE {month}",
    "drop the journal": "DROP TABLE journal_entry CASCADE",
    "rename it": "ALTER TABLE journal_entry RENAME TO gone",
    "own it": "ALTER TABLE journal_entry OWNER TO citysteward_app",
    "add a column": "ALTER TABLE journal_entry ADD COLUMN x int",
    "drop a check": "ALTER TABLE journal_entry DROP CONSTRAINT journal_entry_payload",
    "inherit": "CREATE TABLE other () INHERITS (journal_entry)",
    "new table": "CREATE TABLE other (x int)",
    "new schema": "CREATE SCHEMA other",
    "temporary table": "CREATE TEMPORARY TABLE journal_entry (x int)",
    "new function": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "replace a function": "CREATE OR REPLACE FUNCTION journal_current_epoch() RETURNS smallint"
    " LANGUAGE sql AS 'SELECT 7::smallint'",
    "alter a function": "ALTER FUNCTION journal_refuse() SET search_path = public",
    "drop a function": "DROP FUNCTION journal_refuse() CASCADE",
    "unprotect": "SELECT journal_protect('journal_entry')",
    "replica role": "SET session_replication_role = replica",
    "become the owner": "SET ROLE citysteward_owner",
    "become the owner in session": "SET SESSION AUTHORIZATION citysteward_owner",
    "reset the sequence": "SELECT setval('journal_entry_id', 1)",
    "draw from the sequence": "SELECT nextval('journal_entry_id')",
    "forged epoch": "INSERT INTO journal_epoch VALUES (9, 9)",
    "change the epoch": "UPDATE journal_epoch SET epoch = 9",
    "update a segment": "UPDATE journal_segment SET total = 0",
    "delete a segment": "DELETE FROM journal_segment",
    "truncate segments": "TRUNCATE journal_segment",
    "insert a segment": "INSERT INTO journal_segment (number) VALUES (1)",
    "read the intake": "SELECT * FROM journal_intake",
    "empty the intake": "DELETE FROM journal_intake",
    "month of the past": "SELECT journal_ensure_partition('2015-01-01')",
    "month of the far future": "SELECT journal_ensure_partition('infinity')",
    "month of nothing": "SELECT journal_ensure_partition(NULL)",
    "infinite time": "SELECT journal_append('a.b', 1::smallint, 'a:b', '', 'c:d', '{}',"
    " 'infinity')",
    "entry without subject": "SELECT journal_append('a.b', 1::smallint, 'a:b', '', '', '{}')",
    "entry without actor": "SELECT journal_append('a.b', 1::smallint, NULL, '', 'c:d', '{}')",
    "append in a read-only copy": "SELECT pg_promote()",
    "read files": "SELECT pg_read_file('postgresql.conf')",
    "run programs": "COPY journal_intake FROM PROGRAM 'true'",
}


# Refused for what it is, and not because the test has a slip of the pen.
REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidParameterValue,
    psycopg.errors.CheckViolation,
    psycopg.errors.NotNullViolation,
)


@pytest.fixture
def app(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A session of the application's role, with one entry in the journal."""
    with psycopg.connect(fresh_database.urls.app, autocommit=True) as connection:
        connection.execute(APPEND)
        yield connection


UNTOUCHED = (
    "SELECT * FROM journal_entry",
    "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger ORDER BY 1, 2",
    "SELECT proname, proowner, prosrc, proconfig, proacl FROM pg_proc ORDER BY 1, oid",
    "SELECT relname, relowner, relacl FROM pg_class WHERE relname ~ '^journal' ORDER BY 1",
    "SELECT inhrelid, inhparent FROM pg_inherits ORDER BY 1",
)


def content(database: FreshDatabase) -> list[Any]:
    """All that must stay as it is, definitions too."""
    with psycopg.connect(database.superuser_url) as superuser:
        return [superuser.execute(statement).fetchall() for statement in UNTOUCHED]


def test_every_bypass_is_refused(
    fresh_database: FreshDatabase, app: psycopg.Connection[tuple[Any, ...]]
) -> None:
    (month,) = app.execute("SELECT tableoid::regclass::text FROM journal_entry").fetchone() or ("",)
    before = content(fresh_database)
    allowed = []
    for name, template in BYPASSES.items():
        statement = template.replace("{month}", month).encode()
        try:
            if template.startswith("COPY"):
                with app.cursor().copy(statement) as copy:
                    copy.write(b"")
            else:
                app.execute(statement)
        except REFUSALS:
            continue
        allowed.append(name)
    assert allowed == []
    # PostgreSQL answers this one with a warning, and grants nothing.
    app.execute("GRANT ALL ON journal_entry TO citysteward_app")
    assert content(fresh_database) == before


def test_what_the_session_sets_does_not_reach_into_the_functions(
    fresh_database: FreshDatabase, app: psycopg.Connection[tuple[Any, ...]]
) -> None:
    app.execute("SET search_path = pg_temp, public")
    app.execute("SET timezone = 'Pacific/Kiritimati'")
    app.execute("SET datestyle = 'German'")
    app.execute(APPEND.replace("journal_append", "public.journal_append"))
    rows = app.execute(
        "SELECT recorded_at BETWEEN clock_timestamp() - interval '1 minute' AND clock_timestamp(),"
        " txid < pg_current_xact_id(), epoch FROM public.journal_entry"
    ).fetchall()
    assert rows == [(True, True, 1)] * 2


def test_the_owner_too_is_stopped_by_the_triggers(fresh_database: FreshDatabase) -> None:
    """A migration written in error; not a wicked owner, whom verification finds."""
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        superuser.execute(APPEND)
        superuser.execute("SET session_replication_role = replica")
        superuser.execute("SET ROLE citysteward_owner")
        tables = superuser.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p')"
            " AND (c.relname LIKE 'journal_entry%' OR c.relname IN"
            " ('journal_segment', 'journal_epoch'))"
        ).fetchall()
        assert len(tables) == 5
        for (table,) in tables:
            column = "number" if table == "journal_segment" else "epoch"
            for statement in (
                f"UPDATE {table} SET {column} = 1",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                    superuser.execute(statement)


def test_next_month_has_its_protected_partition_beforehand(
    fresh_database: FreshDatabase, app: psycopg.Connection[tuple[Any, ...]]
) -> None:
    made = app.execute(
        "SELECT journal_ensure_partition(date_trunc('month', now(), 'UTC') + interval '1 month')"
    ).fetchone()
    with psycopg.connect(fresh_database.superuser_url) as superuser:
        superuser.execute("SET ROLE citysteward_owner")
        (name,) = made or ("",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            superuser.execute(f"TRUNCATE {name}")


def test_a_month_that_is_missing_is_made_by_the_first_entry(fresh_database: FreshDatabase) -> None:
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        for (table,) in superuser.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'journal_entry'::regclass"
        ).fetchall():
            superuser.execute(f"DROP TABLE {table}")
    with (
        psycopg.connect(fresh_database.urls.app) as first,
        psycopg.connect(fresh_database.urls.app, autocommit=True) as second,
    ):
        first.execute(APPEND)
        first.commit()
        second.execute(APPEND)
        assert second.execute("SELECT count(*) FROM journal_entry").fetchone() == (2,)
        assert second.execute(
            "SELECT bool_and(tgenabled = 'A') FROM pg_trigger WHERE tgname = 'journal_append_only'"
        ).fetchone() == (True,)


def test_a_new_partition_does_not_wait_for_writers(fresh_database: FreshDatabase) -> None:
    with psycopg.connect(fresh_database.superuser_url, autocommit=True) as superuser:
        superuser.execute(
            "DO $$ BEGIN EXECUTE 'DROP TABLE public.journal_entry_'"
            " || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', 'YYYY_MM'); END $$"
        )
    with (
        psycopg.connect(fresh_database.urls.app) as writer,
        psycopg.connect(fresh_database.urls.app, autocommit=True) as other,
    ):
        writer.execute(APPEND)
        other.execute("SET lock_timeout = '2s'")
        other.execute(
            "SELECT journal_ensure_partition("
            "date_trunc('month', now(), 'UTC') + interval '1 month')"
        )
