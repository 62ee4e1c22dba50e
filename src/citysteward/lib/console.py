"""What commands print: tables and progress for people, JSON for programs.

Reports go to standard output, everything else to standard error.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
"""The option that every reporting command takes."""


def to_json(report: object) -> str:
    """`report` as JSON. Decimals become numbers with all their digits, times ISO 8601."""
    # The json module would squeeze a Decimal through a float: it goes as marked text instead.
    mark = uuid4().hex

    def plain(value: object) -> object:
        if isinstance(value, Decimal) and value.is_finite():
            return f"{mark}{value:f}"
        return _plain(value)

    text = json.dumps(report, default=plain, ensure_ascii=False, indent=2)
    return re.sub(f'"{mark}([^"]+)"', r"\1", text)


def print_json(report: object) -> None:
    """Print `report` to standard output as JSON."""
    # Not through rich, which would wrap long lines.
    typer.echo(to_json(report))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand at the right."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(
            isinstance(row[number], int | float | Decimal | None) for row in rows
        )
        table.add_column(column, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)


Report = Callable[[int, int], None]


@contextmanager
def progress_bars() -> Iterator[Callable[[str], Report]]:
    """Progress bars on standard error: call what you get with a label, for a bar of that label.

    Call that bar with what is done and the total; a total of 0 means that nobody knows it.
    Nothing is drawn if standard error is no terminal.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal) as drawing:

        def bar(label: str) -> Report:
            task = drawing.add_task(label, total=None)
            return lambda done, total: drawing.update(task, completed=done, total=total or None)

        yield bar


@contextmanager
def progress_bar(label: str) -> Iterator[Report]:
    """One progress bar; see `progress_bars`."""
    with progress_bars() as bar:
        yield bar(label)


def _plain(value: object) -> object:
    """What json.dumps does not know."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case BaseModel():
            return value.model_dump()
        case Enum():
            return value.value
        case UUID() | Path() | Decimal():
            return str(value)
        case set() | frozenset():
            return sorted(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
