"""The sentences of a statement, for page and PDF alike, in the language that is active."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citysteward.contracts.statement import Band, Line, Statement
from citysteward.lib.dates import Period
from citysteward.performance.types import Unit
from citysteward.ui import render

SCORE_DIGITS = 4
"""Decimals of scores on a statement, as the contract's own examples print them."""


def period_words(period: Period) -> str:
    """A period in words: "second quarter 2015", "2015年第二季度", else its name or dates."""
    name = str(period)
    if len(name) == 6 and name[4] == "Q":
        ordinals = {
            "1": _("first quarter %(year)s"),
            "2": _("second quarter %(year)s"),
            "3": _("third quarter %(year)s"),
            "4": _("fourth quarter %(year)s"),
        }
        return ordinals[name[5]] % {"year": name[:4]}
    return name


def moment_words(statement: Statement, *, frozen: bool = False) -> str:
    """The moment of observation (or of freezing) in the contract's zone, with the zone."""
    moment = statement.frozen_at if frozen and statement.frozen_at else statement.as_of
    local = moment.astimezone(ZoneInfo(statement.zone))
    return f"{render.date_words(local)} {dateformat.format(local, 'H:i')} ({statement.zone})"


def value_words(line: Line) -> str:
    """What a line measured: "68.9%", "76.1 h", a count."""
    if line.unit is Unit.SHARE:
        return f"{render.number(line.value * 100, 2)}%"
    if line.unit is Unit.HOURS:
        return _("%(hours)s h") % {"hours": render.number(line.value, SCORE_DIGITS)}
    return render.number(line.value, 0 if line.unit is Unit.CASES else 2)


def basis_words(line: Line) -> str:
    """Over which cases a line was measured."""
    if line.unit is Unit.SHARE:
        return _("%(part)s of %(whole)s cases") % {
            "part": render.number(line.numerator),
            "whole": render.number(line.cases),
        }
    if line.unit is Unit.HOURS:
        return ngettext(
            "median of %(cases)s closed case, elapsed hours",
            "median of %(cases)s closed cases, elapsed hours",
            line.cases,
        ) % {"cases": render.number(line.cases)}
    return ngettext("%(cases)s case", "%(cases)s cases", line.cases) % {
        "cases": render.number(line.cases)
    }


def curve_words(line: Line) -> str:
    """A curve in words: its points, straight between them, clipped outside."""
    points = ", ".join(
        _("%(value)s → %(score)s") % {"value": _measure(line, value), "score": render.number(score)}
        for value, score in line.curve
    )
    return _("%(name)s: %(points)s; straight between the points, clipped outside.") % {
        "name": render.plain(line.words),
        "points": points,
    }


def _measure(line: Line, value: Decimal) -> str:
    if line.unit is Unit.SHARE:
        return f"{render.number(value * 100, 0 if value * 100 == int(value * 100) else 2)}%"
    if line.unit is Unit.HOURS:
        return _("%(hours)s h") % {"hours": render.number(value)}
    return render.number(value)


def floor_words(band: Band) -> str:
    """From which total a band applies."""
    return _("from %(floor)s points") % {"floor": render.number(band.floor)}


def rule_words(band: Band) -> str:
    """What a band pays, and whether it orders rectification."""
    words = _("coefficient %(base)s") % {"base": render.number(band.coefficient, 2)}
    if band.per_point:
        words = _("coefficient %(base)s, plus %(step)s for each point above %(floor)s") % {
            "base": render.number(band.coefficient, 2),
            "step": render.number(band.per_point),
            "floor": render.number(band.floor),
        }
    if band.rectification:
        words = _("%(rule)s, and rectification is ordered") % {"rule": words}
    return words


def formulae(statement: Statement) -> list[str]:
    """How the amount follows from the figures, step by step, with the figures put in."""
    money = statement.money
    amounts = {
        name: render.number(getattr(money, name))
        for name in ("amount", "fixed", "performance_available", "performance", "due", "not_earned")
    }
    total = " + ".join(render.number(line.points, SCORE_DIGITS) for line in statement.lines)
    share = render.number(statement.fixed_share * 100, 0)
    return [
        *(curve_words(line) for line in statement.lines),
        _("Total = score × weight ÷ 100, added up = %(points)s = %(total)s")
        % {"points": total, "total": render.number(statement.total, SCORE_DIGITS)},
        _("Coefficient for %(total)s points = %(coefficient)s")
        % {
            "total": render.number(statement.total, SCORE_DIGITS),
            "coefficient": coefficient_words(statement),
        },
        _("Fixed part = %(share)s%% of %(amount)s = %(fixed)s") % {"share": share, **amounts},
        _(
            "Performance part = %(performance_available)s × coefficient = %(performance)s, "
            "to the cent, half to even, from the exact coefficient"
        )
        % amounts,
        _("Due = %(fixed)s + %(performance)s = %(due)s; not earned: %(not_earned)s") % amounts,
    ]


def coefficient_words(statement: Statement) -> str:
    """The coefficient with up to six decimals: "0.40", "0.840462"."""
    text = render.number(statement.coefficient, 6).rstrip("0")
    whole, _dot, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def stamp_words(statement: Statement) -> list[str]:
    """The stamp: sealed and by which segment, or that it is a preview only."""
    if statement.frozen_at is None:
        return [_("Preview"), _("not frozen")]
    return [_("Sealed"), _("segment %(number)s") % {"number": render.number(statement.seal)}]


def basis_html(line: Line, part_url: str, whole_url: str) -> SafeString:
    """`basis_words` of a share, with both numbers as links to their cases."""
    sentence = escape(_("%(part)s of %(whole)s cases"))
    return mark_safe(  # noqa: S308 (an escaped sentence with two escaped links)
        sentence
        % {
            "part": format_html('<a href="{}">{}</a>', part_url, render.number(line.numerator)),
            "whole": format_html('<a href="{}">{}</a>', whole_url, render.number(line.cases)),
        }
    )


def code_html(text: str) -> SafeString:
    """A hash as code, with places where it may break."""
    groups = [text[start : start + 8] for start in range(0, len(text), 8)]
    return format_html(
        '<code translate="no">{}</code>', format_html_join("", "{}<wbr>", ((g,) for g in groups))
    )
