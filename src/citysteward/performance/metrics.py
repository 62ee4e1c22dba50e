"""Every metric, declared once: what it counts, over which cases, and which direction is good.

A metric is made of integer aggregates (counts, sums, an exact median of microseconds), computed
by Ibis in whichever engine holds the lake, and finished here with exact fractions: engines
differ on division by zero and on rounding floats, so they get to do neither.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import ibis
from ibis.expr.types import BooleanValue, IntegerScalar, Table

from citysteward.lib.words import Words
from citysteward.performance.facts import NO_TARGET, ON_TIME, OVERDUE, SUSPENDED
from citysteward.performance.types import Better, Figure, Part, Unit, UnknownMetricError

Predicate = Callable[[Table], BooleanValue]

_HALF_MICROSECONDS_PER_HOUR = 2 * 3_600_000_000


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """A figure over the cases of a table made by `facts.standing`.

    `of` tells which cases it is computed from; `explained` says it in words, for the reader of a
    statement.
    """

    name: str
    words: Words
    explained: Words
    unit: Unit
    better: Better
    of: Predicate

    def members(self, cases: Table, part: Part = Part.WHOLE) -> BooleanValue:
        """Which rows of `cases` stand behind the figure."""
        del part
        return self.of(cases)

    def aggregates(self, cases: Table) -> dict[str, IntegerScalar]:
        """Integer aggregates by column name; `figure` reads them back."""
        return {
            self._column("cases"): _count(self.members(cases)),
            self._column("numerator"): _count(self.members(cases, Part.NUMERATOR)),
            **self._measured(cases),
        }

    def figure(self, row: Mapping[str, int | None]) -> Figure:
        """The finished figure from one row of aggregates."""
        return Figure(
            metric=self.name,
            value=self._value(row),
            cases=row[self._column("cases")] or 0,
            numerator=row[self._column("numerator")] or 0,
        )

    def _column(self, part: str) -> str:
        return f"{self.name}__{part}"

    def _measured(self, cases: Table) -> dict[str, IntegerScalar]:
        del cases
        return {}

    @abstractmethod
    def _value(self, row: Mapping[str, int | None]) -> Fraction | None: ...


@dataclass(frozen=True, kw_only=True)
class Count(Metric):
    """How many cases."""

    unit: Unit = Unit.CASES

    def _value(self, row: Mapping[str, int | None]) -> Fraction:
        return Fraction(row[self._column("cases")] or 0)


@dataclass(frozen=True, kw_only=True)
class Share(Metric):
    """The share of `counted` among `of`; None where there are none of the latter."""

    unit: Unit = Unit.SHARE
    counted: Predicate

    def members(self, cases: Table, part: Part = Part.WHOLE) -> BooleanValue:
        """Which rows stand behind the share, or behind its numerator."""
        if part is Part.NUMERATOR:
            return self.of(cases) & self.counted(cases)
        return self.of(cases)

    def _value(self, row: Mapping[str, int | None]) -> Fraction | None:
        whole = row[self._column("cases")] or 0
        return Fraction(row[self._column("numerator")] or 0, whole) if whole else None


@dataclass(frozen=True, kw_only=True)
class MedianHours(Metric):
    """The exact median of elapsed hours: of an even number of cases, half-way between the two
    in the middle. The engine gives it in half microseconds, which are whole numbers."""

    unit: Unit = Unit.HOURS

    def _measured(self, cases: Table) -> dict[str, IntegerScalar]:
        median = cases.elapsed_us.median(where=self.of(cases))
        return {self._column("half_us"): (median * 2).cast("int64")}

    def _value(self, row: Mapping[str, int | None]) -> Fraction | None:
        half_us = row[self._column("half_us")]
        return None if half_us is None else Fraction(half_us, _HALF_MICROSECONDS_PER_HOUR)


@dataclass(frozen=True, kw_only=True)
class MeanRating(Metric):
    """The mean of the citizens' ratings, one to five stars."""

    unit: Unit = Unit.STARS

    def _measured(self, cases: Table) -> dict[str, IntegerScalar]:
        total = cases.rating.cast("int64").sum(where=self.of(cases))
        return {self._column("stars"): total.coalesce(0).cast("int64")}

    def _value(self, row: Mapping[str, int | None]) -> Fraction | None:
        rated = row[self._column("cases")] or 0
        return Fraction(row[self._column("stars")] or 0, rated) if rated else None


def _count(rows: BooleanValue) -> IntegerScalar:
    return rows.cast("int64").sum().coalesce(0).cast("int64")


def _every(cases: Table) -> BooleanValue:
    return cases.case_id.notnull()


def _judged(verdict: str) -> Predicate:
    return lambda cases: cases.verdict == verdict


def _with_target(cases: Table) -> BooleanValue:
    return cases.verdict.isin([ON_TIME, OVERDUE])


def _open(cases: Table) -> BooleanValue:
    return cases.closed_at.isnull()


def _open_overdue(cases: Table) -> BooleanValue:
    return (cases.verdict == OVERDUE) & cases.closed_at.isnull()


