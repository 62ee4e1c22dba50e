"""Addresses of the indicator pages: every figure leads to the cases behind it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from citysteward.lib.dates import Period
from citysteward.performance.types import Grouped, Grouping, IndicatorTable, Part, Scope

WHOLE = Grouped()


@dataclass(frozen=True)
class CasesLink:
    """Which figure an address opens: `metric` of the group `key` (None: of the whole)."""

    scope: Scope
    metric: str
    grouped: Grouped = WHOLE
    key: str | None = None
    part: Part = Part.WHOLE

    @property
    def url(self) -> str:
        """The address; it names moment and seal, so that it always opens the same cases."""
        pairs = [*scope_pairs(self.scope), ("metric", self.metric)]
        if self.key is not None:
            pairs += [("by", self.grouped.by.value), ("key", self.key)]
            pairs += [("level", self.grouped.level)] if self.grouped.level else []
        if self.part is not Part.WHOLE:
            pairs.append(("part", self.part.value))
        return f"{reverse('performance:cases')}?{urlencode(pairs)}"


def scope_pairs(scope: Scope) -> list[tuple[str, str]]:
    """A scope as query parameters."""
    pairs = [("city", scope.city), ("period", str(Period(scope.start, scope.end)))]
    if scope.as_of is not None:
        pairs.append(("as_of", scope.as_of.isoformat()))
    if scope.seal is not None:
        pairs.append(("seal", str(scope.seal)))
    return pairs + filter_pairs(scope.filters)


def filter_pairs(filters: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """Filters as query parameters."""
    return [(column, value) for column in sorted(filters) for value in sorted(filters[column])]


def pinned(scope: Scope, table: IndicatorTable) -> Scope:
    """The scope with the moment and seal that the table was computed at."""
    return Scope(
        city=scope.city,
        start=scope.start,
        end=scope.end,
        as_of=table.moment.as_of,
        seal=table.moment.seal,
        filters=scope.filters,
    )


def narrower(scope: Scope, by: Grouping, key: str) -> str:
    """The address of one group's own table, in finer groups."""
    finer = {
        Grouping.ORGANISATION: Grouping.UNIT,
        Grouping.AREA: Grouping.CATEGORY,
        Grouping.UNIT: Grouping.CATEGORY,
        Grouping.CATEGORY: Grouping.ORGANISATION,
        Grouping.CHANNEL: Grouping.CATEGORY,
    }
    if by not in finer or not key:
        return ""
    filters = {**scope.filters, by.value: [key]}
    pairs = [*filter_pairs(filters), ("by", finer[by].value)]
    pairs.append(("period", str(Period(scope.start, scope.end))))
    if scope.as_of is not None:
        pairs.append(("as_of", scope.as_of.isoformat()))
    return f"{reverse('performance:indicators')}?{urlencode(pairs)}"


def case_url(number: str) -> str:
    """The page of a case, or nothing where no portal has one."""
    try:
        return reverse("staff:case", args=[number])
    except NoReverseMatch:
        return ""
