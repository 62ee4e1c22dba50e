"""Computing over an open engine: tables of indicators, the cases behind a figure, verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import ibis
from ibis.expr.types import BooleanValue, Table

from citysteward.performance.backend import Engine
from citysteward.performance.facts import (
    NO_TARGET,
    ON_TIME,
    OVERDUE,
    SUSPENDED,
    grouped,
    standing,
)
from citysteward.performance.metrics import metric, table_of
from citysteward.performance.types import (
    Bucket,
    CasePage,
    CaseRow,
    Figure,
    Grouping,
    Moment,
    Part,
    Selection,
    VerdictComparison,
)

Figures = Mapping[str, Figure]

_REFERENCE = {"ONTIME": ON_TIME, "OVERDUE": OVERDUE}


@dataclass(frozen=True)
class Question:
    """Which cases, known when, grouped how: what every computation starts from."""

    selection: Selection
    moment: Moment
    by: Grouping = Grouping.NONE
    buckets: Sequence[Bucket] = ()
    rollup: Mapping[str, str] | None = None

    def cases(self, engine: Engine) -> Table:
        """The cases, as they stood, with their verdict and `group_key`."""
        stood = standing(engine.facts, self.selection, self.moment)
        return grouped(stood, self.by, self.buckets, self.rollup)


def figures(engine: Engine, question: Question, names: tuple[str, ...]) -> dict[str, Figures]:
    """The figures of each group that has cases, largest first and the unknown last.

    Groups of time come in their order, those without any case with zeros.
    """
    rows = engine.rows(table_of(question.cases(engine), names))
    found = {row["group_key"]: _finished(row, names) for row in rows}
    if question.by.is_time:
        return {bucket.key: found.get(bucket.key, zeros(names)) for bucket in question.buckets}
    return dict(sorted(found.items(), key=lambda item: (item[0] == "", _fewer(item[1]), item[0])))


def _fewer(figures: Figures) -> int:
    """Orders groups by falling number of cases, where that is among the figures."""
    return -figures["cases"].cases if "cases" in figures else 0


def _finished(row: Mapping[str, Any], names: tuple[str, ...]) -> Figures:
    return {name: metric(name).figure(row) for name in names}


def zeros(names: tuple[str, ...]) -> Figures:
    """The figures of no cases at all."""
    return {name: metric(name).figure(_Zero()) for name in names}


class _Zero(dict[str, int | None]):
    """A row of aggregates over nothing: no cases, and no value to measure."""

    def __missing__(self, column: str) -> int | None:
        return None


def cases_behind(engine: Engine, question: Question, name: str, part: Part) -> Table:
    """The cases behind the figure `name`, chosen by the metric's own predicate: as many as the
    figure says, for each `group_key`."""
    cases = question.cases(engine)
    return cases.filter(metric(name).members(cases, part))


def cases_page(
    engine: Engine,
    question: Question,
    name: str,
    part: Part,
    *,
    key: str | None = None,
    page: int = 1,
    size: int = 50,
) -> CasePage:
    """A page of the cases behind the figure `name` of the group `key` (None: of all groups)."""
    chosen = cases_behind(engine, question, name, part)
    if key is not None:
        chosen = chosen.filter(chosen.group_key == key)
    total = engine.rows(chosen.aggregate(total=chosen.count()))[0]["total"]
    listed = chosen.order_by([chosen.opened_at, chosen.number, chosen.case_id]).select(
        *CaseRow.__dataclass_fields__
    )
    rows = engine.rows(listed.limit(size, offset=(page - 1) * size))
    return CasePage(total, tuple(CaseRow(**row) for row in rows), page, size)


def latest_opening(engine: Engine, city: str, moment: Moment) -> datetime | None:
    """When the latest case known at `moment` was opened; None without any."""
    facts = engine.facts
    known = facts.filter(facts.city == city, facts.occurred_at <= ibis.literal(moment.as_of))
    if moment.seal is not None:
        known = known.filter(known.segment <= moment.seal)
    return cast(
        datetime | None, engine.rows(known.aggregate(latest=known.opened_at.max()))[0]["latest"]
    )


def compare_verdicts(engine: Engine, question: Question) -> VerdictComparison:
    """Our verdicts beside the source city's own, for the cases that it judged.

    The city's null verdict means that the clock is suspended, so those stand apart, as do cases
    without a target (the city calls them on time; we say that there was nothing to keep).
    """
    cases = question.cases(engine)
    judged = cases.reference_verdict.notnull()
    running = judged & cases.verdict.isin([ON_TIME, OVERDUE])
    theirs = cases.reference_verdict.cases(*_REFERENCE.items(), else_="")
    equal = running & (theirs == cases.verdict)
    suspended = cases.verdict == SUSPENDED
    no_target = judged & (cases.verdict == NO_TARGET)
    counts = engine.rows(
        cases.aggregate(
            cases=cases.count(),
            compared=_how_many(running),
            equal=_how_many(equal),
            no_target=_how_many(no_target),
            suspended=_how_many(suspended),
        )
    )[0]
    different = engine.rows(
        cases.filter(running & (theirs != cases.verdict))
        .select("number")
        .order_by("number")
        .limit(100)
    )
    apart = counts["compared"] + counts["no_target"] + counts["suspended"]
    return VerdictComparison(
        compared=counts["compared"],
        equal=counts["equal"],
        no_target=counts["no_target"],
        suspended=counts["suspended"],
        without_reference=counts["cases"] - apart,
        different=tuple(row["number"] for row in different),
    )


def _how_many(rows: BooleanValue) -> ibis.expr.types.IntegerScalar:
    return cast(ibis.expr.types.IntegerScalar, rows.cast("int64").sum().coalesce(0))
