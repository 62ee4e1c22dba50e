"""`citysteward summary`: what the installation holds, in a few lines."""

from dataclasses import asdict, dataclass

import typer
from django.db.models import Count, Q

from citysteward.config.cli.session import database
from citysteward.contracts import queries as contracts
from citysteward.kernel.areas.models import City
from citysteward.kernel.cases.models import Case
from citysteward.kernel.journal import queries as journal
from citysteward.lib import console

app = typer.Typer()


@dataclass(frozen=True)
class CityHolds:
    """How much of a city is known. `frozen` counts appraisals that are frozen."""

    city: str
    name: str
    cases: int
    open: int
    contracts: int
    frozen: int


@app.command()
def summary(as_json: console.AsJson = False) -> None:
    """Say what is loaded, imported, sealed, exported and appraised."""
    with database():
        cities = [_holds(city) for city in City.objects.order_by("code")]
        head, lake = journal.head(), journal.lake_report()
    if as_json:
        console.print_json(
            {"cities": [asdict(city) for city in cities], "seal": head, "lake": lake}
        )
        return
    console.print_table(
        "Cities",
        ["city", "cases", "open", "contracts", "frozen appraisals"],
        [[city.name, city.cases, city.open, city.contracts, city.frozen] for city in cities],
    )
    sealed = f"{head.total:,} entries in {head.number} segments" if head else "nothing yet"
    console.out.print(f"Sealed: {sealed}.")
    exported = ", ".join(f"{state.dataset} {state.rows:,} rows" for state in lake)
    console.out.print(f"Lake: {exported}.")


def _holds(city: City) -> CityHolds:
    counts = Case.objects.filter(city=city.code).aggregate(
        cases=Count("pk"), open=Count("pk", filter=Q(closed_at=None))
    )
    held = contracts.contracts(city.code)
    frozen = sum(contract.appraisals.count() for contract in held)
    return CityHolds(
        city.code, city.name_en or city.code, counts["cases"], counts["open"], len(held), frozen
    )
