"""The indicators that Boston's pack names, over its imported cases, against the city's own file."""

from collections.abc import Callable
from typing import Any

import pytest

from citysteward.performance import queries
from citysteward.performance.types import Grouped, Grouping, Scope
from tests.databases import FreshDatabase
from tests.performance.test_metrics import HALF_YEAR, plain, rows_of

Row = dict[str, Any]
FIRST, LAST = HALF_YEAR.start.date(), HALF_YEAR.end.date()

EXPECTED: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "on-time": ("on_time_rate", lambda _: True),
    "open-overdue": ("open_overdue_rate", lambda _: True),
    "time-to-close": ("median_hours_to_close", lambda _: True),
    "volume": ("cases", lambda _: True),
    "street-lights-on-time": ("on_time_rate", lambda row: row["type"] == "Street Light Outages"),
    "rework": ("rework_rate", lambda _: True),
    "rating": ("mean_rating", lambda _: True),
}


@pytest.mark.slow
def test_every_indicator_of_the_pack_agrees_with_the_citys_file(
    boston_full: FreshDatabase,
) -> None:
    named = {one.code: one for one in queries.named_indicators("boston")}
    assert named.keys() == EXPECTED.keys()
    for code, (metric, belongs) in EXPECTED.items():
        rows = [row for row in rows_of(HALF_YEAR) if belongs(row)]
        assert rows
        scope = Scope("boston", FIRST, LAST, filters=named[code].filters)
        table = queries.indicators(scope, Grouping.NONE, (metric,))
        assert table.total[metric].value == plain(rows)[metric], code


@pytest.mark.slow
def test_districts_roll_up_to_the_city_and_unknown_places_stay_apart(
    boston_full: FreshDatabase,
) -> None:
    scope = Scope("boston", FIRST, LAST)
    leaves = queries.indicators(scope, Grouping.AREA, ("cases",))
    city = queries.indicators(scope, Grouped(Grouping.AREA, "city"), ("cases",))
    counts = {group.key: group["cases"].cases for group in city}
    unknown = {group.key: group["cases"].cases for group in leaves}[""]
    assert counts == {"boston": 58_119 - unknown, "": unknown}
    within = Scope("boston", FIRST, LAST, filters={"area": ["boston"]})
    assert queries.indicators(within).total["cases"].cases == counts["boston"]
