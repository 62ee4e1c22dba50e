"""`appraise` and `statement`: the contract's numbers as programs and people read them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from citysteward.contracts import queries
from citysteward.contracts.commands import app
from citysteward.lib.dates import Period


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_appraise_gives_the_first_quarters_numbers(city: Path) -> None:
    report = json.loads(run("appraise", "boston-311", "--period", "2015Q1", "--json"))
    assert report["cases"] == 26_788
    assert (report["on_time"], report["overdue"], report["suspended"]) == (10_364, 7_721, 58)
    assert report["open_overdue"] == 3_127
    assert round(report["median_hours_to_close"], 4) == 70.1822
    assert [round(score, 4) for score in report["scores"].values()] == [24.3572, 66.6343, 78.6193]
    assert round(report["total"], 4) == 47.8928
    assert (report["coefficient"], report["due"]) == (0.40, 9_840_000.00)
    assert report["rectification"] is True
    assert report["frozen_at"] is None


def test_appraise_gives_the_second_quarters_numbers(city: Path) -> None:
    report = json.loads(run("appraise", "boston-311", "--period", "2015Q2", "--json"))
    assert (report["cases"], report["on_time"], report["overdue"]) == (31_331, 17_502, 7_903)
    assert (report["suspended"], report["open_overdue"]) == (44, 2_535)
    assert round(report["median_hours_to_close"], 4) == 76.1311
    assert round(report["total"], 4) == 72.0231
    assert (report["coefficient"], report["due"]) == (0.840462, 11_425_662.28)
    assert report["rectification"] is False


def test_an_earlier_moment_gives_other_figures(city: Path) -> None:
    earlier = json.loads(
        run("appraise", "boston-311", "--period", "2015Q1", "--as-of", "2015-04-15T00:00", "--json")
    )
    assert earlier["cases"] == 26_788
    assert earlier["suspended"] == 0
    assert earlier["as_of"] == "2015-04-15T04:00:00+00:00"
    assert earlier["due"] != 9_840_000.00


def test_freezing_is_asked_for(city: Path) -> None:
    run("appraise", "boston-311", "--period", "2015Q1")
    assert queries.appraisal("boston-311", Period.parse("2015Q1")) is None
    report = json.loads(run("appraise", "boston-311", "--period", "2015Q1", "--freeze", "--json"))
    assert report["frozen_at"]
    assert queries.appraisal("boston-311", Period.parse("2015Q1")) is not None


def test_people_read_a_table(city: Path) -> None:
    shown = run("appraise", "boston-311", "--period", "2015Q2")
    assert "11,425,662.28" in shown
    assert "preview, not frozen" in shown
    assert "72.0231" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_statement_is_written_as_pdf(city: Path, tmp_path: Path, language: str) -> None:
    target = tmp_path / "statement.pdf"
    run(
        "statement", "boston-311", "--period", "2015Q2",
        "--pdf", str(target), "--language", language,
    )  # fmt: skip
    assert target.read_bytes().startswith(b"%PDF")
