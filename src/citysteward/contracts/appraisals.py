"""Computing an appraisal and writing it as canonical bytes.

The text holds everything that the statement shows and nothing that may change: codes, not names;
whole numbers and exact decimals as text, never floats; keys in order. The same contract text, the
same period, moment and seal therefore always give the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from citysteward.contracts import rules
from citysteward.contracts.documents import ContractDocument
from citysteward.contracts.types import ClauseResult, NothingToAppraiseError, Scored
from citysteward.lib.dates import Period
from citysteward.lib.money import quantise
from citysteward.performance import queries as performance
from citysteward.performance.types import Figure, Group, Grouping, IndicatorTable, Scope

FORMAT = "citysteward.appraisal/1"
DECIMALS = 10
"""Decimals of scores, totals, coefficients and measured values in the text, rounded half-even.
The money follows from the exact values, not from these."""

_SHOWN = (
    "cases",
    "on_time",
    "overdue",
    "suspended",
    "no_target",
    "open_overdue",
    "on_time_rate",
    "open_overdue_rate",
    "median_hours_to_close",
)


@dataclass(frozen=True)
class Basis:
    """What an appraisal is computed from: a contract's text, a period, a moment and a seal."""

    city: str
    document: ContractDocument
    version: str
    period: Period
    as_of: datetime
    seal: int | None = None

    @property
    def scope(self) -> Scope:
        """The cases that the appraisal is about, as known then."""
        return Scope(
            city=self.city,
            start=self.period.start,
            end=self.period.end,
            as_of=self.as_of,
            seal=self.seal,
            filters=self.document.filter,
        )


@dataclass(frozen=True)
class Appraised:
    """A computed appraisal: the figures, the scores, and its exact text with its hash."""

    basis: Basis
    table: IndicatorTable
    scored: Scored
    text: str

    @property
    def sha256(self) -> str:
        """The hash of the text's UTF-8 bytes, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def compute(basis: Basis, *, afresh: bool = False) -> Appraised:
    """Measure and score the period. NothingToAppraiseError where there is nothing to measure.

    `afresh` reads the lake again even if this process knows the figures.
    """
    names = tuple(
        dict.fromkeys([*_SHOWN, *(clause.metric for clause in basis.document.indicators)])
    )
    table = performance.indicators(basis.scope, Grouping.ORGANISATION, names, afresh=afresh)
    measured = {name: figure.value for name, figure in table.total.figures.items()}
    try:
        scored = rules.appraise(basis.document.terms(), measured)
    except NothingToAppraiseError as error:
        raise NothingToAppraiseError(f"{basis.document.code}, {basis.period}: {error}") from None
    return Appraised(basis, table, scored, canonical(_content(basis, table, scored)))


def canonical(content: Mapping[str, Any]) -> str:
    """JSON with its keys in order and nothing between; a float in it is a mistake (TypeError)."""
    _refuse_floats(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value} is a float: its text depends on who writes it")
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list | tuple):
        for item in inner:
            _refuse_floats(item)


def _content(basis: Basis, table: IndicatorTable, scored: Scored) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "contract": basis.document.code,
        "contract_version": basis.version,
        "city": basis.city,
        "period": str(basis.period),
        "start": basis.period.start.isoformat(),
        "end": basis.period.end.isoformat(),
        "zone": basis.document.observation.zone,
        "as_of": table.moment.as_of.astimezone(UTC).isoformat(),
        "seal": {"number": table.moment.seal or 0, "root": table.seal_root},
        "figures": _figures(table.total),
        "clauses": [_clause(result, table.total[result.metric]) for result in scored.clauses],
        "total": exact(scored.total),
        "coefficient": exact(scored.coefficient),
        "rectification": scored.rectification,
        "payment": _payment(scored, basis.document.payment.currency),
        "organisations": [
            {"code": group.key, **_figures(group)}
            for group in sorted(table.groups, key=lambda group: group.key)
        ],
    }


def _clause(result: ClauseResult, figure: Figure) -> dict[str, Any]:
    return {
        "metric": result.metric,
        "value": exact(result.value),
        "cases": figure.cases,
        "numerator": figure.numerator,
        "score": exact(result.score),
        "weight": exact(result.weight),
        "points": exact(result.points),
    }


def _payment(scored: Scored, currency: str) -> dict[str, str]:
    paid = scored.payment
    return {
        "currency": currency,
        **{
            name: str(quantise(getattr(paid, name), currency))
            for name in (
                "amount",
                "fixed",
                "performance_available",
                "performance",
                "not_earned",
                "due",
            )
        },
    }


def _figures(group: Group) -> dict[str, int | str | None]:
    return {name: _figure(figure) for name, figure in group.figures.items()}


def _figure(figure: Figure) -> int | str | None:
    """Counts as whole numbers, everything else as exact decimal text."""
    metric = performance.metrics()[figure.metric]
    if figure.value is None:
        return None
    return figure.cases if metric.unit == "cases" else exact(figure.value)


def exact(value: Fraction) -> str:
    """`value` as decimal text with ten decimals, rounded half-even."""
    return f"{Decimal(round(value * 10**DECIMALS)).scaleb(-DECIMALS):f}"
