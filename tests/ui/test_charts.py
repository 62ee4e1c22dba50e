"""Charts: what the figures say, fit for a strict Content-Security-Policy."""

import re
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from lxml import etree

from citysteward.lib.words import Words
from citysteward.ui.chart_svg import COLOURS, as_page_svg
from citysteward.ui.charts import Axis, Chart, bars, fitted, lines, stacked, text_width
from citysteward.ui.types import Percent

ROWS: list[dict[str, Any]] = [
    {"name": Words(en="Public Works", zh="公共工程局"), "on_time": 0.754, "late": 10, "cases": 40},
    {"name": Words(en="Parks", zh="公园局"), "on_time": None, "late": 5, "cases": 20},
]
NAME = Axis("name", "Department")
SHARE = Axis("on_time", "On time", form="percent", digits=1)
LATE, CASES = Axis("late", "Late", colour="late"), Axis("cases", "Cases")


def all_charts() -> list[Chart]:
    months: list[dict[str, Any]] = [
        {"month": date(2015, m, 1), "late": m, "cases": 9 - m} for m in range(1, 7)
    ]
    return [
        bars(ROWS, NAME, SHARE, title="By department"),
        stacked(ROWS, NAME, [LATE, CASES], title="Cases"),
        lines(months, Axis("month", "Month"), [LATE, CASES], title="By month"),
        lines(ROWS, NAME, [LATE], title="Named"),
        bars([], NAME, SHARE, title="Nothing yet"),
    ]


@pytest.mark.parametrize("place", range(5))
def test_a_drawing_has_no_style_script_or_colour_of_its_own(place: int) -> None:
    chart = all_charts()[place]
    for drawing in (chart.wide, chart.narrow):
        assert not re.search(r"style|script|href|\son\w+=|url\((?!#)", drawing)
        assert not any(colour in drawing for colour in COLOURS.values())
        painted = re.findall(r'(?:fill|stroke)="([^"]+)"', drawing)
        assert set(painted) <= {"none", "transparent"}, painted
        assert 'role="img"' in drawing


def test_bars_are_as_long_as_their_figures() -> None:
    rows: list[dict[str, Any]] = [{"name": "a", "cases": 10}, {"name": "b", "cases": 30}]
    drawing = etree.fromstring(bars(rows, NAME, CASES, title="t").wide)
    bars_drawn = [p.get("d") or "" for p in drawing.iter("{*}path") if p.get("class") == "f-c1"]
    lengths = [float(re.findall(r"h([\d.]+)", d)[0]) for d in bars_drawn]
    assert lengths[1] / lengths[0] == pytest.approx(3)


def test_two_rows_of_one_name_stay_two_bars() -> None:
    rows: list[dict[str, Any]] = [{"name": "same", "cases": 1}, {"name": "same", "cases": 2}]
    assert bars(rows, NAME, CASES, title="t").wide.count('class="f-c1"') == 2


def test_the_table_carries_the_figures() -> None:
    chart = all_charts()[0]
    assert [c.label for c in chart.table.columns] == ["Department", "On time"]
    assert [row["on_time"] for row in chart.table.rows] == [Percent(0.754), Percent(None)]
    assert chart.table.rows[0]["name"] == ROWS[0]["name"]


def test_a_chart_speaks_the_readers_language() -> None:
    assert "Public Works" in bars(ROWS, NAME, SHARE, title="t").wide
    with translation.override("zh-hans"):
        drawing = bars(ROWS, NAME, SHARE, title="t").wide
    assert "公共工程局" in drawing
    assert "Public Works" not in drawing


def test_names_that_need_too_much_room_are_cut() -> None:
    long = "Department of Very Long Names and Other Affairs of the City"
    cut = fitted(long, 14, 230)
    assert cut.endswith("…")
    assert text_width(cut, 14) <= 230
    assert fitted("Parks", 14, 230) == "Parks"
    assert text_width("公园", 14) > text_width("ab", 14)


def test_ids_differ_between_drawings_of_a_page() -> None:
    raw = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#clip1)"/>'
        '<defs><clipPath id="clip1"><rect width="1" height="1"/></clipPath></defs></svg>'
    )
    ids = [re.findall(r'id="([^"]+)"', as_page_svg(raw, "x"))[0] for _ in range(2)]
    assert ids[0] != ids[1]
    cleaned = as_page_svg(raw, "x")
    assert re.findall(r"url\(#([^)]+)\)", cleaned) == re.findall(r'id="([^"]+)"', cleaned)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<rect onclick="alert(1)" width="1"/>',
        '<a xlink:href="javascript:alert(1)"><rect width="1"/></a>',
        '<image href="https://example.org/x.png"/>',
        "<style>*{fill:red}</style>",
        '<rect style="fill:red" width="1"/>',
        "<foreignObject><body/></foreignObject>",
        '<use href="https://example.org/x.svg#a"/>',
    ],
)
def test_a_hostile_drawing_is_disarmed(hostile: str) -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    cleaned = as_page_svg(f"{head}<g>{hostile}</g></svg>", 'a "label"')
    assert not re.search(r"script|alert|style|example|foreign|body|red", cleaned)


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="not a drawing"):
        as_page_svg("<p>no</p>", "x")
    with pytest.raises(ValueError, match="not a drawing"):
        as_page_svg("plain", "x")
