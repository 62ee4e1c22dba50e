"""Contracts and statements as the values that page components take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from citysteward.contracts import drawings, wording
from citysteward.contracts.documents import ContractDocument
from citysteward.contracts.queries import PeriodRow
from citysteward.contracts.statement import Band, Department, Line, Statement
from citysteward.contracts.types import PeriodState
from citysteward.lib.words import Words
from citysteward.performance.queries import CasesLink, metrics
from citysteward.performance.types import Grouped, Grouping, Part, Scope, Unit
from citysteward.ui import render
from citysteward.ui.types import (
    Bar,
    Column,
    Figure,
    Link,
    Money,
    Noted,
    Percent,
    Step,
    SummaryItem,
    Table,
    Tag,
    Text,
    Tone,
)

BY_ORGANISATION = Grouped(Grouping.ORGANISATION)
LATE_SHARES: tuple[tuple[Decimal, Tone], ...] = ((Decimal("0.4"), "late"), (Decimal("0.2"), "warn"))
"""From which share of late cases a department's state is red, and amber."""


def state_tag(state: PeriodState) -> Tag:
    """How far a payment period is."""
    tones: dict[PeriodState, tuple[Tone, str]] = {
        PeriodState.FROZEN: ("official", _("Frozen")),
        PeriodState.OPEN: ("warn", _("To be appraised")),
        PeriodState.RUNNING: ("good", _("Running")),
        PeriodState.EMPTY: ("quiet", _("No cases")),
        PeriodState.TO_COME: ("quiet", _("To come")),
    }
    return Tag(*tones[state])


def statement_url(code: str, period: object) -> str:
    """The address of a period's statement."""
    return reverse("contracts:statement", args=[code, str(period)])


# --- the contract ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClauseCard:
    """A clause as shown: what is measured, how much it weighs, the curve drawn and in words."""

    words: Words
    explained: Words
    weight: str
    drawing: SafeString
    table: Table


def clause_cards(document: ContractDocument) -> list[ClauseCard]:
    """The appraised indicators of a contract."""
    cards = []
    for clause in document.indicators:
        metric = metrics()[clause.metric]
        words = clause.words or metric.words
        points = [(point.value, point.score) for point in clause.curve]
        label = _("Score by measured value: %(name)s") % {"name": render.plain(words)}
        rows = [
            {"value": measure(metric.unit, value), "score": render.number(score)}
            for value, score in points
        ]
        columns = [Column("value", _("Measured")), Column("score", _("Score"), numeric=True)]
        cards.append(
            ClauseCard(
                words,
                metric.explained,
                render.number(clause.weight),
                drawings.curve(points, label),
                Table(columns, rows),
            )
        )
    return cards


def measure(unit: Unit, value: Decimal) -> str:
    """A measured value in its unit."""
    if unit is Unit.SHARE:
        return render.percent(Percent(value, 0 if value * 100 == int(value * 100) else 2))
    if unit is Unit.HOURS:
        return _("%(hours)s h") % {"hours": render.number(value)}
    return render.number(value)


def facts(document: ContractDocument, names: dict[str, Words]) -> list[SummaryItem]:
    """What the contract says in short."""
    payment = document.payment
    every = {
        "month": _("a month"),
        "quarter": _("a quarter"),
        "half": _("a half-year"),
        "year": _("a year"),
    }[payment.every]
    amount = _("%(amount)s %(currency)s %(every)s") % {
        "amount": render.number(payment.amount),
        "currency": render.currency_name(payment.currency),
        "every": every,
    }
    share = render.number(payment.fixed * 100, 0)
    observed = _("%(moment)s (%(zone)s)") % {
        "moment": document.observation.at.isoformat(sep=" ", timespec="minutes"),
        "zone": document.observation.zone,
    }
    term = f"{render.date_words(document.term.first)} – {render.date_words(document.term.last)}"
    return [
        SummaryItem(_("Operator"), names[document.operator]),
        SummaryItem(_("Payer"), names[document.payer]),
        SummaryItem(_("Term"), term),
        SummaryItem(_("Payment"), amount),
        SummaryItem(_("Of which fixed"), f"{share}%"),
        SummaryItem(_("Observed as of"), observed),
        SummaryItem(_("Source"), document.source),
    ]


def bands_table(document: ContractDocument) -> Table:
    """The bands of the coefficient."""
    rows = []
    for band in sorted(document.coefficients, key=lambda band: -band.floor):
        shown = Band(
            band.floor, band.coefficient, band.per_point, band.rectification, reached=False
        )
        rows.append({"floor": wording.floor_words(shown), "rule": wording.rule_words(shown)})
    columns = [Column("floor", _("Total")), Column("rule", _("Performance part"))]
    return Table(columns, rows)


def periods_table(code: str, rows: Sequence[PeriodRow], currency: str) -> Table:
    """Every payment period, the latest first, with what is due where it is frozen."""
    return Table(
        [
            Column("period", _("Period")),
            Column("state", _("State")),
            Column("due", _("Due"), numeric=True),
            Column("order", _("Rectification")),
        ],
        [
            {
                "period": Link(wording.period_words(row.period), statement_url(code, row.period))
                if row.state in {PeriodState.FROZEN, PeriodState.OPEN}
                else wording.period_words(row.period),
                "state": state_tag(row.state),
                "due": Money(row.appraisal.due, currency) if row.appraisal else None,
                "order": Tag("late", _("Ordered"))
                if row.appraisal and row.appraisal.rectification
                else None,
            }
            for row in reversed(rows)
        ],
    )


