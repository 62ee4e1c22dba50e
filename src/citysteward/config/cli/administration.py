"""Commands for whoever runs the installation: migrate, manage."""

import sys

import typer
from django.conf import settings
from django.core import checks
from django.core.management import execute_from_command_line
from django.db import DEFAULT_DB_ALIAS

from citysteward.config import migrating
from citysteward.config.cli.session import database
from citysteward.config.database import prepare
from citysteward.lib import console

app = typer.Typer()


@app.command()
def migrate(as_json: console.AsJson = False) -> None:
    """Prepare the database (roles, extensions, privileges) and apply pending migrations."""
    with database(migrated=False):
        if not settings.ENVIRONMENT.embedded:
            prepare(settings.ENVIRONMENT.urls)
        applied = migrating.migrate()
        warnings = checks.run_checks(tags=[checks.Tags.database], databases=[DEFAULT_DB_ALIAS])
    if as_json:
        console.print_json({"applied": applied, "warnings": [w.msg for w in warnings]})
        return
    console.out.print(f"{applied} migrations applied." if applied else "Nothing to migrate.")
    for warning in warnings:
        console.err.print(f"[yellow]Warning:[/] {warning.msg} {warning.hint or ''}")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def manage(context: typer.Context) -> None:
    """Run a management command of Django, such as `manage check --deploy`."""
    arguments = list(context.args)
    if arguments[:1] == ["migrate"] and not any(a.startswith("--database") for a in arguments):
        arguments.append("--database=owner")
    with database(migrated=False):
        execute_from_command_line([f"{sys.argv[0]} manage", *arguments])
