"""`indicators`: the table of the issue, for programs and for people."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from citysteward.lib.errors import PlainError
from citysteward.performance.commands import app
from tests.contracts import boston

HALF_YEAR = ("--pack", "boston", "--from", "2015-01-01", "--to", "2015-07-01")


@pytest.fixture(autouse=True)
def _city(boston_db: None, lake: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with boston.lake(monkeypatch, [lake]):
        yield


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_by_organisation_as_json() -> None:
    report = json.loads(run(*HALF_YEAR, "--by", "organisation", "--json"))
    assert len(report["groups"]) == 16
    assert report["as_of"] == "2016-01-13T05:00:00+00:00"
    assert report["total"]["cases"] == 58_119
    works = next(row for row in report["groups"] if row["key"] == "Public Works Department")
    assert set(works) == {
        "key", "name", "cases", "on_time", "overdue", "suspended", "no_target", "open_overdue",
        "on_time_rate", "median_hours_to_close",
    }  # fmt: skip
    assert works["cases"] == 25_362
    parts = ("on_time", "overdue", "suspended", "no_target")
    assert works["cases"] == sum(works[name] for name in parts)
    rate = works["on_time"] / (works["on_time"] + works["overdue"])
    assert works["on_time_rate"] == pytest.approx(rate, abs=1e-6)


def test_by_quarter_for_people() -> None:
    shown = run(*HALF_YEAR, "--by", "quarter", "--metric", "cases", "--metric", "on_time")
    assert "26788" in shown
    assert "17502" in shown


def test_by_area_under_districts() -> None:
    plain = json.loads(run(*HALF_YEAR, "--by", "area", "--level", "city", "--json"))
    assert sum(row["cases"] for row in plain["groups"]) == 58_119


def test_a_filter_narrows() -> None:
    report = json.loads(
        run(*HALF_YEAR, "--filter", "organisation=Public Works Department", "--json")
    )
    assert report["total"]["cases"] == 25_362


def test_before_anything_is_known_everything_is_zero() -> None:
    report = json.loads(run(*HALF_YEAR, "--as-of", "2014-12-31T00:00", "--json"))
    assert report["total"]["cases"] == 0
    assert report["total"]["on_time_rate"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pack", "boston", "--from", "2015-07-01", "--to", "2015-01-01"), "must come after"),
        (("--pack", "boston", "--from", "yesterday", "--to", "2015-01-01"), "no date"),
        (("--pack", "atlantis", "--from", "2015-01-01", "--to", "2015-07-01"), "atlantis"),
        ((*HALF_YEAR, "--as-of", "noon"), "no time"),
        ((*HALF_YEAR, "--metric", "luck"), "No metric is called 'luck'"),
        ((*HALF_YEAR, "--filter", "colour=red"), "Cannot filter by 'colour'"),
        ((*HALF_YEAR, "--filter", "colour"), "lacks a sign"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(
    arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(PlainError, match=said):
        run(*arguments)


def test_over_an_empty_lake_everything_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    with boston.lake(monkeypatch, []):
        report = json.loads(run(*HALF_YEAR, "--by", "month", "--json"))
    assert [group["cases"] for group in report["groups"]] == [0] * 6
    assert report["total"]["cases"] == report["total"]["overdue"] == 0
    assert report["total"]["median_hours_to_close"] is None
