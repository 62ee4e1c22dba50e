"""Puts the commands together, runs one, and says in a sentence what went wrong.

The commands of a context are in its `commands.py`: `app`, a typer.Typer without a name, whose
commands and groups join those below. They run with Django set up and the database there.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.markup import escape

import citysteward
from citysteward.lib import console
from citysteward.lib.errors import PlainError

FAILURE = 1
INTERRUPTED = 130
TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments name; exits with 0, 1 (failure) or 2 (usage)."""
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    debug = "--debug" in given and given[0] != "manage"
    if debug:  # allowed anywhere, because one adds it after something went wrong
        given.remove("--debug")
    signal.signal(signal.SIGTERM, _terminate)
    try:
        build()(args=given, prog_name="citysteward")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 (the last resort of a command line)
        if debug:
            traceback.print_exc()
        else:
            _explain(error)
        sys.exit(FAILURE)
    sys.exit(0)


def build() -> typer.Typer:
    """The whole command line, with Django set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citysteward.config.settings")
    import django  # noqa: PLC0415 (a faulty environment must be said in a sentence, too)

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    from citysteward.config.cli import (  # noqa: PLC0415
        administration,
        backup,
        packs,
        serving,
        summary,
    )

    app = typer.Typer(
        name="citysteward",
        help="城市大管家: a city's digital public services, paid for by what they achieved.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_options)
    for module in (packs, summary, administration, backup, serving):
        app.add_typer(module.app)
    for context in settings.CONTEXTS:
        name = f"citysteward.{context}.commands"
        if find_spec(name) is not None:
            commands: typer.Typer = import_module(name).app
            _with_database(commands)
            app.add_typer(commands)
    return app


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
    debug: Annotated[  # noqa: ARG001 (taken out of the arguments by main; here for --help)
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    if version:
        typer.echo(citysteward.__version__)
        raise typer.Exit


def _with_database(commands: typer.Typer) -> None:
    """Let every command run between opening and leaving the database."""
    for command in commands.registered_commands:
        if command.callback is not None:
            command.callback = _in_session(command.callback)
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            _with_database(group.typer_instance)


def _in_session(command: Callable[..., Any]) -> Callable[..., Any]:
    from citysteward.config.cli.session import database  # noqa: PLC0415 (needs Django)

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with database():
            return command(*args, **kwargs)

    return run


def _explain(error: Exception) -> None:
    """One sentence. What is no error of ours shows its kind, and how to see more."""
    sentence = " ".join(str(error).split("\n", 1)[0].split()) or type(error).__name__
    if isinstance(error, SettingsError | ValidationError) and "Environment" in str(error):
        sentence = _environment_sentence(error)
    elif not isinstance(error, PlainError | ValueError | OSError):
        sentence = f"{type(error).__name__}: {sentence} (run it with --debug to see where)"
    console.err.print(f"[bold red]Error:[/] {escape(sentence)}", soft_wrap=True)


def _environment_sentence(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    details = error.errors(include_url=False)[0]
    name = "_".join(str(part) for part in details["loc"]).upper()
    name = name if name.startswith("DATABASE") else f"CITYSTEWARD_{name}"
    return f"The environment variable {name} is wrong: {details['msg']}."


def _terminate(*_: object) -> NoReturn:
    # As an exception, so that what is open gets closed.
    sys.exit(TERMINATED)
