"""The statement as a tagged PDF (PDF/UA-1), in English or Chinese, by typst.

The same statement in the same language gives the same bytes: the document's date is that of the
freezing (of the observation, for a preview), and nothing else of the moment goes into it.
"""

import json
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from citysteward.contracts import wording
from citysteward.contracts.statement import Line, Statement
from citysteward.contracts.types import ContractError
from citysteward.lib.words import Words
from citysteward.ui import render
from citysteward.ui.types import Percent

TEMPLATE = Path(__file__).with_name("statement.typ")
LATIN = "Libertinus Serif"  # carried by typst itself
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "SimSun",
)


class NoChineseFontError(ContractError):
    """A Chinese document is asked for on a system without a Chinese font."""


def write(statement: Statement, language: str, names: dict[str, Words] | None = None) -> bytes:
    """The PDF of `statement` in `language` ("en" or "zh-hans").

    `names` are those of the operator and the payer, by code. Raises NoChineseFontError.
    """
    with translation.override(language):
        data = _data(statement, names or {})
    chinese = language.lower().startswith("zh")
    data |= {
        "lang": "zh" if chinese else "en",
        "region": "CN" if chinese else "US",
        "fonts": _fonts(chinese=chinese, available=families()),
    }
    moment = (statement.frozen_at or statement.as_of).astimezone(UTC)
    data["date"] = [
        moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
    ]  # fmt: skip
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return bytes(
        typst.compile(
            TEMPLATE,
            format="pdf",
            pdf_standards=["ua-1"],
            sys_inputs={"data": text},
            timestamp=moment.replace(microsecond=0),
        )
    )


@cache
def families() -> frozenset[str]:
    """The font families that this system offers."""
    return frozenset(typst.Fonts().families())


def _fonts(*, chinese: bool, available: frozenset[str]) -> list[str]:
    found = [name for name in CHINESE_FONTS if name in available][:1]
    if chinese and not found:
        raise NoChineseFontError(
            "This system has no Chinese font for the PDF: install one, such as the package "
            "fonts-noto-cjk, and try again."
        )
    return [*found, LATIN] if chinese else [LATIN, *found]


def _data(statement: Statement, names: dict[str, Words]) -> dict[str, Any]:
    money = statement.money
    period = wording.period_words(statement.period)
    return {
        "title": _("Payment statement, %(period)s") % {"period": period},
        "author": "CitySteward",
        "contract": render.plain(statement.words),
        "subtitle": _("What the operator earned from %(cases)s real cases.")
        % {"cases": render.number(statement.figures["cases"])},
        "note": render.plain(statement.note) if statement.illustration else "",
        "due": render.number(money.due),
        "currency": render.currency_name(money.currency),
        "performance": _("Performance %(total)s of 100")
        % {"total": render.number(statement.total, 4)},
        "stamp": wording.stamp_words(statement),
        "parts": _parts(statement),
        "order": _("Rectification ordered: the total is below the lowest band that pays more.")
        if statement.rectification
        else "",
        "labels": _labels(),
        "heads": _heads(),
        "lines": [_line(line) for line in statement.lines],
        "weight": render.number(sum(line.weight for line in statement.lines), 0),
        "total": render.number(statement.total, 4),
        "formulae": wording.formulae(statement),
        "bands": _bands(statement),
        "departments": _departments(statement),
        "basis": _basis(statement, names),
        "footer": f"{statement.contract} · {statement.period} · {statement.sha256[:16]}",
    }


def _parts(statement: Statement) -> list[dict[str, str]]:
    money = statement.money
    share = render.number(statement.fixed_share * 100, 0)
    return [
        {
            "amount": render.number(money.fixed),
            "label": _("fixed part, %(share)s%%") % {"share": share},
        },
        {
            "amount": render.number(money.performance),
            "label": _("performance part, %(coefficient)s × %(available)s")
            % {
                "coefficient": wording.coefficient_words(statement),
                "available": render.number(money.performance_available),
            },
        },
        {"amount": render.number(money.not_earned), "label": _("not earned")},
    ]


def _labels() -> dict[str, str]:
    return {
        "due": _("Due to the operator"),
        "illustration": _("Illustration."),
        "why": _("Why this amount"),
        "how": _("How it was computed"),
        "bands": _("The coefficient"),
        "reached": _("applied here"),
        "departments": _("By department"),
        "basis": _("What it rests on"),
        "total": _("Total"),
    }


def _heads() -> dict[str, list[str]]:
    return {
        "lines": [_("Indicator"), _("Measured"), _("Score"), _("Weight"), _("Points")],
        "bands": [_("Total"), _("Rule"), _("Result")],
        "departments": [
            _("Department"),
            _("Cases"),
            _("On time"),
            _("Overdue"),
            _("Open and overdue"),
            _("On-time rate"),
            _("Median hours"),
        ],
        "basis": [_("Item"), _("Value")],
    }


def _line(line: Line) -> dict[str, str]:
    return {
        "name": render.plain(line.words),
        "basis": wording.basis_words(line),
        "value": wording.value_words(line),
        "score": render.number(line.score, wording.SCORE_DIGITS),
        "weight": render.number(line.weight, 0),
        "points": render.number(line.points, wording.SCORE_DIGITS),
    }


def _bands(statement: Statement) -> list[dict[str, Any]]:
    return [
        {
            "floor": wording.floor_words(band),
            "rule": wording.rule_words(band),
            "reached": band.reached,
        }
        for band in statement.bands
    ]


def _departments(statement: Statement) -> list[list[str]]:
    return [
        [
            render.plain(row.words),
            render.number(row.cases),
            render.number(row.on_time),
            render.number(row.overdue),
            render.number(row.open_overdue),
            render.percent(Percent(row.on_time_rate)),
            render.number(row.median_hours, 1),
        ]
        for row in statement.departments
    ]


def _basis(statement: Statement, names: dict[str, Words]) -> list[list[str]]:
    """What the figures were computed from: enough to compute them again elsewhere."""

    def name(code: str) -> str:
        return render.plain(names.get(code) or Words(en=code))

    last_day = statement.period.end - timedelta(days=1)
    rows = [
        [_("Operator"), name(statement.operator)],
        [_("Payer"), name(statement.payer)],
        [_("Period"), f"{statement.period.start} – {last_day} ({statement.zone})"],
        [_("As of"), wording.moment_words(statement)],
        [
            _("Seal of the journal"),
            _("segment %(number)s") % {"number": render.number(statement.seal)},
        ],
        [_("Root of the seal"), statement.seal_root],
        [_("Contract text (SHA-256)"), statement.version],
        [_("Appraisal (SHA-256)"), statement.sha256],
    ]
    if statement.frozen_at is not None:
        frozen = wording.moment_words(statement, frozen=True)
        rows.append([_("Frozen"), f"{frozen}, {statement.frozen_by}"])
    return rows
