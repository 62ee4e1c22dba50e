"""The command `indicators`: a city's figures, from the lake, for people or for programs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

import typer

from citysteward.lib import console
from citysteward.lib.errors import PlainError
from citysteward.performance import actions, queries
from citysteward.performance.metrics import METRICS
from citysteward.performance.rules import instant
from citysteward.performance.types import (
    Figure,
    Group,
    Grouped,
    Grouping,
    IndicatorTable,
    Scope,
    Unit,
)

app = typer.Typer()

JSON_DECIMALS = 6
_SHOWN_DECIMALS = {Unit.SHARE: 4, Unit.HOURS: 4, Unit.STARS: 2}


@app.command()
def indicators(
    *,
    pack: Annotated[str, typer.Option(help="The city, by the name of its pack.")],
    start: Annotated[str, typer.Option("--from", help="First local date, such as 2015-01-01.")],
    end: Annotated[str, typer.Option("--to", help="The local date after the last one.")],
    by: Annotated[Grouping, typer.Option(help="How to group.")] = Grouping.NONE,
    level: Annotated[
        str | None, typer.Option(help="With --by area: count under the areas of this level.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Moment known (local unless it names a zone); by default the contract's "
            "observation time, or now for a period that it doesn't cover."
        ),
    ] = None,
    seal: Annotated[
        int | None, typer.Option(help="Count sealed segments up to this one only.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--filter", help="Such as organisation=public-works; again: any of them."),
    ] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Metrics to show (repeatable).")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Print the figures of the cases opened in a period, as known at a moment."""
    scope = Scope(
        city=pack,
        start=_date(start),
        end=_date(end),
        as_of=moment(as_of, pack),
        seal=seal,
        filters=_filters(where or []),
    )
    if scope.end <= scope.start:
        raise PlainError(f"--to must come after --from: {scope.end} does not follow {scope.start}.")
    names = tuple(metric) if metric else queries.STANDARD
    if seal is None:
        actions.bring_lake_up_to_date()
    table = queries.indicators(scope, Grouped(by, level), names)
    if as_json:
        console.print_json(as_report(table))
        return
    _print(table)


def moment(text: str | None, city: str) -> datetime | None:
    """A moment (UTC) as typed: local time of the city unless it names a zone."""
    if text is None:
        return None
    try:
        return instant(datetime.fromisoformat(text), queries.zone_of(city))
    except ValueError:
        raise PlainError(f"{text!r} is no time: write it like 2016-01-13T00:00.") from None


def as_report(table: IndicatorTable) -> dict[str, object]:
    """A table as plain values; shares, hours and stars as decimals with six places."""
    return {
        "city": table.city,
        "from": table.start,
        "to": table.end,
        "zone": table.zone,
        "as_of": table.moment.as_of,
        "seal": {"number": table.moment.seal or 0, "root": table.seal_root},
        "by": table.by,
        "groups": [_group(group) for group in table.groups],
        "total": _figures(table.total),
    }


def _group(group: Group) -> dict[str, object]:
    return {"key": group.key, "name": group.words.model_dump(), **_figures(group)}


def _figures(group: Group) -> dict[str, object]:
    return {name: _plain(figure) for name, figure in group.figures.items()}


def _plain(figure: Figure) -> int | Decimal | None:
    if METRICS[figure.metric].unit is Unit.CASES:
        return figure.cases
    return figure.decimal(JSON_DECIMALS)


def _print(table: IndicatorTable) -> None:
    units = {name: METRICS[name].unit for name in table.metrics}

    def cells(group: Group) -> list[object]:
        return [
            figure.cases
            if units[name] is Unit.CASES
            else figure.decimal(_SHOWN_DECIMALS[units[name]])
            for name, figure in group.figures.items()
        ]

    as_of = table.moment.as_of.astimezone(UTC).isoformat(timespec="minutes")
    title = f"{table.city}, {table.start} to {table.end}, as of {as_of}, seal {table.moment.seal}"
    rows = [[group.words.en or group.key, *cells(group)] for group in table.groups]
    console.print_table(
        title, [table.by.value, *table.metrics], [*rows, ["total", *cells(table.total)]]
    )


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PlainError(f"{text!r} is no date: write it like 2015-01-31.") from None


def _filters(pairs: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in pairs:
        column, sign, value = pair.partition("=")
        if not sign:
            raise PlainError(f"--filter {pair!r} lacks a sign: write it like area=boston-roxbury.")
        found.setdefault(column, set()).add(value)
    return found
