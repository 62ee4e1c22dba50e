"""System checks: `citysteward manage check --database default` and `--deploy`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004
from django.db import DEFAULT_DB_ALIAS, connections

from citysteward.config.database import OWNER_ROLE


@register(Tags.database)
def application_cannot_become_owner(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """Warn if the application's login could take the owner's role on, or is a superuser."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(session_user, oid, 'MEMBER') FROM pg_roles WHERE rolname = %s",
            [OWNER_ROLE],
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        return []
    return [
        Warning(
            "The application's database login could become the owner of the tables.",
            hint="Give the application a login of its own in DATABASE_URL, and the owner's "
            "login in DATABASE_OWNER_URL. Until then whoever breaks into the application "
            "can rewrite the journal (its seals still tell).",
            id="citysteward.W001",
        )
    ]


@register(Tags.security, deploy=True)
def demonstration_is_not_for_the_public(**_: Any) -> list[CheckMessage]:
    """Warn if anybody may sign in as one of the demonstration's people."""
    if not settings.CITYSTEWARD_DEMO:
        return []
    return [
        Warning(
            "In demo mode everybody can sign in as anybody, with one click.",
            hint="Unset CITYSTEWARD_DEMO before real people's reports come in.",
            id="citysteward.W002",
        )
    ]
