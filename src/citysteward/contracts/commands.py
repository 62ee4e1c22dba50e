"""The commands `appraise` and `statement`."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from citysteward.contracts import actions, pdf, queries
from citysteward.contracts.statement import Statement
from citysteward.kernel.journal.types import Actor
from citysteward.lib import console
from citysteward.lib.dates import Period
from citysteward.lib.errors import PlainError
from citysteward.performance.actions import bring_lake_up_to_date

app = typer.Typer()

ACTOR = Actor("system:command-line", "citysteward appraise")
DECIMALS = 6

ContractCode = Annotated[str, typer.Argument(help="The contract's code, such as boston-311.")]
PeriodName = Annotated[str, typer.Option("--period", help="A payment period, such as 2015Q1.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="Moment known, local unless it names a zone (default: the contract's)."),
]


@app.command()
def appraise(
    contract: ContractCode,
    period: PeriodName,
    as_of: AsOf = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Freeze the result with the seal of the journal.")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Compute a period's scores and payment from the sealed cases."""
    span = Period.parse(period)
    moment = _moment(contract, as_of)
    bring_lake_up_to_date()
    if freeze:
        actions.appraise(contract, span, actor=ACTOR, as_of=moment)
        shown = queries.statement(contract, span)
    else:
        shown = queries.trial(contract, span, as_of=moment)
    if as_json:
        console.print_json(as_report(shown))
        return
    _print(shown)


@app.command()
def statement(
    contract: ContractCode,
    period: PeriodName,
    target: Annotated[
        Path | None, typer.Option("--pdf", help="Write the statement to this file, as PDF.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the PDF: en or zh.")] = "en",
    as_json: console.AsJson = False,
) -> None:
    """Show a period's payment statement: the frozen one, or else a preview."""
    bring_lake_up_to_date()
    shown = queries.statement(contract, Period.parse(period))
    if target is not None:
        chosen = {"en": "en", "zh": "zh-hans"}.get(language)
        if chosen is None:
            raise PlainError(f"There is no statement in {language!r}: say --language en or zh.")
        content = pdf.write(shown, chosen, queries.party_names(shown))
        target.write_bytes(content)
        console.err.print(f"{target}: {len(content):,} bytes.")
    if as_json:
        console.print_json(as_report(shown))
    elif target is None:
        _print(shown)


def as_report(shown: Statement) -> dict[str, object]:
    """A statement as plain values; money to the cent, everything else to six decimals."""
    money = shown.money
    return {
        "contract": shown.contract,
        "period": str(shown.period),
        "from": shown.period.start,
        "to": shown.period.end,
        "as_of": shown.as_of,
        "zone": shown.zone,
        "seal": {"number": shown.seal, "root": shown.seal_root},
        "sha256": shown.sha256,
        "frozen_at": shown.frozen_at,
        **shown.figures,
        **{name: _round(value) for name, value in shown.measured.items()},
        "scores": {line.metric: _round(line.score) for line in shown.lines},
        "clauses": [
            {
                "metric": line.metric,
                "name": line.words.model_dump(),
                "value": _round(line.value),
                "cases": line.cases,
                "numerator": line.numerator,
                "score": _round(line.score),
                "weight": _weight(line.weight),
                "points": _round(line.points),
            }
            for line in shown.lines
        ],
        "total": _round(shown.total),
        "coefficient": _round(shown.coefficient),
        "rectification": shown.rectification,
        "currency": money.currency,
        "amount": money.amount,
        "fixed": money.fixed,
        "performance_available": money.performance_available,
        "performance": money.performance,
        "not_earned": money.not_earned,
        "due": money.due,
        "departments": [
            {
                "key": row.code,
                "name": row.words.model_dump(),
                "cases": row.cases,
                "on_time": row.on_time,
                "overdue": row.overdue,
                "suspended": row.suspended,
                "no_target": row.no_target,
                "open_overdue": row.open_overdue,
                "on_time_rate": _round(row.on_time_rate),
                "median_hours_to_close": _round(row.median_hours),
            }
            for row in shown.departments
        ],
    }


def _round(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, DECIMALS)


def _weight(weight: Decimal) -> Decimal:
    """A weight without needless zeros: 50, 12.5."""
    return weight.quantize(Decimal(1)) if weight == int(weight) else weight.normalize()


def _moment(contract: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise PlainError(f"{text!r} is no time: write it like 2016-01-13T00:00.") from None
    zone = queries.contract(contract).text.zone
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def _print(shown: Statement) -> None:
    money = shown.money
    state = f"frozen {shown.frozen_at}" if shown.frozen_at else "preview, not frozen"
    console.print_table(
        f"{shown.contract} {shown.period}, seal {shown.seal} ({state})",
        ["indicator", "measured", "score", "weight", "points"],
        [
            [
                line.metric,
                round(line.value, 4),
                round(line.score, 4),
                _weight(line.weight),
                round(line.points, 4),
            ]
            for line in shown.lines
        ]
        + [["total", None, None, None, round(shown.total, 4)]],
    )
    console.print_table(
        f"Coefficient {round(shown.coefficient, 6)}"
        + (", rectification ordered" if shown.rectification else ""),
        ["", money.currency],
        [
            ["fixed part", f"{money.fixed:,}"],
            ["performance part", f"{money.performance:,}"],
            ["due", f"{money.due:,}"],
            ["not earned", f"{money.not_earned:,}"],
        ],
    )
    console.print_table(
        "By department",
        ["department", "cases", "on time", "overdue", "open overdue"],
        [
            [row.words.en or row.code, row.cases, row.on_time, row.overdue, row.open_overdue]
            for row in shown.departments
        ],
    )
