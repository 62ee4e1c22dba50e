"""Commands of the journal: seal it, verify it, export it to the lake."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from citysteward.kernel.journal import actions, queries
from citysteward.kernel.journal.types import VerifyReport
from citysteward.lib import console

app = typer.Typer()
journal = typer.Typer(help="The append-only record of everything done.", no_args_is_help=True)
lake = typer.Typer(help="The journal's facts as Parquet files.", no_args_is_help=True)
app.add_typer(journal, name="journal")
app.add_typer(lake, name="lake")


@journal.command()
def seal(as_json: console.AsJson = False) -> None:
    """Seal what is settled: a signed Merkle root over each segment."""
    seals = actions.seal_segments()
    if as_json:
        console.print_json({"seals": seals, "head": queries.head()})
        return
    for made in seals:
        console.out.print(f"Segment {made.number}: {made.entries} entries, root {made.root_hex}")
    writer = queries.oldest_writer()
    if writer is not None:
        console.err.print(
            f"What was written since an open transaction began {writer.age_seconds:.0f} s ago "
            f"(process {writer.pid}) can be sealed only after it ends."
        )
    if not seals:
        console.out.print("Nothing new to seal.")


@journal.command()
def verify(
    witness: Annotated[
        Path | None,
        typer.Option(help="A copy of the witness file that was kept elsewhere.", exists=True),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Find any changed, lost or added entry. Exit code 1 if there is one."""
    with console.progress_bar("Verifying the journal") as progress:
        report = queries.verify(progress, witness_path=witness)
    if as_json:
        console.print_json({"ok": report.ok, **asdict(report)})
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(1)


@lake.command()
def export(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write all files anew, if the folder was lost.")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Seal what is settled and export every sealed entry, each exactly once."""
    actions.seal_segments()
    with console.progress_bars() as bar:
        bars = {state.dataset: bar(state.dataset) for state in queries.lake_report()}
        files = actions.export_lake(lambda name, read: bars[name](read, 0), rebuild=rebuild)
    report = queries.lake_report()
    if as_json:
        console.print_json({"files": files, "datasets": report})
        return
    console.print_table(
        f"{len(files)} files written",
        ["dataset", "files", "rows", "bytes", "up to segment", "behind", "missing"],
        [[s.dataset, s.files, s.rows, s.size, s.segment, s.behind, s.missing] for s in report],
    )


def _show(report: VerifyReport) -> None:
    for problem in report.problems:
        console.out.print(escape(f"{problem.kind.value}: {problem.explanation.en}"))
    unlisted = report.problem_count - len(report.problems)
    if unlisted:
        console.out.print(f"… and {unlisted} more.")
    verdict = "is whole" if report.ok else f"has {report.problem_count} problems"
    console.out.print(
        f"The journal {verdict}: {report.entries} entries in {report.segments} segments, "
        f"{report.unsealed} not yet sealed."
    )
    if not report.witnessed:
        console.err.print("No witness file: whether the end was cut off cannot be told.")
