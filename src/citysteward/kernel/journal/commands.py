"""Commands: journal verify, seal, status, proof, check-proof; lake export."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from citysteward.kernel.journal import queries
from citysteward.kernel.journal.actions import export_lake, seal_segments
from citysteward.kernel.journal.types import InclusionProof, JournalError, VerifyReport
from citysteward.lib import console

app = typer.Typer()
journal_app = typer.Typer(help="The append-only journal.", no_args_is_help=True)
lake_app = typer.Typer(help="The journal and its facts as Parquet files.", no_args_is_help=True)
app.add_typer(journal_app, name="journal")
app.add_typer(lake_app, name="lake")

SHOWN_PROBLEMS = 20


@journal_app.command()
def verify(
    witness: Annotated[
        Path | None,
        typer.Option(help="A copy of the witness file kept elsewhere.", exists=True),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Find any changed, lost or added entry. Exit code 1 if there is one."""
    with console.progress_bar("Verifying") as bar:
        report = queries.verify(bar, witness_path=witness)
    if as_json:
        console.print_json(
            {
                "ok": report.ok,
                "entries": report.entries,
                "segments": report.segments,
                "unsealed": report.unsealed,
                "witnessed": report.witnessed,
                "problem_count": report.problem_count,
                "problems": report.problems,
            }
        )
    else:
        _show(report)
    if not report.ok:
        raise typer.Exit(1)


def _show(report: VerifyReport) -> None:
    for problem in report.problems[:SHOWN_PROBLEMS]:
        console.out.print(f"[bold red]{problem.kind}[/] {escape(problem.explanation.en)}")
    if report.problem_count > SHOWN_PROBLEMS:
        console.out.print(f"… and {report.problem_count - SHOWN_PROBLEMS} more (see --json)")
    verdict = "[green]intact[/]" if report.ok else f"[red]{report.problem_count} problems[/]"
    console.out.print(
        f"{report.entries:,} entries in {report.segments:,} segments: {verdict}. "
        f"{report.unsealed:,} not sealed yet."
    )
    if not report.witnessed:
        console.out.print("No witness file: a cut-off end could not have been seen.")


@journal_app.command()
def seal(as_json: console.AsJson = False) -> None:
    """Seal every settled entry now."""
    seals = seal_segments()
    if as_json:
        console.print_json({"seals": seals, "head": queries.head()})
        return
    rows = [[s.number, s.entries, s.total, s.signed_at.isoformat(), s.root_hex] for s in seals]
    console.print_table("New seals", ["segment", "entries", "total", "signed at", "root"], rows)


@journal_app.command()
def status(as_json: console.AsJson = False) -> None:
    """Say how far the journal is sealed and exported, and what holds it back."""
    head, writer, lake = queries.head(), queries.oldest_writer(), queries.lake_report()
    if as_json:
        console.print_json({"head": head, "oldest_writer": writer, "lake": lake})
        return
    sealed = f"segment {head.number}, {head.total:,} entries" if head else "nothing"
    console.out.print(f"Sealed: {sealed}.")
    if writer is not None:
        console.out.print(
            f"Held back by process {writer.pid} ({escape(writer.application)}), "
            f"in a transaction for {writer.age_seconds:.0f} s."
        )
    rows = [[s.dataset, s.files, s.rows, s.size, s.segment, s.behind, s.missing] for s in lake]
    columns = ["dataset", "files", "rows", "bytes", "segment", "behind", "missing"]
    console.print_table("Lake", columns, rows)


@journal_app.command()
def proof(entry: Annotated[int, typer.Argument(help="The entry's id.")]) -> None:
    """Print the proof, as JSON, that an entry stands in a sealed segment."""
    try:
        made = queries.proof(entry)
    except LookupError as error:
        raise JournalError(f"There is no entry {entry}.") from error
    console.print_json(made)


@journal_app.command()
def check_proof(
    file: Annotated[Path, typer.Argument(help="A file that `journal proof` printed.", exists=True)],
) -> None:
    """Check a proof against the installation's keys. Exit code 1 if it does not hold."""
    try:
        given = InclusionProof.model_validate_json(file.read_text("utf-8"))
    except ValidationError as error:
        raise JournalError(f"{file} holds no proof.") from error
    if not queries.check_proof(given, queries.trusted_keys()):
        console.out.print("[red]The proof does not hold.[/]")
        raise typer.Exit(1)
    console.out.print("[green]The proof holds.[/]")


@lake_app.command()
def export(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Write every file anew: the folder was lost.")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Seal what is settled and export what is not yet in the lake, exactly once."""
    with console.progress_bars() as bars:
        seal_segments()
        drawn: dict[str, console.Report] = {}

        def step(dataset: str, done: int, total: int) -> None:
            if dataset not in drawn:
                drawn[dataset] = bars(f"Exporting {dataset}")
            drawn[dataset](done, total)

        files = export_lake(step, rebuild=rebuild)
    if as_json:
        console.print_json({"files": files, "datasets": queries.lake_report()})
        return
    rows = [[f.dataset, f.first_segment, f.last_segment, f.rows, f.size, f.path] for f in files]
    columns = ["dataset", "from segment", "to", "rows", "bytes", "file"]
    console.print_table("New files", columns, rows)
