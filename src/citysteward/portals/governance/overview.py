"""What the overview shows: the figures of a period, where it was lost, how this month runs."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from citysteward.contracts import queries as contracts
from citysteward.kernel.areas.types import CityView
from citysteward.kernel.cases import queries as cases
from citysteward.kernel.cases.types import FINDING_WORDS, FindingKind
from citysteward.lib.dates import Period
from citysteward.performance import queries as performance
from citysteward.performance.queries import CasesLink, chart_of, pinned, text_of
from citysteward.performance.types import Grouping, IndicatorTable, Scope
from citysteward.portals.governance.rows import statements_table
from citysteward.ui import render
from citysteward.ui.charts import Chart
from citysteward.ui.types import Figure, Link, SummaryItem, Table, Tile

KEY = ("cases", "on_time_rate", "open_overdue", "median_hours_to_close")
LIVE = ("cases", "on_time_rate", "open", "open_overdue")


@dataclass(frozen=True)
class Overview:
    """The overview of a city for one period, and the present month beside it."""

    period: Period
    result: IndicatorTable
    figures: list[Figure]
    live: list[Figure]
    month: Period
    by_department: Chart | None
    by_week: Chart | None
    statements: Table
    ways: list[Tile]


def overview(city: CityView, period: Period | None, operators: frozenset[str] | None) -> Overview:
    """The overview of `period`, by default of the last quarter that was observed.

    `operators`: whose appraisals are listed (organisations' codes); None lists all.
    """
    span = period or performance.default_period(city.code)
    scope = Scope(city.code, span.start, span.end)
    by_department = performance.indicators(scope, Grouping.ORGANISATION)
    fixed = pinned(scope, by_department)
    by_week = performance.indicators(fixed, Grouping.WEEK, ("cases",))
    month = performance.present_month(city.code)
    now = Scope(city.code, month.start, month.end)
    live = performance.indicators(now, Grouping.NONE, LIVE)
    return Overview(
        period=span,
        result=by_department,
        figures=_figures(by_department, fixed, KEY),
        live=_figures(live, pinned(now, live), LIVE),
        month=month,
        by_department=chart_of(by_department, "on_time_rate", _("Closed on time, by department")),
        by_week=chart_of(
            by_week,
            "cases",
            _("Cases received, by week"),
            _("The quarter cuts off the first and the last week."),
        ),
        statements=statements_table(contracts.frozen(city.code, operators)),
        ways=_ways(),
    )


def _figures(table: IndicatorTable, scope: Scope, names: tuple[str, ...]) -> list[Figure]:
    known = performance.metrics()
    return [
        Figure(
            text_of(table.total[name]),
            known[name].words,
            url=CasesLink(scope, name).url if table.total[name].cases else "",
        )
        for name in names
    ]


def _ways() -> list[Tile]:
    return [
        Tile(_("Indicators"), reverse("performance:indicators"), _("By department, area, week…")),
        Tile(_("Contracts"), reverse("contracts:list"), _("What is paid, and for which results")),
        Tile(_("Map"), reverse("staff:map"), _("Where the cases are")),
    ]


def findings_summary(city: str) -> list[SummaryItem]:
    """What is odd in the register: how many cases of each kind, opening their list."""
    return [
        SummaryItem(
            FINDING_WORDS[FindingKind(found.kind)],
            Link(
                render.number(found.cases),
                reverse("governance:findings-of-kind", args=[found.kind]),
            ),
        )
        for found in cases.finding_counts(city)
    ]