def term_drawing(rows: Sequence[PeriodRow]) -> SafeString:
    """The term as a row of periods."""
    stretches = [
        drawings.Stretch(
            f"{row.period}: {render.plain(state_tag(row.state).text)}",
            row.state,
        )
        for row in rows
    ]
    label = _("The term: %(count)s payment periods") % {"count": len(rows)}
    return drawings.term(stretches, label)


# --- the statement -----------------------------------------------------------------------------


def scope_of(shown: Statement, document: ContractDocument) -> Scope:
    """The cases that a statement counts, as known at its moment and seal."""
    return Scope(
        city=shown.city,
        start=shown.period.start,
        end=shown.period.end,
        as_of=shown.as_of,
        seal=shown.seal,
        filters=document.filter,
    )


def money_figures(shown: Statement) -> list[Figure]:
    """The parts of the amount."""
    money = shown.money
    share = render.number(shown.fixed_share * 100, 0)
    return [
        Figure(render.number(money.fixed), _("fixed part, %(share)s%%") % {"share": share}),
        Figure(
            render.number(money.performance),
            _("performance part, %(share)s%% of %(available)s")
            % {
                "share": render.number(shown.coefficient * 100, 2),
                "available": render.number(money.performance_available),
            },
        ),
        Figure(render.number(money.not_earned), _("not earned")),
    ]


def lines_table(shown: Statement, scope: Scope) -> Table:
    """Why this amount: each indicator with its value, score, weight and points."""
    return Table(
        [
            Column("indicator", _("Indicator")),
            Column("measured", _("Measured"), numeric=True),
            Column("score", _("Score")),
            Column("weight", _("Weight"), numeric=True, minor=True),
            Column("points", _("Points"), numeric=True),
        ],
        [
            {
                "indicator": Noted(
                    Link(line.words, CasesLink(scope, line.metric).url), _basis(line, scope)
                ),
                "measured": wording.value_words(line),
                "score": Bar(line.score, digits=wording.SCORE_DIGITS),
                "weight": render.number(line.weight, 0),
                "points": render.number(line.points, wording.SCORE_DIGITS),
            }
            for line in shown.lines
        ],
        foot={
            "indicator": _("Total"),
            "weight": render.number(sum(line.weight for line in shown.lines), 0),
            "points": render.number(shown.total, wording.SCORE_DIGITS),
        },
    )


def _basis(line: Line, scope: Scope) -> SafeString | str:
    """Over which cases: both numbers of a share open to their own cases."""
    if line.unit is not Unit.SHARE:
        return wording.basis_words(line)
    part = CasesLink(scope, line.metric, part=Part.NUMERATOR)
    return wording.basis_html(line, part.url, CasesLink(scope, line.metric).url)


def counts_table(shown: Statement, scope: Scope) -> Table:
    """All cases of the period by verdict, each number opening its cases."""
    names = ("cases", "on_time", "overdue", "suspended", "no_target", "open_overdue")
    known = metrics()
    return Table(
        [Column("what", _("Cases")), Column("count", _("Number"), numeric=True)],
        [
            {
                "what": Noted(known[name].words, known[name].explained),
                "count": Link(render.number(shown.figures[name]), CasesLink(scope, name).url),
            }
            for name in names
        ],
    )


def departments_table(shown: Statement, scope: Scope) -> Table:
    """Where it was lost: the departments, those with most late cases first."""

    def link(row: Department, metric: str, text: str) -> Link:
        return Link(text, CasesLink(scope, metric, BY_ORGANISATION, row.code).url)

    return Table(
        [
            Column("name", _("Department")),
            Column("cases", _("Cases"), numeric=True),
            Column("rate", _("On time"), numeric=True),
            Column("state", _("State")),
        ],
        [
            {
                "name": row.words,
                "cases": link(row, "cases", render.number(row.cases)),
                "rate": Percent(row.on_time_rate)
                if row.on_time_rate is None
                else link(row, "on_time_rate", render.percent(Percent(row.on_time_rate))),
                "state": department_state(row),
            }
            for row in shown.departments
        ],
    )


def department_state(row: Department) -> Tag:
    """A department's lateness in words and tone."""
    judged = row.on_time + row.overdue
    if not judged:
        return Tag("quiet", _("no targets"))
    words: Text = _("%(late)s late, %(open)s still open") % {
        "late": render.number(row.overdue),
        "open": render.number(row.open_overdue),
    }
    share = Decimal(row.overdue) / judged
    tone: Tone = next((tone for floor, tone in LATE_SHARES if share >= floor), "good")
    return Tag(tone, words)


def round_trail(shown: Statement) -> list[Step]:
    """How far this round is: period, observation, freezing."""
    last = shown.period.end - timedelta(days=1)
    steps = [
        Step(_("Last day of the period"), note=render.date_words(last)),
        Step(_("Observed as of"), shown.as_of),
    ]
    if shown.frozen_at is None:
        return [*steps, Step(_("Freezing by the finance office"), state="now")]
    return [*steps, Step(_("Frozen"), shown.frozen_at, by=shown.frozen_by)]


def basis_items(shown: Statement) -> list[SummaryItem]:
    """What the figures rest on: enough to compute them again elsewhere."""
    return [
        SummaryItem(_("Seal of the journal"), render.number(shown.seal)),
        SummaryItem(_("Root of the seal"), code(shown.seal_root)),
        SummaryItem(_("Contract text (SHA-256)"), code(shown.version)),
        SummaryItem(_("Appraisal (SHA-256)"), code(shown.sha256)),
    ]


def code(text: str) -> SafeString:
    """A hash, in short groups so that it can break on a phone."""
    return wording.code_html(text)
