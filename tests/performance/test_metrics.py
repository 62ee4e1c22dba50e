"""Each metric against plain Python over the city's file, and the numbers that are paid by."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

import ibis
import pyarrow as pa
import pytest

from citysteward.performance import computation
from citysteward.performance.backend import Engine
from citysteward.performance.computation import Question
from citysteward.performance.facts import SCHEMA, standing
from citysteward.performance.metrics import METRICS, metric, table_of
from citysteward.performance.rules import buckets
from citysteward.performance.types import (
    Grouping,
    Moment,
    Part,
    Selection,
    UnknownGroupingError,
    UnknownMetricError,
)

from . import boston

OBSERVED = Moment(boston.OBSERVED, seal=1)
NAMES = tuple(METRICS)
Row = dict[str, Any]


def quarter(number: int) -> Selection:
    first = date(2015, 3 * number - 2, 1)
    after = date(2015, 3 * number + 1, 1)
    times = [boston.instant(datetime(day.year, day.month, day.day)) for day in (first, after)]  # noqa: DTZ001 - local times
    return Selection("boston", times[0], times[1])


HALF_YEAR = Selection("boston", quarter(1).start, quarter(2).end)


def verdict(row: Row) -> str:
    if row["on_time_status"] is None:
        return "suspended"
    if row["target_dt"] is None:
        return "no_target"
    if row["closed_dt"]:
        return "on_time" if row["closed_dt"] <= row["target_dt"] else "overdue"
    return "on_time" if row["target_dt"] > boston.OBSERVED else "overdue"


def ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def plain(rows: list[Row]) -> dict[str, Fraction | None]:
    """Every metric again, in plain Python over rows of the city's file."""
    verdicts = [verdict(row) for row in rows]
    open_overdue = sum(
        row["closed_dt"] is None and judged == "overdue"
        for row, judged in zip(rows, verdicts, strict=True)
    )
    hours = [
        Fraction((row["closed_dt"] - row["open_dt"]) // timedelta(microseconds=1), 3_600_000_000)
        for row in rows
        if row["closed_dt"]
    ]
    on_time, overdue = verdicts.count("on_time"), verdicts.count("overdue")
    return {
        "cases": Fraction(len(rows)),
        "on_time": Fraction(on_time),
        "overdue": Fraction(overdue),
        "suspended": Fraction(verdicts.count("suspended")),
        "no_target": Fraction(verdicts.count("no_target")),
        "open": Fraction(len(rows) - len(hours)),
        "open_overdue": Fraction(open_overdue),
        "on_time_rate": ratio(on_time, on_time + overdue),
        "open_overdue_rate": ratio(open_overdue, len(rows)),
        "median_hours_to_close": median(hours) if hours else None,
        "reopened_rate": ratio(0, len(rows)),
        "rework_rate": ratio(0, len(rows)),
        "escalated_rate": ratio(0, len(rows)),
        "mean_rating": None,
    }


def rows_of(selection: Selection) -> list[Row]:
    return [row for row in boston.register() if selection.start <= row["open_dt"] < selection.end]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", [1, 2])
def test_metric_agrees_with_plain_python(engine: Engine, name: str, number: int) -> None:
    figures = computation.figures(engine, Question(quarter(number), OBSERVED), (name,))[""]
    assert figures[name].value == plain(rows_of(quarter(number)))[name]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, (26_788, 10_364, 7_721, 58, 3_127, "70.1822")),
        (2, (31_331, 17_502, 7_903, 44, 2_535, "76.1311")),
    ],
)
def test_the_figures_that_the_contract_pays_by(
    engine: Engine, number: int, expected: tuple[Any, ...]
) -> None:
    names = ("cases", "on_time", "overdue", "suspended", "open_overdue", "median_hours_to_close")
    figures = computation.figures(engine, Question(quarter(number), OBSERVED), names)[""]
    *counts, hours = (figures[name] for name in names)
    assert [count.value for count in counts] == list(expected[:-1])
    assert str(hours.decimal(4)) == expected[-1]


COLUMNS: dict[Grouping, Callable[[Row], str]] = {
    Grouping.ORGANISATION: lambda row: row["subject"],
    Grouping.UNIT: lambda row: row["queue"],
    Grouping.AREA: lambda row: row["neighborhood"] or "",
    Grouping.CATEGORY: lambda row: row["type"],
    Grouping.CHANNEL: lambda row: row["source"],
    Grouping.MONTH: lambda row: f"{row['open_dt'].astimezone(boston.ZONE):%Y-%m}",
    Grouping.WEEK: lambda row: f"{row['open_dt'].astimezone(boston.ZONE):%G-W%V}",
    Grouping.DAY: lambda row: f"{row['open_dt'].astimezone(boston.ZONE):%Y-%m-%d}",
    Grouping.QUARTER: lambda row: f"2015Q{(row['open_dt'].astimezone(boston.ZONE).month + 2) // 3}",
}


