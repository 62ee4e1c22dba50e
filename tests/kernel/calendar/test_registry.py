"""What is wrong with a pack's calendar is said by line."""

from pathlib import Path

import pytest

from citysteward.kernel.calendar.registry import check
from citysteward.lib.packs import PackReader

GOOD = """\
code: town
names: {en: Town, zh: 镇}
zone: Asia/Shanghai
hours:
  monday: [08:30-12:00, 13:30-17:30]
holidays: {name: chinesecalendar, first_year: 2024, last_year: 2025}
business_day_ends: close_of_day
calendar_day_ends: close_of_day
"""


def findings(folder: Path, text: str) -> list[tuple[int, str]]:
    (folder / "calendar.yaml").write_text(text)
    found = check(PackReader(folder))
    assert all(one.message.zh for one in found)
    return [(one.line, one.severity) for one in found]


def test_a_good_calendar_and_none_at_all(tmp_path: Path) -> None:
    assert check(PackReader(tmp_path)) == []
    assert findings(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Asia/Shanghai", "Asia/Nowhere", 3),
        ("08:30-12:00", "12:30-08:00", 5),
        ("13:30-17:30", "11:30-17:30", 5),
        ("chinesecalendar", "holidays:CN", 6),
        ("chinesecalendar", "holidays:US-XX", 6),
        ("first_year: 2024", "first_year: 2026", 6),
        ("close_of_day\ncalendar", "someday\ncalendar", 7),
        ("monday", "mittwoch", 5),
        ("code: town", "code: The Town", 1),
    ],
)
def test_what_is_wrong_is_said_by_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert findings(tmp_path, GOOD.replace(old, new)) == [(line, "error")]


def test_years_not_announced_yet_are_a_warning(tmp_path: Path) -> None:
    assert findings(tmp_path, GOOD.replace("2025", "2040")) == [(6, "warning")]
