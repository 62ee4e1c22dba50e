"""The standard charts, from rows: bars, lines, stacked bars. Altair describes, vl-convert draws.

Each chart is drawn twice, wide and narrow (a scaled-down chart cannot be read on a phone), and
carries its figures as a table. Colours are token names, resolved by the stylesheet in light and
dark; see `chart_svg` for how the drawing is made to pass a strict Content-Security-Policy.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import altair as alt
import vl_convert
from django.utils.safestring import SafeString

from citysteward.ui import render
from citysteward.ui.chart_svg import COLOURS, as_page_svg
from citysteward.ui.types import Column, Percent, Table, Text

Row = Mapping[str, Any]
Kind = Literal["bars", "lines", "stacked"]

Request = dict[str, Any]
"""A chart as JSON-able values: what is drawn depends on nothing else."""

WIDE, NARROW = 680, 300
WIDE_TEXT, NARROW_TEXT = 14, 15
LABEL_ROOM = 230
WIDE_SIGNS = 0x2E80
"""From here on signs are as wide as they are high (CJK)."""
FONT = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', sans-serif"
SERIES = ("c1", "c2", "c3", "c4", "c5", "c6")
DASHES = ([1, 0], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [4, 2])


@dataclass(frozen=True)
class Axis:
    """A field of the rows: its name, its label, and how its figures print.

    `form`: "number" with `digits` decimals, or "percent" (the field holds shares of 1).
    `colour` is one of c1 to c6, good, warn, late, quiet; by default series take c1, c2, … .
    """

    field: str
    label: Text
    form: Literal["number", "percent"] = "number"
    digits: int = 0
    colour: str = ""

    @property
    def d3_format(self) -> str:
        """The same as a d3 format, for ticks."""
        return ".0%" if self.form == "percent" else ",~r"

    def shown(self, value: float | Decimal | None) -> object:
        """A figure of this axis as a table cell."""
        if self.form == "percent":
            return Percent(value, self.digits)
        return None if value is None else render.number(value, self.digits)


@dataclass(frozen=True)
class LegendEntry:
    """A series: the colour token and its label."""

    colour: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart with its legend and its table."""

    kind: Kind
    title: Text
    note: Text
    wide: SafeString
    narrow: SafeString
    legend: Sequence[LegendEntry]
    table: Table


def bars(
    rows: Sequence[Row], category: Axis, value: Axis, *, title: Text, note: Text = ""
) -> Chart:
    """Horizontal bars, one per row, in the order of the rows."""
    return _chart("bars", rows, category, [value], title=title, note=note)


def stacked(
    rows: Sequence[Row],
    category: Axis,
    series: Sequence[Axis],
    *,
    title: Text,
    note: Text = "",
) -> Chart:
    """Horizontal bars made of parts, one bar per row, one part per series."""
    return _chart("stacked", rows, category, series, title=title, note=note)


def lines(
    rows: Sequence[Row], x: Axis, series: Sequence[Axis], *, title: Text, note: Text = ""
) -> Chart:
    """A line per series over `x` (dates or ordered names), told apart by colour and dash."""
    return _chart("lines", rows, x, series, title=title, note=note)


def _chart(
    kind: Kind,
    rows: Sequence[Row],
    category: Axis,
    series: Sequence[Axis],
    *,
    title: Text,
    note: Text,
) -> Chart:
    data = [_values(row, category, series) for row in rows]
    colours = [axis.colour or SERIES[i % len(SERIES)] for i, axis in enumerate(series)]
    labels = [render.plain(axis.label) for axis in series]
    request = {
        "kind": kind,
        "data": data,
        "colours": colours,
        "format": series[0].d3_format,
        "percent": series[0].form == "percent",
        "digits": series[0].digits,
        "temporal": bool(rows) and isinstance(rows[0][category.field], date),
    }
    aria = _description(title, category, series)
    wide, narrow = (
        as_page_svg(_draw(json.dumps(request | {"width": width}, ensure_ascii=False)), aria)
        for width in (WIDE, NARROW)
    )
    several = len(series) > 1
    legend = [LegendEntry(c, name) for c, name in zip(colours, labels, strict=True)]
    return Chart(
        kind, title, note, wide, narrow, legend if several else [], _table(rows, category, series)
    )


def _values(row: Row, category: Axis, series: Sequence[Axis]) -> dict[str, Any]:
    name = row[category.field]
    shown = name.isoformat() if isinstance(name, date) else render.plain(name)
    figures = {f"s{i}": _float(row[axis.field]) for i, axis in enumerate(series)}
    return {"x": shown, **figures}


