"""The database of a command: the embedded server, leased while the command runs, or another."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connections

from citysteward.config import migrating
from citysteward.config.database import APP_ROLE, DatabaseError, create, first_line, prepare
from citysteward.config.postgres import lease
from citysteward.lib import console


@contextmanager
def database(*, migrated: bool = True) -> Iterator[None]:
    """A database that Django can connect to, while the block runs.

    The embedded one is made and brought up to date as needed. One elsewhere belongs to its
    administrators: if it is behind (and `migrated` asks for more), DatabaseError says so.
    """
    if settings.ENVIRONMENT.embedded:
        with lease(settings.CITYSTEWARD_HOME) as held:
            try:
                if not _is_ready():
                    prepare(create(held))
                    if migrated:
                        bring_up_to_date()
                yield
            finally:
                connections.close_all()
        return
    try:
        if migrated:
            _require_migrated()
        yield
    except OperationalError as error:
        raise DatabaseError(f"The database does not answer: {first_line(error)}") from error
    finally:
        connections.close_all()


def bring_up_to_date() -> None:
    """Apply pending migrations and say so."""
    applied = migrating.migrate()
    if applied:
        console.err.print(f"Database brought up to date: {applied} migrations.")


def _is_ready() -> bool:
    try:
        return not migrating.pending()
    except OperationalError:  # no such role, or no such database, yet
        return False


def _require_migrated() -> None:
    try:
        missing = len(migrating.pending())
    except OperationalError as error:
        if f'role "{APP_ROLE}" does not exist' not in str(error):
            raise
        missing = 0
    else:
        if not missing:
            return
    raise DatabaseError(
        f"The database is not set up{f' ({missing} migrations are missing)' if missing else ''}: "
        "run `citysteward migrate` with DATABASE_OWNER_URL set."
    )
