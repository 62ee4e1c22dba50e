"""Commands about packs: load, pack check."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from rich.markup import escape

from citysteward.config.cli.session import database
from citysteward.kernel.journal.types import Actor
from citysteward.lib import console, packs
from citysteward.lib.errors import PlainError

app = typer.Typer()
pack_app = typer.Typer(help="Look at packs.", no_args_is_help=True)
app.add_typer(pack_app, name="pack")

Pack = Annotated[str, typer.Argument(help="A pack's name, or the path of its folder.")]
LOADER = Actor(id="system:command-line", name="citysteward load")


def find_pack(name: str) -> packs.PackReader:
    """The pack of that name, or in that folder; PlainError if there is none."""
    places = [settings.PACKS_ROOT / name, Path(name)]
    for place in places:
        if (place / "pack.yaml").is_file():
            return packs.PackReader(place)
    known = sorted(found.parent.name for found in settings.PACKS_ROOT.glob("*/pack.yaml"))
    raise PlainError(
        f"There is no pack {name!r} in {settings.PACKS_ROOT} (known: {', '.join(known) or 'none'})."
    )


@app.command()
def load(pack: Pack, as_json: console.AsJson = False) -> None:
    """Load a pack: areas, organisations, procedures, contracts. Again: no change."""
    reader = find_pack(pack)
    with database():
        try:
            with console.progress_bars() as bar:
                reports = packs.load_pack(reader, actor=LOADER, progress=bar)
        except packs.PackError as error:
            _show_findings(reader.code, error.findings, as_json=as_json)
            raise typer.Exit(1) from error
    if as_json:
        console.print_json({"pack": reader.code, "sections": reports})
        return
    console.print_table(
        f"Pack {reader.code}",
        ["section", "created", "changed", "unchanged"],
        [[name, r.created, r.changed, r.unchanged] for name, r in reports.items()],
    )


@pack_app.command()
def check(pack: Pack, as_json: console.AsJson = False) -> None:
    """Say what is wrong with a pack, by file and line. Exit code 1 if there is an error."""
    reader = find_pack(pack)
    findings = packs.check_pack(reader)
    _show_findings(reader.code, findings, as_json=as_json)
    if any(found.severity == "error" for found in findings):
        raise typer.Exit(1)


def _show_findings(code: str, findings: Sequence[packs.PackFinding], *, as_json: bool) -> None:
    if as_json:
        console.print_json({"pack": code, "findings": findings})
        return
    for found in findings:
        # One line each, as compilers do, so that editors can jump there.
        console.out.print(escape(f"{found} [{found.severity}]"), soft_wrap=True)
    errors = sum(found.severity == "error" for found in findings)
    console.out.print(f"Pack {code}: {errors} errors, {len(findings) - errors} warnings.")
