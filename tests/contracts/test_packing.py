"""Contracts in packs: Boston's is in order, and what is wrong with one is told by file and line."""

from pathlib import Path

import pytest

from citysteward.contracts import packing
from citysteward.lib.packs import PackReader
from tests.contracts import boston

GOOD = (boston.PACK.folder / boston.FILE).read_text()
MANIFEST = (boston.PACK.folder / "pack.yaml").read_text()


def findings(folder: Path, text: str, name: str = "boston-311.yaml") -> list[str]:
    pack = folder / "boston"
    (pack / "contracts").mkdir(parents=True)
    (pack / "pack.yaml").write_text(MANIFEST)
    (pack / "contracts" / name).write_text(text)
    return [str(found) for found in packing.check(PackReader(pack))]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_bostons_contract_is_in_order(tmp_path: Path) -> None:
    assert packing.check(boston.PACK) == []
    document = boston.contract()
    assert document.illustration
    assert len(document.periods) == 18


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("weight: 50", "weight: 51", "must add up to 100"),
        ("metric: on_time_rate", "metric: on_tyme_rate", "No metric is called on_tyme_rate"),
        ("score: 100 }", "score: 101 }", "100"),
        ("value: 0.80", "value: 0.50", "must rise from point to point"),
        ("from: 0,", "from: 5,", "must begin at 0"),
        ("coefficient: 0.60", "coefficient: 0.90", "higher total must never earn"),
        ("first: 2011-07-01", "first: 2011-07-02", "begin and end with a quarter"),
        ("last: 2015-12-31", "last: 2010-12-31", "must not come before"),
        ("amount: 12000000.00", "amount: 12000000.001", "2 decimals"),
        ("fixed: 0.70", "fixed: 1.70", "1"),
        ("zone: America/New_York", "zone: America/Bostn", "not an IANA time zone"),
        ("code: boston-311", "code: boston-312", "the name of the file"),
        ("operator:", "operatr:", "operatr"),
        ("currency: USD", "currency: EUR", "USD"),
    ],
)
def test_what_is_wrong_is_told_by_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    found = findings(tmp_path, text)
    assert any(said in one for one in found), found
    assert all(one.startswith("contracts/boston-311.yaml:") for one in found)


def test_the_line_is_that_of_the_value(tmp_path: Path) -> None:
    text = GOOD.replace("metric: open_overdue_rate", "metric: nothing", 1)
    (found,) = findings(tmp_path, text)
    assert found.startswith(f"contracts/boston-311.yaml:{line_of(text, 'metric: nothing')}:")


def test_the_observation_is_read_in_the_contracts_zone() -> None:
    assert boston.contract().observed_at.isoformat() == "2016-01-13T05:00:00+00:00"
