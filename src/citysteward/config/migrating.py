"""Applying Django's migrations, as the owner of the tables."""

import psycopg
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from citysteward.config.database import APP_ROLE, PREPARATION_LOCK

OWNER = "owner"
"""The alias of the connection that migrates."""


def pending(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations that the database has not seen yet, as "app.name".

    The application may ask, too: it often runs where the owner's login is not known.
    """
    executor = MigrationExecutor(connections[alias])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate(*, verbosity: int = 0) -> int:
    """Apply what is pending, one process at a time; returns how many migrations there were."""
    owner = connections[OWNER]
    parameters = owner.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", [PREPARATION_LOCK])
        missing = pending(OWNER)
        if missing:
            call_command("migrate", database=OWNER, interactive=False, verbosity=verbosity)
            with owner.cursor() as cursor:
                # The application must not be able to pretend that a migration has been applied.
                cursor.execute(
                    f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}"
                )
    owner.close()
    return len(missing)
