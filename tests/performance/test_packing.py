"""Indicators in packs: Boston's are in order, and what is wrong is told by file and line."""

from pathlib import Path

import pytest

from citysteward.lib.packs import PackReader
from citysteward.performance import packing

PACK = Path(__file__).parents[2] / "packs/boston"
GOOD = (PACK / "indicators.yaml").read_text()


def test_bostons_indicators_are_in_order() -> None:
    assert packing.check(PackReader(PACK)) == []


def test_a_pack_may_have_no_indicators(tmp_path: Path) -> None:
    assert packing.check(PackReader(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: cases", "metric: casses", "No metric is called casses"),
        ("code: rework", "code: on-time", "Two indicators are called on-time"),
        ("filter: { category:", "filter: { colour:", "cannot be filtered by colour"),
        ("by: week", "by: fortnight", "fortnight"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = GOOD.replace(old, new, 1)
    (tmp_path / "indicators.yaml").write_text(text)
    (found,) = packing.check(PackReader(tmp_path))
    assert said in str(found)
    assert found.line == text[: GOOD.index(old)].count("\n") + 1
