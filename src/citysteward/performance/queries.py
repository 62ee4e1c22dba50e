"""Every read of the performance context: figures, the cases behind them, verdicts compared."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from citysteward.kernel.areas import queries as areas
from citysteward.lib.dates import Period, add_months, midnight
from citysteward.lib.words import Words
from citysteward.performance import backend, computation, naming
from citysteward.performance.computation import Figures, Question, zeros
from citysteward.performance.links import CasesLink, case_url, pinned
from citysteward.performance.memory import Memory
from citysteward.performance.metrics import METRICS, Metric, metric
from citysteward.performance.models import IndicatorSet
from citysteward.performance.naming import Namer, namer
from citysteward.performance.registry import observations
from citysteward.performance.rules import buckets
from citysteward.performance.source import Source, source
from citysteward.performance.tables import chart_of, text_of
from citysteward.performance.types import (
    CasePage,
    Group,
    Grouped,
    Grouping,
    Indicator,
    IndicatorTable,
    Moment,
    Part,
    Scope,
    Selection,
    UnknownCityError,
    VerdictComparison,
)

__all__ = [
    "STANDARD",
    "CasesLink",
    "case_url",
    "cases_behind",
    "chart_of",
    "compare_verdicts",
    "default_as_of",
    "default_period",
    "group_names",
    "indicators",
    "known_names",
    "metrics",
    "named_indicators",
    "pinned",
    "present_month",
    "text_of",
    "zone_of",
]

STANDARD = (
    "cases",
    "on_time",
    "overdue",
    "suspended",
    "no_target",
    "open_overdue",
    "on_time_rate",
    "median_hours_to_close",
)
"""The metrics of a table unless others are asked for."""


def metrics() -> Mapping[str, Metric]:
    """Every declared metric by name, with its words, unit and direction."""
    return METRICS


def zone_of(city: str) -> ZoneInfo:
    """The zone in which the city's dates are read; UnknownCityError if no pack is loaded."""
    found = areas.city(city)
    if found is None:
        raise UnknownCityError(f"No city is called {city!r}: run `citysteward load {city}` first.")
    return found.zone


def group_names(city: str, by: Grouping) -> Namer:
    """A function from the key of a group to its name, as tables of this grouping show it."""
    return namer(city, by)


def known_names(city: str, by: Grouping) -> dict[str, Words]:
    """The names of the codes of a grouping, for showing rows of cases."""
    return naming.known_names(city, by)


def named_indicators(city: str) -> list[Indicator]:
    """The indicators of the city's pack, in its order."""
    loaded = IndicatorSet.objects.filter(city=city).first()
    if loaded is None:
        return []
    return [
        Indicator(
            code=named.code,
            metric=named.metric,
            words=named.words,
            explained=named.explained or metric(named.metric).explained,
            filters=named.filter,
            by=named.by,
        )
        for named in loaded.parsed().indicators
    ]


def default_period(city: str) -> Period:
    """What to show first: the last quarter with cases known at the observation, else this one."""
    zone = zone_of(city)
    now = datetime.now(UTC)
    observed = observations.of(city)
    last = min(observed, now) if observed else now
    held = source()
    with backend.opened(held.files) as engine:
        latest = computation.latest_opening(engine, city, Moment(last, held.seal))
    local = (latest or now).astimezone(zone)
    first = date(local.year, local.month - (local.month - 1) % 3, 1)
    return Period(first, add_months(first, 3))


def present_month(city: str) -> Period:
    """The month that it is now in the city."""
    return Period.parse(f"{datetime.now(zone_of(city)):%Y-%m}")


def default_as_of(scope: Scope) -> datetime:
    """The city's observation time if the whole period lies before it, else now (UTC)."""
    observed = observations.of(scope.city)
    if observed is not None and midnight(scope.end, zone_of(scope.city)) <= observed:
        return observed
    return datetime.now(UTC)