def _float(value: float | Decimal | None) -> float | None:
    return None if value is None else float(value)


def _description(title: Text, category: Axis, series: Sequence[Axis]) -> str:
    names = ", ".join(render.plain(axis.label) for axis in series)
    return f"{render.plain(title)}: {names} / {render.plain(category.label)}"


def _table(rows: Sequence[Row], category: Axis, series: Sequence[Axis]) -> Table:
    columns = [Column(category.field, category.label)]
    columns += [Column(axis.field, axis.label, numeric=True) for axis in series]
    shown = [
        {category.field: row[category.field]}
        | {axis.field: axis.shown(row[axis.field]) for axis in series}
        for row in rows
    ]
    return Table(columns, shown)


@lru_cache(maxsize=256)
def _draw(request: str) -> str:
    """The raw SVG of a chart described as JSON; the same description gives the same drawing."""
    asked = json.loads(request)
    build = {"bars": _bars, "stacked": _stacked, "lines": _lines}[asked["kind"]]
    chart = build(asked).configure(**_config(asked["width"]))
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def _long(asked: Request) -> list[dict[str, Any]]:
    """One record per figure: the row's place keeps the order, the series' place the colour."""
    return [
        {"x": row["x"], "row": place, "series": str(i), "order": i, "value": row[f"s{i}"]}
        for place, row in enumerate(asked["data"])
        for i in range(len(asked["colours"]))
    ]


def _colour(asked: Request) -> alt.Color:
    names = [str(i) for i in range(len(asked["colours"]))]
    inks = [COLOURS[name] for name in asked["colours"]]
    return alt.Color("series:N", scale=alt.Scale(domain=names, range=inks), legend=None)


def _data(values: list[dict[str, Any]]) -> alt.Data:
    inline: alt.Data = alt.Data(values=values)  # type: ignore[no-untyped-call]
    return inline


def _base(asked: Request) -> alt.Chart:
    return alt.Chart(_data(_long(asked))).properties(width=asked["width"])


def text_width(words: str, size: int) -> float:
    """About how wide `words` are at `size` pixels, on the generous side: the reader's font is
    not the one that the drawing is measured with."""
    return size * sum(1.05 if ord(sign) >= WIDE_SIGNS else 0.62 for sign in words)


