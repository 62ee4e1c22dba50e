"""Commands of the grid: import cases of other systems; keys of the public API."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from citysteward.grid.boston_311 import UnreadableFile
from citysteward.grid.importing import CITY, SOURCE, ImportReport, import_file
from citysteward.grid.open311 import commands as open311
from citysteward.kernel.areas import queries as areas
from citysteward.lib import console
from citysteward.lib.errors import PlainError

app = typer.Typer()
app.add_typer(open311.app, name="apikey")

SHOWN_REFUSALS = 20


@app.command(name="import")
def import_(
    source: Annotated[str, typer.Argument(help=f"What kind of file it is: {SOURCE}.")],
    file: Annotated[Path, typer.Argument(help="Parquet or CSV.", exists=True, dir_okay=False)],
    as_of: Annotated[
        datetime,
        typer.Option(
            help="The snapshot's moment, local time of the city.",
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        ),
    ],
    as_json: console.AsJson = False,
) -> None:
    """Import another system's cases with their true times. Again: nothing is added."""
    if source != SOURCE:
        raise PlainError(f"There is no source {source!r}. Known: {SOURCE}.")
    city = areas.city(CITY)
    if city is None:
        raise PlainError(f"Load the pack first: citysteward load {CITY}")
    try:
        with console.progress_bars() as bar:
            report = import_file(
                file, as_of=as_of.replace(tzinfo=city.zone), step=bar(f"Importing {file.name}")
            )
    except UnreadableFile as error:
        raise PlainError(error.words.en) from error
    if as_json:
        console.print_json(report)
    else:
        _show(report)


def _show(report: ImportReport) -> None:
    console.print_table(
        f"{report.file} as of {report.as_of:%Y-%m-%d %H:%M}",
        ["rows", "added", "known already", "refused"],
        [[report.rows, report.added, report.known, len(report.refused)]],
    )
    for one in report.refused[:SHOWN_REFUSALS]:
        field = f"{one.field} " if one.field else ""
        console.err.print(
            escape(f"{report.file}:{one.line}: {field}{one.value!r} {one.reason.en}"),
            soft_wrap=True,
        )
    if len(report.refused) > SHOWN_REFUSALS:
        more = len(report.refused) - SHOWN_REFUSALS
        console.err.print(f"… and {more} more refused; --json lists all of them.")
    if report.findings:
        console.print_table(
            "Findings: imported and counted as they are",
            ["finding", "cases"],
            [[kind, count] for kind, count in report.findings.items()],
        )
    for kind, names in report.new_names.items():
        console.out.print(f"New {kind} names: {', '.join(names)}", soft_wrap=True)
