"""Sample data of the component gallery: invented, in both languages, and only for showing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from citysteward.lib.words import Words
from citysteward.ui import charts
from citysteward.ui.maps import LegendEntry, Map, Outline, PlacePicker, Point, choropleth_step
from citysteward.ui.types import (
    Bar,
    Column,
    Figure,
    Link,
    Masked,
    Money,
    Noted,
    Percent,
    Photo,
    Step,
    SummaryItem,
    Tab,
    Table,
    Tag,
    Task,
    Tile,
)
from citysteward.ui.widgets import CameraInput, CoordinateInput, DateInput

NOW = datetime(2016, 1, 13, 5, 0, tzinfo=UTC)
ZONE = "America/New_York"


def w(en: str, zh: str) -> Words:
    """Sample words in both languages."""
    return Words(en=en, zh=zh)


class SampleForm(forms.Form):
    """One of each kind of input."""

    subject = forms.CharField(label=_("What is wrong?"), help_text=_("A few words are enough."))
    kind = forms.ChoiceField(
        label=_("Kind of problem"),
        choices=[("light", _("Street light")), ("road", _("Road")), ("waste", _("Waste"))],
        widget=forms.RadioSelect,
    )
    wishes = forms.MultipleChoiceField(
        label=_("Tell me about"),
        choices=[("progress", _("Progress")), ("result", _("The result"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area = forms.ChoiceField(
        label=_("Area"), choices=[("", _("All")), ("a", _("North")), ("b", _("South"))]
    )
    day = forms.DateField(label=_("Since when?"), widget=DateInput, required=False)
    story = forms.CharField(label=_("More"), widget=forms.Textarea, required=False)
    photo = forms.FileField(label=_("Photo"), widget=CameraInput, required=False)
    agree = forms.BooleanField(label=_("The handler may call me back"), required=False)
    longitude = forms.DecimalField(label=_("Longitude"), widget=CoordinateInput)
    latitude = forms.DecimalField(label=_("Latitude"), widget=CoordinateInput)


class SampleFilters(forms.Form):
    """Filters of a list."""

    q = forms.CharField(label=_("Words"), required=False)
    area = forms.ChoiceField(
        label=_("Area"),
        choices=[("", _("All")), ("a", _("North")), ("b", _("South"))],
        required=False,
    )


DEPARTMENTS = [
    {
        "name": w("Inspectional Services", "监察服务局"),
        "on_time": 0.450,
        "late": 3187,
        "cases": 5799,
    },
    {"name": w("Public Works", "公共工程局"), "on_time": 0.754, "late": 2463, "cases": 13337},
    {
        "name": w("Parks and Recreation", "公园与游憩局"),
        "on_time": 0.854,
        "late": 389,
        "cases": 2782,
    },
    {"name": w("Transportation", "交通局"), "on_time": 0.712, "late": 1204, "cases": 6120},
]

MONTHS = [
    {"month": date(2015, month, 1), "opened": opened, "closed": closed}
    for month, opened, closed in [
        (1, 8120, 7400), (2, 11980, 9020), (3, 9700, 10410),
        (4, 9610, 9480), (5, 10390, 9890), (6, 11320, 10980),
    ]
]  # fmt: skip


def _table() -> Table:
    rows = [
        (
            w("Closed on time", "按时办结率"),
            w("17,502 of 25,405 cases with a target", "有时限的 25,405 件中 17,502 件"),
            0.689,
            "63.0",
            50,
            "31.5",
        ),
        (
            w("Open and overdue", "超时未结率"),
            w("2,535 of 31,331 cases", "31,331 件中 2,535 件"),
            0.081,
            "84.5",
            30,
            "25.4",
        ),
        (
            w("Reopened", "重开率"),
            w("188 of 31,331 cases", "31,331 件中 188 件"),
            0.006,
            "75.9",
            20,
            "15.2",
        ),
    ]
    return Table(
        columns=[
            Column("indicator", _("Indicator")),
            Column("measured", _("Measured"), numeric=True),
            Column("score", _("Score")),
            Column("weight", _("Weight"), numeric=True, minor=True),
            Column("points", _("Points"), numeric=True),
        ],
        rows=[
            {
                "indicator": Noted(Link(name, "#table"), note),
                "measured": Percent(share),
                "score": Bar(Decimal(score)),
                "weight": weight,
                "points": Decimal(points),
            }
            for name, note, share, score, weight, points in rows
        ],
        foot={"indicator": _("Total"), "weight": 100, "points": Decimal("72.1")},
        caption=_("Why this amount"),
    )


def _square(west: float, south: float, size: float) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _outlines(*, plain: bool = False) -> list[Outline]:
    shares = [0.91, 0.78, 0.66, 0.52, 0.45, 0.83]
    return [
        Outline(
            code=f"sample-{place}",
            name=w(f"Grid {place + 1}", f"第 {place + 1} 网格"),
            geometry=_square(-71.09 + 0.02 * (place % 3), 42.33 + 0.02 * (place // 3), 0.02),
            text=f"{share:.0%}",
            url="#map",
            step=0 if plain else choropleth_step(share, [0.5, 0.6, 0.7, 0.8]),
        )
        for place, share in enumerate(shares)
    ]


def _map() -> Map:
    return Map(
        title=_("Closed on time, by area"),
        outlines=_outlines(),
        points=[Point(-71.075, 42.335, w("Street light out", "路灯不亮"), "#map", "late")],
        clusters_url=reverse("ui:sample-points"),
        legend=[
            LegendEntry("map-step-1", w("under 50%", "低于 50%")),
            LegendEntry("map-step-2", "50–60%"),
            LegendEntry("map-step-3", "60–70%"),
            LegendEntry("map-step-4", "70–80%"),
            LegendEntry("map-step-5", w("80% and more", "80% 及以上")),
            LegendEntry("map-late", w("overdue case", "超时事件")),
        ],
        table=Table(
            [Column("name", _("Area")), Column("share", _("On time"), numeric=True)],
            [{"name": Link(o.name, o.url), "share": o.text} for o in _outlines()],
        ),
        id="sample-map",
    )


def clusters(zoom: float) -> list[dict[str, Any]]:
    """Cases of an invented city, gathered when seen from afar."""
    near = [
        {"longitude": -71.080 + 0.003 * k, "latitude": 42.345 + 0.002 * (k % 3), "count": 1,
         "text": f"#{k + 1}", "url": "#map", "tone": "good"}
        for k in range(8)
    ]  # fmt: skip
    far = [{"longitude": -71.07, "latitude": 42.347, "count": 1240, "text": "", "url": ""}]
    return near if zoom >= 14 else far


def _trail() -> list[Step]:
    return [
        Step(w("Computed from the journal", "由日志计算得出"), NOW + timedelta(minutes=10)),
        Step(
            w("Operator's hearing", "听取运营方意见"),
            NOW + timedelta(days=7),
            note=w("14 cases disputed, 9 upheld", "提出异议 14 件，成立 9 件"),
            by=w("City operations bureau", "城市运营局"),
        ),
        Step(
            w("Approval by the finance bureau", "财政局审批"), NOW + timedelta(days=16), state="now"
        ),
        Step(w("Payment", "支付"), state="todo"),
    ]


def flow_drawing() -> SafeString:
    """A three-step flow, drawn by hand."""
    return mark_safe(
        '<svg viewBox="0 0 460 80" role="img" aria-label="1 → 2 → 3" class="flow-drawing">'
        '<path class="flow-edge is-done" d="M52 40H100"/>'
        '<path class="flow-edge is-done" d="M200 40H240"/>'
        '<path class="flow-edge" d="M340 40H400"/>'
        '<g class="is-done"><circle class="flow-event" cx="36" cy="40" r="16"/></g>'
        '<g class="is-done"><rect class="flow-task" x="100" y="16" width="100" height="48" rx="6"/>'
        '<text x="150" y="44" text-anchor="middle">1</text></g>'
        '<g class="is-current">'
        '<rect class="flow-task" x="240" y="16" width="100" height="48" rx="6"/>'
        '<text x="290" y="44" text-anchor="middle">2</text></g>'
        '<g><circle class="flow-event" cx="416" cy="40" r="16"/></g></svg>'
    )


def _charts() -> dict[str, Any]:
    name = charts.Axis("name", _("Department"))
    return {
        "bars": charts.bars(
            DEPARTMENTS,
            name,
            charts.Axis("on_time", _("On time"), form="percent", digits=1),
            title=_("Closed on time, by department"),
        ),
        "stacked": charts.stacked(
            [row | {"rest": row["cases"] - row["late"]} for row in DEPARTMENTS],  # type: ignore[operator]
            name,
            [
                charts.Axis("rest", _("In time"), colour="c1"),
                charts.Axis("late", _("Overdue"), colour="late"),
            ],
            title=_("Cases, by department"),
        ),
        "lines": charts.lines(
            MONTHS,
            charts.Axis("month", _("Month")),
            [charts.Axis("opened", _("Opened")), charts.Axis("closed", _("Closed"))],
            title=_("Opened and closed, by month"),
        ),
    }


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything that the gallery's template shows."""
    form = SampleForm({"subject": "", "kind": "light"})
    form.is_valid()
    good = SampleForm(prefix="blank", initial={"kind": "road", "longitude": "-71.06"})
    return {
        "now": NOW,
        "zone": ZONE,
        "later": NOW + timedelta(days=5),
        "soon": NOW + timedelta(hours=7),
        "past": NOW - timedelta(days=2, hours=3),
        "one_sided": Words(zh="仅有中文的词语")
        if request.LANGUAGE_CODE == "en"
        else Words(en="English only"),
        "greeting": w("Every figure opens to its cases.", "每个数字都能点开到具体办件。"),
        "amount": Decimal("11425662.28"),
        "due_money": Money(Decimal("11425662.28"), "USD"),
        "figures": [
            Figure(Decimal("8400000.00"), w("fixed part, 70%", "固定部分，70%")),
            Figure(Decimal("3025662.28"), w("performance part", "绩效部分"), url="#figures"),
            Figure(Decimal("574337.72"), w("not earned", "未获支付")),
        ],
        "trail": _trail(),
        "steps": [
            Step(w("Where", "地点"), url="#steps"),
            Step(w("What", "问题"), state="now"),
            Step(w("Check and send", "核对并提交"), state="todo"),
        ],
        "tiles": [
            Tile(
                w("Start a company", "企业开办"),
                "#tiles",
                w("One form, one working day", "一张表，1 个工作日"),
            ),
            Tile(
                w("Report a problem", "随手拍"),
                "#tiles",
                w("Photo, place, result", "拍照、定位、看结果"),
            ),
            Tile(
                w("Who looked at my data", "谁看过我的数据"),
                "#tiles",
                w("4 times this month", "本月 4 次"),
            ),
        ],
        "tasks": [
            Task(w("Business name", "企业名称"), "#tasks", Tag("good", w("Done", "已完成"))),
            Task(
                w("Place of business", "经营场所"),
                "#tasks",
                Tag("warn", w("To correct", "待补正")),
                w("The lease lacks its last page", "租赁合同缺最后一页"),
            ),
        ],
        "summary": [
            SummaryItem(_("Area"), w("Grid 12, Qiupu Street", "秋浦街道 12 号网格"), "#summary"),
            SummaryItem(_("Since when?"), date(2016, 1, 9), "#summary"),
            SummaryItem(_("Phone"), Masked("138****5678")),
        ],
        "photos": [
            Photo("/static/ui/mark.svg", w("The product's mark", "产品标识"), w("Before", "处置前"))
        ],
        "table": _table(),
        "empty_table": Table([], [], empty=w("No case waits for you.", "没有待办事项。")),
        "tabs": [
            Tab(w("Mine", "我的"), "#tabs", current=True, count=12),
            Tab(w("My unit's", "本单位"), "#tabs", count=148),
        ],
        "page": Paginator(range(1, 1240), 25).page(7),
        "form": form,
        "good": good,
        "filters": SampleFilters(request.GET or None, auto_id="filter_%s"),
        "picker": PlacePicker(
            good["longitude"],
            good["latitude"],
            _("Where is it?"),
            _outlines(plain=True),
            id="sample-place",
        ),
        "map": _map(),
        "flow": flow_drawing(),
        **_charts(),
    }
