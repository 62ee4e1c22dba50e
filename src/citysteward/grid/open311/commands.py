"""`citysteward apikey …`: who may send reports through the Open311 API."""

from typing import Annotated

import typer

from citysteward.grid.open311 import keys
from citysteward.kernel.journal.types import Actor
from citysteward.lib import console

app = typer.Typer(help="Keys of the Open311 API.", no_args_is_help=True)

ACTOR = Actor(id="system:command-line", name="citysteward apikey")
Label = Annotated[str, typer.Argument(help="Who holds the key, such as an app's name.")]


@app.command()
def issue(
    label: Label,
    quota: Annotated[
        int, typer.Option(help="How many cases it may open a day.")
    ] = keys.DAILY_QUOTA,
    as_json: console.AsJson = False,
) -> None:
    """Issue a key and show it, this once."""
    issued = keys.issue_key(label, daily_quota=quota, actor=ACTOR)
    if as_json:
        console.print_json(
            {
                "id": issued.key.id,
                "label": issued.key.label,
                "daily_quota": issued.key.daily_quota,
                "created_at": issued.key.created_at,
                "api_key": issued.secret,
            }
        )
        return
    console.out.print(issued.secret, soft_wrap=True, markup=False)
    console.err.print("Keep it safe: it is not stored and cannot be shown again.")


@app.command()
def revoke(label: Label, as_json: console.AsJson = False) -> None:
    """Revoke the label's key; whoever sends it is refused from now on."""
    key = keys.revoke_key(label, actor=ACTOR)
    if as_json:
        console.print_json({"id": key.id, "label": key.label, "revoked_at": key.revoked_at})
        return
    console.out.print(f"Revoked the key of {key.label}.", markup=False)


@app.command(name="list")
def list_(as_json: console.AsJson = False) -> None:
    """List the keys that were issued, without the keys themselves."""
    found = keys.all_keys()
    if as_json:
        console.print_json(
            [
                {
                    "id": key.id,
                    "label": key.label,
                    "active": key.active,
                    "daily_quota": key.daily_quota,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                }
                for key in found
            ]
        )
        return
    console.print_table(
        "API keys (times UTC)",
        ["label", "a day", "issued", "revoked"],
        [
            [
                key.label,
                key.daily_quota,
                f"{key.created_at:%Y-%m-%d %H:%M}",
                f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "",
            ]
            for key in found
        ],
    )
