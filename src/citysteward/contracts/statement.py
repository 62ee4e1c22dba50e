"""A payment statement: the figures of an appraisal's exact text, made ready to be shown.

Page, PDF and command line all read the same text, so that what is shown is what was frozen.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from citysteward.contracts.documents import ClauseTerms, ContractDocument
from citysteward.lib.dates import Period
from citysteward.lib.words import Words
from citysteward.performance import queries as performance
from citysteward.performance.types import Unit

Namer = Callable[[str], Words]


@dataclass(frozen=True)
class Line:
    """One appraised indicator: what was measured, over which cases, and what it earned.

    `score` runs from 0 to 100, `weight` and `points` are points of 100.
    """

    metric: str
    words: Words
    explained: Words
    unit: Unit
    value: Decimal
    cases: int
    numerator: int
    score: Decimal
    weight: Decimal
    points: Decimal
    curve: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True)
class Department:
    """An organisation's part in the figures; shares and hours are None without cases."""

    code: str
    words: Words
    cases: int
    on_time: int
    overdue: int
    suspended: int
    no_target: int
    open_overdue: int
    on_time_rate: Decimal | None
    median_hours: Decimal | None


@dataclass(frozen=True)
class Money:
    """A statement's money in `currency`: fixed + performance = due."""

    currency: str
    amount: Decimal
    fixed: Decimal
    performance_available: Decimal
    performance: Decimal
    not_earned: Decimal
    due: Decimal


@dataclass(frozen=True)
class Band:
    """A band of the coefficient, as the contract says it; `reached` is the one that applied."""

    floor: Decimal
    coefficient: Decimal
    per_point: Decimal
    rectification: bool
    reached: bool


@dataclass(frozen=True)
class Statement:
    """Everything that a statement shows. Times are aware; `figures` are counts of cases
    by metric, `measured` the other values (shares of 1, hours)."""

    contract: str
    city: str
    words: Words
    note: Words
    illustration: bool
    operator: str
    payer: str
    period: Period
    zone: str
    as_of: datetime
    seal: int
    seal_root: str
    version: str
    sha256: str
    frozen_at: datetime | None
    frozen_by: str
    figures: dict[str, int]
    measured: dict[str, Decimal | None]
    lines: tuple[Line, ...]
    bands: tuple[Band, ...]
    total: Decimal
    coefficient: Decimal
    rectification: bool
    money: Money
    departments: tuple[Department, ...]

    @property
    def fixed_share(self) -> Decimal:
        """The fixed part as a share of the whole amount."""
        return self.money.fixed / self.money.amount


def read(
    text: str,
    document: ContractDocument,
    sha256: str,
    *,
    frozen_at: datetime | None = None,
    frozen_by: str = "",
    name_of: Namer = lambda code: Words(en=code),
) -> Statement:
    """The statement that an appraisal's text makes, under the contract text that it names."""
    content: dict[str, Any] = json.loads(text)
    clauses = {clause.metric: clause for clause in document.indicators}
    total = Decimal(content["total"])
    figures = content["figures"]
    return Statement(
        contract=content["contract"],
        city=content["city"],
        words=document.words,
        note=document.note,
        illustration=document.illustration,
        operator=document.operator,
        payer=document.payer,
        period=Period(date.fromisoformat(content["start"]), date.fromisoformat(content["end"])),
        zone=content["zone"],
        as_of=datetime.fromisoformat(content["as_of"]),
        seal=content["seal"]["number"],
        seal_root=content["seal"]["root"],
        version=content["contract_version"],
        sha256=sha256,
        frozen_at=frozen_at,
        frozen_by=frozen_by,
        figures={name: value for name, value in figures.items() if isinstance(value, int)},
        measured={
            name: _optional(value) for name, value in figures.items() if not isinstance(value, int)
        },
        lines=tuple(_line(item, clauses[item["metric"]]) for item in content["clauses"]),
        bands=_bands(document, total),
        total=total,
        coefficient=Decimal(content["coefficient"]),
        rectification=content["rectification"],
        money=_money(content["payment"]),
        departments=_departments(content["organisations"], name_of),
    )


def _line(item: dict[str, Any], clause: ClauseTerms) -> Line:
    metric = performance.metrics()[item["metric"]]
    return Line(
        metric=metric.name,
        words=clause.words or metric.words,
        explained=metric.explained,
        unit=metric.unit,
        value=Decimal(item["value"]),
        cases=item["cases"],
        numerator=item["numerator"],
        score=Decimal(item["score"]),
        weight=Decimal(item["weight"]),
        points=Decimal(item["points"]),
        curve=tuple((point.value, point.score) for point in clause.curve),
    )


def _bands(document: ContractDocument, total: Decimal) -> tuple[Band, ...]:
    ordered = sorted(document.coefficients, key=lambda band: -band.floor)
    reached = next(band.floor for band in ordered if band.floor <= total)
    return tuple(
        Band(
            band.floor,
            band.coefficient,
            band.per_point,
            band.rectification,
            band.floor == reached,
        )
        for band in ordered
    )


def _money(paid: dict[str, str]) -> Money:
    amounts = {name: Decimal(text) for name, text in paid.items() if name != "currency"}
    return Money(currency=paid["currency"], **amounts)


def _departments(rows: list[dict[str, Any]], name_of: Namer) -> tuple[Department, ...]:
    """The organisations, those with the most late cases first: that is where it was lost."""
    found = [
        Department(
            code=row["code"],
            words=name_of(row["code"]),
            cases=row["cases"],
            on_time=row["on_time"],
            overdue=row["overdue"],
            suspended=row["suspended"],
            no_target=row["no_target"],
            open_overdue=row["open_overdue"],
            on_time_rate=_optional(row["on_time_rate"]),
            median_hours=_optional(row["median_hours_to_close"]),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda row: (-row.overdue, -row.cases, row.code)))


def _optional(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