def indicators(
    scope: Scope,
    grouped: Grouped | Grouping = Grouping.NONE,
    names: tuple[str, ...] = STANDARD,
    *,
    afresh: bool = False,
) -> IndicatorTable:
    """The figures of `scope`, whole and by group.

    Over a lake that holds nothing they are zeros. `afresh` computes them even if this process
    knows them already. Raises UnknownCityError, UnknownMetricError, UnknownGroupingError,
    NotExportedError.
    """
    asked = _ask(scope, grouped)
    question = (asked.source.files, repr(asked.question), names)
    compute = partial(_computed, asked, names)
    total, found = compute() if afresh else _known.answer(question, compute)
    name = namer(scope.city, asked.question.by)
    return IndicatorTable(
        city=scope.city,
        start=scope.start,
        end=scope.end,
        zone=str(zone_of(scope.city)),
        by=asked.question.by,
        moment=asked.question.moment,
        seal_root=asked.source.root,
        sealed_at=asked.source.sealed_at,
        metrics=names,
        groups=tuple(Group(key, name(key), figures) for key, figures in found.items()),
        total=Group("", namer(scope.city, Grouping.NONE)(""), total),
    )


_Computed = tuple[Figures, Mapping[str, Figures]]
_known: Memory[_Computed] = Memory(512)


def _computed(asked: "_Asked", names: tuple[str, ...]) -> _Computed:
    whole = Question(asked.question.selection, asked.question.moment)
    with backend.opened(asked.source.files) as engine:
        total = computation.figures(engine, whole, names).get("", zeros(names))
        if asked.question.by is Grouping.NONE:
            return total, {}
        return total, computation.figures(engine, asked.question, names)


def cases_behind(
    scope: Scope,
    name: str,
    *,
    grouped: Grouped | Grouping = Grouping.NONE,
    key: str | None = None,
    part: Part = Part.WHOLE,
    page: int = 1,
    size: int = 50,
) -> CasePage:
    """A page (from 1) of the cases behind the figure `name`, of the group `key` or of all.

    Their number is the figure's own: both come from the metric's one predicate.
    """
    asked = _ask(scope, grouped)
    with backend.opened(asked.source.files) as engine:
        return computation.cases_page(
            engine, asked.question, name, part, key=key, page=max(1, page), size=size
        )


def compare_verdicts(scope: Scope) -> VerdictComparison:
    """Our verdicts on the deadlines beside those of the source city, case by case."""
    asked = _ask(scope, Grouping.NONE)
    with backend.opened(asked.source.files) as engine:
        return computation.compare_verdicts(engine, asked.question)


class _Asked(NamedTuple):
    """A question made definite: instants, areas and files instead of names and defaults."""

    question: Question
    source: Source


def _ask(scope: Scope, grouped: Grouped | Grouping) -> _Asked:
    how = grouped if isinstance(grouped, Grouped) else Grouped(grouped)
    zone = zone_of(scope.city)
    held = source(scope.seal)
    selection = Selection(
        city=scope.city,
        start=midnight(scope.start, zone),
        end=midnight(scope.end, zone),
        filters=_within(scope.filters),
    )
    question = Question(
        selection=selection,
        moment=Moment(scope.as_of or default_as_of(scope), held.seal),
        by=how.by,
        buckets=buckets(scope.start, scope.end, how.by, zone) if how.by.is_time else (),
        rollup=_rollup(scope.city, how.level) if how.level else None,
    )
    return _Asked(question, held)


def _within(filters: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """The filters, with every area that lies within one asked for."""
    found = {column: frozenset(values) for column, values in filters.items()}
    if "area" in found:
        below = (areas.subtree(code) if code else {""} for code in found["area"])
        found["area"] = frozenset().union(*below)
    return found


def _rollup(city: str, level: str) -> dict[str, str]:
    """From the code of every area to that of the area of `level` that it lies in."""
    return {
        below: above.code
        for above in areas.areas(city)
        if above.level == level
        for below in areas.subtree(above.code)
    }
