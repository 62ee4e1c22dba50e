"""Figures as tables and charts of the page components."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from citysteward.lib.words import Words
from citysteward.performance.links import CasesLink, case_url, narrower
from citysteward.performance.metrics import METRICS
from citysteward.performance.types import (
    CaseRow,
    Figure,
    Group,
    Grouped,
    Grouping,
    IndicatorTable,
    Part,
    Scope,
    Unit,
)
from citysteward.ui import charts, render
from citysteward.ui.types import Column, Link, Percent, Table, Tag, Text, Tone

COLUMNS = ("cases", "on_time", "overdue", "open_overdue", "on_time_rate", "median_hours_to_close")
CHARTED = 12

VERDICTS: dict[str, tuple[Tone, str]] = {
    "on_time": ("good", "on_time"),
    "overdue": ("late", "overdue"),
    "suspended": ("quiet", "suspended"),
    "no_target": ("quiet", "no_target"),
}


def shown(figure: Figure) -> object:
    """A figure as a table cell, without a link."""
    match METRICS[figure.metric].unit:
        case Unit.CASES:
            return figure.cases
        case Unit.SHARE:
            return Percent(figure.decimal())
        case Unit.HOURS:
            return None if figure.value is None else render.number(figure.decimal(), 1)
        case Unit.STARS:
            return None if figure.value is None else render.number(figure.decimal(), 2)


def text_of(figure: Figure) -> str:
    """A figure as plain text, with its unit: "68.9%", "76.1 h", "1,234"."""
    value = shown(figure)
    if value is None:
        return render.DASH
    if isinstance(value, Percent):
        return render.percent(value)
    if METRICS[figure.metric].unit is Unit.HOURS:
        return _("%(hours)s h") % {"hours": value}
    return render.number(value) if isinstance(value, int) else str(value)


def linked(figure: Figure, link: CasesLink) -> object:
    """A figure that opens the cases behind it; one without cases opens nothing."""
    if figure.cases == 0:
        return shown(figure)
    return Link(text_of(figure), link.url)


def groups_table(
    table: IndicatorTable, scope: Scope, grouped: Grouped, first: str, title: Text
) -> Table:
    """The table of all groups, each figure opening its cases; `first` is the chosen metric."""
    names = tuple(dict.fromkeys([first, *COLUMNS]))
    columns = [Column("group", grouping_words(grouped.by))]
    columns += [
        Column(name, METRICS[name].words, numeric=True, minor=name not in {first, "cases"})
        for name in names
    ]
    rows = [
        {
            "group": _group_cell(group, scope, grouped.by),
            **{
                name: linked(group[name], CasesLink(scope, name, grouped, group.key))
                for name in names
            },
        }
        for group in table.groups
    ]
    total = {name: linked(table.total[name], CasesLink(scope, name)) for name in names}
    return Table(
        columns,
        rows,
        caption=title,
        foot={"group": _("Total"), **total},
        empty=_("No case was opened in this period."),
    )


def _group_cell(group: Group, scope: Scope, by: Grouping) -> object:
    url = narrower(scope, by, group.key)
    return Link(group.words, url) if url else group.words


def chart_of(table: IndicatorTable, name: str, title: Text, note: Text = "") -> charts.Chart | None:
    """The chosen metric by group: a line over time, else bars of the groups with most cases."""
    groups = [group for group in table.groups if group[name].value is not None]
    if not groups:
        return None
    unit = METRICS[name].unit
    value = charts.Axis(
        "value",
        METRICS[name].words,
        form="percent" if unit is Unit.SHARE else "number",
        digits={Unit.CASES: 0, Unit.STARS: 2}.get(unit, 1),
    )
    category = charts.Axis("group", grouping_words(table.by))
    if table.by.is_time:
        rows = [_point(group, name) for group in table.groups]
        return charts.lines(rows, category, [value], title=title, note=note)
    most = sorted(groups, key=lambda group: -group["cases"].cases)[:CHARTED]
    return charts.bars(
        [_point(group, name) for group in most], category, value, title=title, note=note
    )


def _point(group: Group, name: str) -> dict[str, object]:
    value: Decimal | None = group[name].decimal()
    return {"group": group.words, "value": value}


def cases_table(rows: Sequence[CaseRow], names: dict[str, dict[str, Words]], title: Text) -> Table:
    """Cases, each opening its own page. `names`: words by column and code."""

    def word(column: str, code: str) -> Words:
        return names[column].get(code) or Words(en=code)

    return Table(
        [
            Column("number", _("Case")),
            Column("category", _("Category")),
            Column("organisation", _("Department")),
            Column("area", _("Area"), minor=True),
            Column("opened", _("Opened")),
            Column("due", _("Deadline"), minor=True),
            Column("closed", _("Closed")),
            Column("verdict", _("State")),
        ],
        [
            {
                "number": _number(row.number),
                "category": word("category", row.category),
                "organisation": word("organisation", row.organisation),
                "area": word("area", row.area),
                "opened": row.opened_at,
                "due": row.due_at,
                "closed": row.closed_at or _("open"),
                "verdict": verdict_tag(row.verdict),
            }
            for row in rows
        ],
        caption=title,
        caption_hidden=True,
        empty=_("No case stands behind this figure."),
    )


def _number(number: str) -> object:
    url = case_url(number)
    return Link(number, url) if url else number


def verdict_tag(verdict: str) -> Tag:
    """A verdict on a deadline as a state."""
    tone, name = VERDICTS[verdict]
    return Tag(tone, METRICS[name].words)


def part_words(name: str, part: Part) -> Text:
    """What the cases behind a figure are: the metric, or the part that a share counts."""
    words = METRICS[name].words
    if part is Part.NUMERATOR:
        return Words(en=f"{words.en}: the cases counted", zh=f"{words.zh}：计入的办件")
    return words


def grouping_words(by: Grouping) -> Text:
    """The heading of a column of groups."""
    return {
        Grouping.NONE: _("Whole city"),
        Grouping.ORGANISATION: _("Department"),
        Grouping.UNIT: _("Unit"),
        Grouping.AREA: _("Area"),
        Grouping.CATEGORY: _("Category"),
        Grouping.PROCEDURE: _("Procedure"),
        Grouping.CHANNEL: _("Channel"),
        Grouping.DAY: _("Day"),
        Grouping.WEEK: _("Week"),
        Grouping.MONTH: _("Month"),
        Grouping.QUARTER: _("Quarter"),
    }[by]
