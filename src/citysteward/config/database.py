"""The city's database: its two roles, its extensions, its privileges, its migrations.

The application connects as `citysteward_app`, which owns nothing: it reads and writes rows and
cannot touch a table's definition, its triggers or its rights. Migrations run as
`citysteward_owner`. On a server of the city's own (DATABASE_URL) any two logins will do; each
takes its role on when it connects.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from citysteward.config.postgres import Lease
from citysteward.lib.errors import PlainError

OWNER_ROLE = "citysteward_owner"
APP_ROLE = "citysteward_app"
DATABASE_NAME = "citysteward"
OLDEST_SERVER = 15
EXTENSIONS = ("ltree", "pg_trgm")
# Any number will do, as long as nothing else in the database takes the same one.
PREPARATION_LOCK = 4_202_111

Connection = psycopg.Connection[tuple[Any, ...]]


class DatabaseError(PlainError):
    """The database cannot be prepared or used; the message says why and what to do."""


@dataclass(frozen=True)
class Urls:
    """How to reach the database: as the application, and as the one who migrates.

    With one login for both, the roles still part them, but a break-in into the application
    could take the owner's role on: a system check warns.
    """

    app: str
    owner: str


def of_lease(lease: Lease, database: str = DATABASE_NAME) -> Urls:
    """The URLs of a database on the embedded server."""
    return Urls(app=lease.url(APP_ROLE, database), owner=lease.url(OWNER_ROLE, database))


def django_settings(url: str, role: str) -> dict[str, Any]:
    """An entry of Django's DATABASES that connects to `url` and takes `role` on."""
    parts = dict(conninfo_to_dict(url))
    options = f"{parts.pop('options', '') or ''} -c role={role}".strip()
    named = {name: parts.pop(name, "") for name in ("dbname", "user", "password", "host", "port")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named["dbname"] or DATABASE_NAME,
        "USER": named["user"] or "",
        "PASSWORD": named["password"] or "",
        "HOST": named["host"] or "",
        "PORT": str(named["port"] or ""),
        "OPTIONS": {**parts, "options": options, "connect_timeout": 10},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def create(lease: Lease, database: str = DATABASE_NAME) -> Urls:
    """Make the roles and the database on the embedded server, as far as they are missing."""
    with _session(lease.url("postgres", "postgres")) as connection:
        for role in (OWNER_ROLE, APP_ROLE):
            if not _role_exists(connection, role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if known.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(database), sql.Identifier(OWNER_ROLE)
                )
            )
    return of_lease(lease, database)


def prepare(urls: Urls) -> None:
    """Give the database its roles, extensions and privileges; again: no change.

    The owner's login must own the database. Raises DatabaseError with the statements that an
    administrator has to run if it may not make the roles itself.
    """
    app_login = _login(urls.app)
    with _session(urls.owner) as connection:
        if connection.info.server_version < OLDEST_SERVER * 10_000:
            raise DatabaseError(
                f"PostgreSQL {OLDEST_SERVER} or newer is needed, "
                f"this is {connection.info.server_version // 10_000}."
            )
        _set_roles_up(connection, {OWNER_ROLE: _login(urls.owner), APP_ROLE: app_login})
        try:
            _furnish(connection)
        except psycopg.errors.InsufficientPrivilege as error:
            raise DatabaseError(
                f"The login {_login(urls.owner)!r} must own the database "
                f"{connection.info.dbname!r} ({error.diag.message_primary}): run "
                f"ALTER DATABASE {connection.info.dbname} OWNER TO {_login(urls.owner)}."
            ) from error
        _require_chinese_search(connection)


def _furnish(connection: Connection) -> None:
    owner, app = sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE)
    database = sql.Identifier(connection.info.dbname)
    for extension in EXTENSIONS:
        connection.execute(
            sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
        )
    defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
    for statement in (
        "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC",
        "REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM {app}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {app}",
        "GRANT CONNECT ON DATABASE {database} TO {app}, {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        f"{defaults} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{app}}",
        f"{defaults} GRANT USAGE, SELECT ON SEQUENCES TO {{app}}",
    ):
        connection.execute(sql.SQL(statement).format(owner=owner, app=app, database=database))


def _require_chinese_search(connection: Connection) -> None:
    # With LC_CTYPE=C, pg_trgm finds no letters in Chinese text and searches silently find nothing.
    found = connection.execute("SELECT cardinality(show_trgm('食品'))").fetchone()
    if not found or not found[0]:
        raise DatabaseError(
            f"The database {connection.info.dbname!r} cannot search Chinese text: create it with "
            "ENCODING 'UTF8' and the locale C.UTF-8."
        )


def _set_roles_up(connection: Connection, logins: Mapping[str, str]) -> None:
    """See to it that each role exists and that its login can take it on."""
    statements: list[sql.Composed] = []
    for role, login in logins.items():
        exists = _role_exists(connection, role)
        names = {"role": sql.Identifier(role), "login": sql.Identifier(login)}
        if not exists:
            statements.append(sql.SQL("CREATE ROLE {role} NOLOGIN").format(**names))
        if login != role and not (exists and _may_take(connection, login, role)):
            statements.append(sql.SQL("GRANT {role} TO {login}").format(**names))
    try:
        while statements:
            connection.execute(statements[0])
            del statements[0]
    except psycopg.errors.InsufficientPrivilege as error:
        texts = "; ".join(statement.as_string(connection) for statement in statements)
        raise DatabaseError(
            f"The owner's login may not set the roles up. Let an administrator run: {texts};"
        ) from error


def _role_exists(connection: Connection, role: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).rowcount > 0


def _may_take(connection: Connection, login: str, role: str) -> bool:
    # From PostgreSQL 16 on, membership alone does not include the right to SET ROLE.
    kind = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    # A superuser passes every such test, yet a login that loses that right must still work.
    row = connection.execute("SELECT pg_has_role(%s, %s, %s)", [login, role, kind]).fetchone()
    return bool(row and row[0])


def _login(url: str) -> str:
    with _session(url, lock=False) as connection:
        return connection.info.user


@contextmanager
def _session(url: str, *, lock: bool = True) -> Iterator[Connection]:
    """A connection of its own, in autocommit; with `lock`, one such session at a time."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseError(f"The database does not answer: {first_line(error)}") from error
    with connection:
        if lock:
            connection.execute("SELECT pg_advisory_lock(%s)", [PREPARATION_LOCK])
        yield connection


def first_line(error: Exception) -> str:
    """What a database error says, without the details, which may carry personal data."""
    return str(error).strip().split("\n", 1)[0]