def fitted(words: str, size: int, room: float) -> str:
    """`words`, cut with an ellipsis if they need more than `room` pixels."""
    if text_width(words, size) <= room:
        return words
    while words and text_width(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _rows_axis(asked: Request) -> alt.Y:
    """Wide: names to the left, in a room that we measured. Narrow: `_names` go above the bars."""
    if asked["width"] == NARROW:
        return alt.Y("row:O", axis=None)
    names = [fitted(row["x"], WIDE_TEXT, LABEL_ROOM) for row in asked["data"]]
    room = max((text_width(name, WIDE_TEXT) for name in names), default=0) + 8
    axis = alt.Axis(
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=LABEL_ROOM + 40,
        minExtent=room,
        maxExtent=room,
        domain=False,
        ticks=False,
        labelPadding=8,
    )
    return alt.Y("row:O", title=None, axis=axis)


def _names(asked: Request) -> alt.Chart:
    """The rows' names above their bars, for a narrow drawing."""
    values = [
        {"row": place, "name": fitted(row["x"], NARROW_TEXT, NARROW - 8)}
        for place, row in enumerate(asked["data"])
    ]
    drawn: alt.Chart = (
        alt.Chart(_data(values))
        .mark_text(align="left", baseline="middle", dy=-15, color=COLOURS["ink-2"])
        .encode(y=alt.Y("row:O", axis=None), x=alt.value(0), text="name:N")
    )
    return drawn


def _rows_of_bars(asked: Request, *layers: alt.Chart) -> alt.LayerChart | alt.FacetChart:
    narrow = asked["width"] == NARROW
    drawn = (*layers, _names(asked)) if narrow else layers
    return alt.layer(*drawn).properties(width=asked["width"], height=alt.Step(48 if narrow else 30))


def _mark_offset(asked: Request) -> int:
    return 7 if asked["width"] == NARROW else 0


def _figure_room(asked: Request) -> float:
    """The room that the figures of an upright axis need, in any font."""
    if asked["percent"]:
        return text_width("100%", WIDE_TEXT)
    highest = max((row["value"] or 0 for row in _long(asked)), default=0)
    return text_width(f"{highest:,.0f}", NARROW_TEXT)


def _value_axis(asked: Request, room: float = 0) -> alt.Axis:
    axis: dict[str, Any] = {"format": asked["format"], "tickCount": 4, "minExtent": room}
    if asked["percent"] and asked["kind"] == "bars":
        axis["values"] = [0, 0.25, 0.5, 0.75, 1]
    return alt.Axis(domain=False, ticks=False, labelOverlap="greedy", **axis)


def _figures_room(asked: Request) -> alt.Scale:
    """A scale that leaves room for the figure after the longest bar."""
    values = [row["s0"] for row in asked["data"] if row["s0"] is not None]
    full = 1.0 if asked["percent"] else max(values, default=0) or 1.0
    room = 1.25 if asked["width"] == NARROW else 1.12
    return alt.Scale(domain=[min(0, *values, 0), full * room], nice=False)


def _bars(asked: Request) -> alt.LayerChart | alt.FacetChart:
    x = alt.X("value:Q", title=None, scale=_figures_room(asked), axis=_value_axis(asked))
    base = _base(asked)
    down = _mark_offset(asked)
    marks = base.mark_bar(size=16, yOffset=down).encode(
        y=_rows_axis(asked), x=x, color=_colour(asked)
    )
    figure_format = f".{asked['digits']}%" if asked["percent"] else f",.{asked['digits']}f"
    figures = base.mark_text(align="left", dx=6, dy=down, color=COLOURS["ink"]).encode(
        y=_rows_axis(asked), x=x, text=alt.Text("value:Q", format=figure_format)
    )
    return _rows_of_bars(asked, marks, figures)


def _stacked(asked: Request) -> alt.LayerChart | alt.FacetChart:
    marks = (
        _base(asked)
        .mark_bar(size=16, yOffset=_mark_offset(asked), stroke=COLOURS["paper"], strokeWidth=1)
        .encode(
            y=_rows_axis(asked),
            x=alt.X("value:Q", title=None, stack="zero", axis=_value_axis(asked)),
            color=_colour(asked),
            order=alt.Order("order:Q"),
        )
    )
    return _rows_of_bars(asked, marks)


def _lines(asked: Request) -> alt.LayerChart | alt.FacetChart:
    narrow = asked["width"] == NARROW
    if asked["temporal"]:
        days = [row["x"] for row in asked["data"]]
        monthly = all(day.endswith("-01") for day in days)
        axis = alt.Axis(
            grid=False,
            tickCount=4 if narrow else 7,
            format="%Y-%m" if monthly else "%m-%d",
            labelOverlap="greedy",
            labelSeparation=16,
        )
        # A day is read as UTC and drawn as UTC, so that no machine's zone moves it.
        x = alt.X(
            "utcyearmonthdate(x):T", title=None, axis=axis, scale=alt.Scale(type="utc", padding=12)
        )
    else:
        order = [row["x"] for row in asked["data"]]
        x = alt.X(
            "x:N",
            sort=order,
            title=None,
            axis=alt.Axis(grid=False, labelAngle=0, labelOverlap="greedy"),
        )
    names = [str(i) for i in range(len(asked["colours"]))]
    dash = alt.StrokeDash(
        "series:N", scale=alt.Scale(domain=names, range=DASHES[: len(names)]), legend=None
    )
    scale = alt.Scale(zero=True)
    y = alt.Y("value:Q", title=None, scale=scale, axis=_value_axis(asked, _figure_room(asked)))
    base = _base(asked).encode(x=x, y=y, color=_colour(asked))
    stroke = base.mark_line(strokeWidth=2.5, interpolate="linear").encode(strokeDash=dash)
    dots = base.mark_point(filled=True, size=28, opacity=1)
    height = 220 if narrow else 260
    return alt.layer(stroke, dots).properties(width=asked["width"], height=height)


def _config(width: int) -> dict[str, Any]:
    size = NARROW_TEXT if width == NARROW else WIDE_TEXT
    return {
        "background": "transparent",
        "autosize": alt.AutoSizeParams(type="fit-x", contains="padding"),
        "font": FONT,
        "padding": 4,
        "axis": alt.AxisConfig(
            labelFontSize=size,
            labelPadding=6,
            labelColor=COLOURS["ink-2"],
            gridColor=COLOURS["line"],
            domainColor=COLOURS["line-2"],
            tickColor=COLOURS["line-2"],
        ),
        "text": alt.MarkConfig(fontSize=size),
        "view": alt.ViewConfig(stroke=None),
    }