def _closed(cases: Table) -> BooleanValue:
    return cases.closed_at.notnull()


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Count(
            name="cases",
            words=Words(en="Cases", zh="办件数"),
            explained=Words(en="All cases opened in the period", zh="本期受理的全部办件"),
            better=Better.NEITHER,
            of=_every,
        ),
        Count(
            name="on_time",
            words=Words(en="On time", zh="按时"),
            explained=Words(
                en="Closed at or before the target, or open with the target still ahead",
                zh="在时限内办结，或仍在办理且未到时限",
            ),
            better=Better.HIGHER,
            of=_judged(ON_TIME),
        ),
        Count(
            name="overdue",
            words=Words(en="Overdue", zh="超时"),
            explained=Words(
                en="The other cases with a target: closed after it, or open past it",
                zh="其余有时限的办件：逾期办结，或逾期未结",
            ),
            better=Better.LOWER,
            of=_judged(OVERDUE),
        ),
        Count(
            name="suspended",
            words=Words(en="Suspended", zh="中止计时"),
            explained=Words(en="The clock is suspended", zh="已中止计时的办件"),
            better=Better.NEITHER,
            of=_judged(SUSPENDED),
        ),
        Count(
            name="no_target",
            words=Words(en="No target", zh="无时限"),
            explained=Words(en="No target time was set", zh="未设办理时限的办件"),
            better=Better.NEITHER,
            of=_judged(NO_TARGET),
        ),
        Count(
            name="open",
            words=Words(en="Open", zh="在办"),
            explained=Words(en="Not yet closed", zh="尚未办结的办件"),
            better=Better.NEITHER,
            of=_open,
        ),
        Count(
            name="open_overdue",
            words=Words(en="Open and overdue", zh="逾期未结"),
            explained=Words(en="Open past the target", zh="已过时限仍未办结的办件"),
            better=Better.LOWER,
            of=_open_overdue,
        ),
        Share(
            name="on_time_rate",
            words=Words(en="On-time rate", zh="按时率"),
            explained=Words(
                en="On time, among cases with a target and a running clock",
                zh="按时办件占有时限且正常计时办件的比例",
            ),
            better=Better.HIGHER,
            of=_with_target,
            counted=_judged(ON_TIME),
        ),
        Share(
            name="open_overdue_rate",
            words=Words(en="Open and overdue, share", zh="逾期未结率"),
            explained=Words(
                en="Open past the target, among all cases", zh="逾期未结办件占全部办件的比例"
            ),
            better=Better.LOWER,
            of=_every,
            counted=_open_overdue,
        ),
        MedianHours(
            name="median_hours_to_close",
            words=Words(en="Median time to close", zh="办结用时中位数"),
            explained=Words(
                en="Elapsed hours from opening to closing, median of all closed cases",
                zh="全部已办结办件自受理至办结的自然小时数的中位数",
            ),
            better=Better.LOWER,
            of=_closed,
        ),
        Share(
            name="reopened_rate",
            words=Words(en="Reopened, share", zh="重开率"),
            explained=Words(
                en="Reopened at least once, among all cases", zh="曾被重新打开的办件占比"
            ),
            better=Better.LOWER,
            of=_every,
            counted=lambda cases: cases.reopened > 0,
        ),
        Share(
            name="rework_rate",
            words=Words(en="Sent back, share", zh="返工率"),
            explained=Words(
                en="Sent back by the check at least once, among all cases",
                zh="核查未通过、退回重办的办件占比",
            ),
            better=Better.LOWER,
            of=_every,
            counted=lambda cases: cases.rework > 0,
        ),
        Share(
            name="escalated_rate",
            words=Words(en="Escalated, share", zh="督办率"),
            explained=Words(
                en="Escalated for running late, among all cases", zh="因超时升级督办的办件占比"
            ),
            better=Better.LOWER,
            of=_every,
            counted=lambda cases: cases.escalated,
        ),
        MeanRating(
            name="mean_rating",
            words=Words(en="Mean rating", zh="平均评分"),
            explained=Words(
                en="Mean of the citizens' ratings, one to five stars",
                zh="群众评分（一至五星）的平均值",
            ),
            better=Better.HIGHER,
            of=lambda cases: cases.rating.notnull(),
        ),
    )
}
"""Every declared metric by name, in the order in which tables show them."""


def metric(name: str) -> Metric:
    """The metric of this name; UnknownMetricError names the ones there are."""
    try:
        return METRICS[name]
    except KeyError:
        raise UnknownMetricError(
            f"No metric is called {name!r}; there are {', '.join(METRICS)}."
        ) from None


def table_of(cases: Table, names: tuple[str, ...]) -> ibis.Table:
    """One row of aggregates per `group_key` of `cases` for the metrics named."""
    columns: dict[str, IntegerScalar] = {}
    for name in names:
        columns.update(metric(name).aggregates(cases))
    return cases.group_by("group_key").aggregate(**columns)
