"""Appraising the quarters of 2015: the contract's numbers, exact bytes, nothing to appraise."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from citysteward.contracts import appraisals, queries
from citysteward.contracts.types import (
    NothingToAppraiseError,
    OutsideTermError,
    UnknownContractError,
)
from citysteward.lib.dates import Period
from citysteward.performance import queries as performance
from tests.contracts import boston
from tests.performance import boston as register

Q1, Q2 = Period.parse("2015Q1"), Period.parse("2015Q2")


def test_first_quarter_in_full(city: Path) -> None:
    content = json.loads(queries.preview("boston-311", Q1).text)
    figures = content["figures"]
    assert (figures["cases"], figures["on_time"], figures["overdue"]) == (26_788, 10_364, 7_721)
    assert (figures["suspended"], figures["open_overdue"]) == (58, 3_127)
    assert figures["median_hours_to_close"] == "70.1822222222"
    scores = [clause["score"][:7] for clause in content["clauses"]]
    assert scores == ["24.3572", "66.6343", "78.6193"]
    assert round(Decimal(content["total"]), 4) == Decimal("47.8928")
    assert content["coefficient"] == "0.4000000000"
    assert content["rectification"] is True
    assert content["payment"]["due"] == "9840000.00"


def test_second_quarter_in_full(city: Path) -> None:
    content = json.loads(queries.preview("boston-311", Q2).text)
    figures = content["figures"]
    assert (figures["cases"], figures["on_time"], figures["overdue"]) == (31_331, 17_502, 7_903)
    assert (figures["suspended"], figures["open_overdue"]) == (44, 2_535)
    assert figures["median_hours_to_close"] == "76.1311111111"
    assert round(Decimal(content["total"]), 4) == Decimal("72.0231")
    assert round(Decimal(content["coefficient"]), 6) == Decimal("0.840462")
    assert content["rectification"] is False
    assert content["payment"]["due"] == "11425662.28"
    assert content["payment"]["performance"] == "3025662.28"
    assert content["payment"]["not_earned"] == "574337.72"


def test_departments_add_up_to_the_whole(city: Path) -> None:
    content = json.loads(queries.preview("boston-311", Q2).text)
    assert len(content["organisations"]) == 14
    for name in ("cases", "on_time", "overdue", "suspended", "no_target", "open_overdue"):
        assert sum(row[name] for row in content["organisations"]) == content["figures"][name]


def test_the_same_seal_gives_the_same_bytes_whatever_comes_later(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = queries.preview("boston-311", Q1)
    later = [
        {**fact, "case_id": f"new-{n}", "number": f"new-{n}", "segment": 2}
        for n, fact in enumerate(register.facts().slice(0, 500).to_pylist())
    ]
    pq.write_table(register.table(later), tmp_path / "case_facts-2.parquet")
    both = [city, tmp_path / "case_facts-2.parquet"]
    with boston.lake(monkeypatch, both, seal=2):
        again = queries.preview("boston-311", Q1, seal=1)
        present = queries.preview("boston-311", Q1)
    assert again.text == frozen.text
    assert again.sha256 == frozen.sha256
    assert present.table.total["cases"].cases > 26_788


def test_handling_an_old_case_today_changes_no_old_figure(
    city: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.loads(queries.preview("boston-311", Q1).text)
    today = datetime.now(UTC)
    left = performance.cases_behind(queries.preview("boston-311", Q1).basis.scope, "open_overdue")
    old = {row.case_id for row in left.rows}
    handled = [
        {**fact, "seq": 9, "segment": 2, "occurred_at": today, "closed_at": today}
        for fact in register.facts().to_pylist()
        if fact["case_id"] in old and fact["kind"] == "opened"
    ]
    pq.write_table(register.table(handled), tmp_path / "case_facts-2.parquet")
    with boston.lake(monkeypatch, [city, tmp_path / "case_facts-2.parquet"], seal=2):
        after = json.loads(queries.preview("boston-311", Q1).text)
        now = queries.preview("boston-311", Q1, as_of=today + timedelta(seconds=1))
    for key in ("figures", "clauses", "total", "payment", "organisations"):
        assert after[key] == before[key]
    assert len(handled) == 50
    with boston.lake(monkeypatch, [city]):
        without = queries.preview("boston-311", Q1, as_of=today + timedelta(seconds=1))
    closed = "median_hours_to_close"
    assert now.table.total[closed].cases == without.table.total[closed].cases + 50


def test_a_quarter_without_cases_is_not_appraised(city: Path) -> None:
    with pytest.raises(NothingToAppraiseError, match="2014Q4"):
        queries.preview("boston-311", Period.parse("2014Q4"))


@pytest.mark.parametrize("name", ["2016Q1", "2011Q2", "2015-H1", "2015-01"])
def test_only_the_contracts_own_periods_are_appraised(city: Path, name: str) -> None:
    with pytest.raises(OutsideTermError, match="every quarter from 2011Q3 to 2015Q4"):
        queries.preview("boston-311", Period.parse(name))


def test_an_unknown_contract_is_refused_by_name(city: Path) -> None:
    with pytest.raises(UnknownContractError, match="boston-311"):
        queries.preview("boston-312", Q1)


def test_floats_never_reach_the_frozen_text() -> None:
    with pytest.raises(TypeError, match="float"):
        appraisals.canonical({"a": [{"b": 0.5}]})


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    one = appraisals.canonical({"b": 1, "a": {"d": "城", "c": None}})
    assert one == appraisals.canonical({"a": {"c": None, "d": "城"}, "b": 1})
    assert one == '{"a":{"c":null,"d":"城"},"b":1}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1/3", "0.3333333333"),
        ("2/3", "0.6666666667"),
        ("0", "0.0000000000"),
        ("-1/8", "-0.1250000000"),
    ],
)
def test_exact_decimals(value: str, expected: str) -> None:
    assert appraisals.exact(Fraction(value)) == expected