def question_by(by: Grouping) -> Question:
    stretches = buckets(date(2015, 1, 1), date(2015, 7, 1), by, boston.ZONE) if by.is_time else ()
    return Question(HALF_YEAR, OBSERVED, by, stretches)


@pytest.mark.parametrize("by", COLUMNS, ids=str)
def test_groups_agree_with_plain_python(engine: Engine, by: Grouping) -> None:
    expected: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(HALF_YEAR):
        expected[COLUMNS[by](row)].append(row)
    found = computation.figures(engine, question_by(by), NAMES)
    assert found.keys() == expected.keys()
    for key, rows in expected.items():
        assert {name: found[key][name].value for name in NAMES} == plain(rows)


@pytest.mark.parametrize("by", [Grouping.ORGANISATION, Grouping.MONTH], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_as_many_cases_stand_behind_a_figure_as_it_says(
    engine: Engine, name: str, by: Grouping
) -> None:
    question = question_by(by)
    figures = computation.figures(engine, question, (name,))
    for part in Part:
        chosen = computation.cases_behind(engine, question, name, part)
        rows = engine.rows(chosen.group_by("group_key").aggregate(cases=chosen.count()))
        behind = defaultdict(int, {row["group_key"]: row["cases"] for row in rows})
        for key, found in figures.items():
            figure = found[name]
            assert behind[key] == (figure.cases if part is Part.WHOLE else figure.numerator)


def test_a_page_holds_the_cases_of_its_group_only(engine: Engine) -> None:
    question = question_by(Grouping.ORGANISATION)
    key = "Parks & Recreation Department"
    figure = computation.figures(engine, question, ("overdue",))[key]["overdue"]
    page = computation.cases_page(engine, question, "overdue", Part.WHOLE, key=key, page=2)
    assert page.total == figure.cases > 100
    assert {row.organisation for row in page.rows} == {key}
    assert {row.verdict for row in page.rows} == {"overdue"}
    assert len(page.rows) == 50


def test_pages_cover_every_case_behind_a_figure_once(engine: Engine) -> None:
    question = Question(quarter(1), OBSERVED)
    numbers: list[str] = []
    for page in range(1, 5):
        numbers += [
            row.number
            for row in computation.cases_page(
                engine, question, "open_overdue", Part.WHOLE, page=page, size=1000
            ).rows
        ]
    expected = [
        str(row["case_enquiry_id"])
        for row in rows_of(quarter(1))
        if verdict(row) == "overdue" and row["closed_dt"] is None
    ]
    assert len(numbers) == len(set(numbers)) == 3_127
    assert sorted(numbers) == sorted(expected)


def test_every_case_has_exactly_one_verdict(engine: Engine) -> None:
    names = ("cases", "on_time", "overdue", "suspended", "no_target")
    for figures in computation.figures(engine, question_by(Grouping.CATEGORY), names).values():
        assert figures["cases"].cases == sum(figures[name].cases for name in names[1:])


def test_all_verdicts_with_a_target_equal_the_citys_own(engine: Engine) -> None:
    comparison = computation.compare_verdicts(engine, Question(HALF_YEAR, OBSERVED))
    assert comparison.compared == comparison.equal == 43_490
    assert comparison.no_target == 14_527
    assert comparison.suspended == 102
    assert comparison.without_reference == 0
    assert comparison.different == ()


def test_a_verdict_that_differs_is_named(engine: Engine) -> None:
    earlier = Moment(boston.OBSERVED - timedelta(days=180))
    comparison = computation.compare_verdicts(engine, Question(HALF_YEAR, earlier))
    assert comparison.equal < comparison.compared
    assert len(comparison.different) == 100


def test_an_area_is_counted_under_the_one_above_it(engine: Engine) -> None:
    rollup = {"Roxbury": "south", "Dorchester": "south", "Charlestown": "north"}
    question = Question(HALF_YEAR, OBSERVED, Grouping.AREA, rollup=rollup)
    found = computation.figures(engine, question, ("cases",))
    counts: dict[str, int] = defaultdict(int)
    for row in rows_of(HALF_YEAR):
        counts[rollup.get(row["neighborhood"] or "", "")] += 1
    assert {key: figures["cases"].cases for key, figures in found.items()} == counts


def test_filters_match_any_of_their_values(engine: Engine) -> None:
    wanted = frozenset({"Roxbury", "Allston / Brighton"})
    selection = Selection("boston", HALF_YEAR.start, HALF_YEAR.end, {"area": wanted})
    figures = computation.figures(engine, Question(selection, OBSERVED), ("cases",))[""]
    assert figures["cases"].cases == sum(
        row["neighborhood"] in wanted for row in rows_of(HALF_YEAR)
    )


def test_a_filter_on_another_column_is_refused(engine: Engine) -> None:
    selection = Selection("boston", HALF_YEAR.start, HALF_YEAR.end, {"longitude": frozenset("1")})
    with pytest.raises(UnknownGroupingError, match="longitude"):
        computation.figures(engine, Question(selection, OBSERVED), ("cases",))


def test_another_city_has_no_cases_here(engine: Engine) -> None:
    selection = Selection("chizhou", HALF_YEAR.start, HALF_YEAR.end)
    assert computation.figures(engine, Question(selection, OBSERVED), ("cases",)) == {}


def test_an_unknown_metric_is_refused_by_name() -> None:
    with pytest.raises(UnknownMetricError, match="on_time_rate"):
        metric("on_tyme_rate")


def fact(seq: int, at: datetime, **changes: Any) -> Row:
    base = next(iter(boston.facts().slice(0, 1).to_pylist()))
    case = {**base, "seq": seq, "occurred_at": at, "opened_at": datetime(2015, 1, 5, tzinfo=UTC)}
    return {**case, "due_at": datetime(2015, 1, 10, tzinfo=UTC), **changes}


@pytest.mark.parametrize(
    ("as_of", "seal", "expected"),
    [
        (datetime(2015, 1, 4, tzinfo=UTC), None, []),
        (datetime(2015, 1, 5, tzinfo=UTC), None, ["on_time"]),
        (datetime(2015, 1, 9, 23, tzinfo=UTC), None, ["on_time"]),
        (datetime(2015, 1, 10, tzinfo=UTC), None, ["overdue"]),
        (datetime(2015, 1, 11, tzinfo=UTC), None, ["overdue"]),
        (datetime(2015, 1, 12, tzinfo=UTC), None, ["suspended"]),
        (datetime(2015, 1, 12, tzinfo=UTC), 2, ["overdue"]),
        (datetime(2015, 1, 12, tzinfo=UTC), 0, []),
    ],
)
def test_only_what_had_happened_and_was_sealed_counts(
    as_of: datetime, seal: int | None, expected: list[str]
) -> None:
    facts = boston.table(
        [
            fact(1, datetime(2015, 1, 5, tzinfo=UTC), segment=1),
            fact(
                2,
                datetime(2015, 1, 11, tzinfo=UTC),
                segment=2,
                closed_at=datetime(2015, 1, 11, tzinfo=UTC),
            ),
            fact(3, datetime(2015, 1, 12, tzinfo=UTC), segment=3, suspended=True),
        ]
    )
    cases = standing(ibis.memtable(facts), HALF_YEAR, Moment(as_of, seal))
    assert [row["verdict"] for row in cases.to_pyarrow().to_pylist()] == expected


def test_closing_at_the_target_is_on_time() -> None:
    target = datetime(2015, 1, 10, tzinfo=UTC)
    for closed, expected in ((target, "on_time"), (target + timedelta(microseconds=1), "overdue")):
        facts = boston.table([fact(1, closed, closed_at=closed)])
        cases = standing(ibis.memtable(facts), HALF_YEAR, OBSERVED)
        assert cases.to_pyarrow().to_pylist()[0]["verdict"] == expected


def test_ratings_and_second_rounds_count() -> None:
    start = datetime(2015, 1, 5, tzinfo=UTC)
    facts = boston.table(
        [
            fact(1, start, case_id="a", rating=5, reopened=2),
            fact(1, start, case_id="b", rating=2, rework=1, escalated=True),
            fact(1, start, case_id="c"),
        ]
    )
    cases = standing(ibis.memtable(facts), HALF_YEAR, OBSERVED).mutate(group_key=ibis.literal(""))
    row = table_of(cases, NAMES).to_pyarrow().to_pylist()[0]
    found = {name: METRICS[name].figure(row).value for name in NAMES}
    assert found["mean_rating"] == Fraction(7, 2)
    assert found["reopened_rate"] == found["rework_rate"] == Fraction(1, 3)
    assert found["escalated_rate"] == Fraction(1, 3)
    assert METRICS["mean_rating"].figure(row).cases == 2


@pytest.mark.parametrize("name", NAMES)
def test_a_metric_can_be_asked_of_spark_too(name: str) -> None:
    """Spark is not installed here; that every expression compiles for it is what can be held."""
    columns = [field for field in SCHEMA if field.name not in {"longitude", "latitude"}]
    facts = ibis.table(ibis.Schema.from_pyarrow(pa.schema(columns)), name="case_facts")
    cases = standing(facts, HALF_YEAR, OBSERVED).mutate(group_key=ibis.literal(""))
    sql = ibis.to_sql(table_of(cases, (name,)), dialect="pyspark")
    assert f"{name}__cases" in sql
