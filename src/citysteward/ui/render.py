"""Values as safe HTML: the small fragments that tables, lists and templates share."""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from citysteward.lib.words import Words
from citysteward.ui.types import (
    Bar,
    Link,
    Masked,
    Moment,
    Money,
    Noted,
    Number,
    Percent,
    Tag,
    Text,
)

DASH = "–"


def in_chinese() -> bool:
    """Whether this page is in Chinese."""
    return (get_language() or "").lower().startswith("zh")


def text(value: Text) -> SafeString:
    """A text, escaped; bilingual words in the reader's language, tagged when in the other."""
    if not isinstance(value, Words):
        return conditional_escape(str(value) if isinstance(value, Promise) else value)
    spoken, tag = value.spoken(get_language() or "en")
    if not spoken or tag.startswith("zh") == in_chinese():
        return conditional_escape(spoken)
    return format_html('<span lang="{}">{}</span>', tag, spoken)


def plain(value: Text) -> str:
    """A text without markup, for attributes and titles."""
    return value.in_language(get_language() or "en") if isinstance(value, Words) else str(value)


def number(value: Number | None, digits: int | None = None) -> str:
    """A figure with thousands separators; `digits` decimals, rounded half-even; None is a dash.

    Without `digits` whole numbers print whole and others as they are.
    """
    if value is None:
        return DASH
    if digits is None:
        return f"{value:,}"
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    return f"{exact:,}"


def percent(value: Percent) -> str:
    """A share as per cent."""
    if value.share is None:
        return DASH
    return f"{number(Decimal(str(value.share)) * 100, value.digits)}%"


def currency_name(code: str) -> str:
    """The currency as this language writes it after an amount; unknown codes stay codes."""
    names: dict[str, str] = {"USD": pgettext("currency", "USD"), "CNY": pgettext("currency", "CNY")}
    return names.get(code, code)


def money(value: Money) -> SafeString:
    """An amount and its currency, kept on one line."""
    return format_html(
        '<span class="money">{}<small> {}</small></span>',
        number(value.amount, value.digits),
        currency_name(value.currency),
    )


def date_words(day: date) -> str:
    """A date in words: "13 Jan 2016", "2016年1月13日"."""
    return dateformat.format(day, "Y年n月j日" if in_chinese() else "j M Y")


def moment(
    value: datetime | date, zone: tzinfo | None = None, *, seconds: bool = False
) -> SafeString:
    """A time in `zone` (default: Django's current zone, which is the city's) as `<time>`."""
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_words(value))
    local = value.astimezone(zone or timezone.get_current_timezone())
    clock = dateformat.format(local, "H:i:s" if seconds else "H:i")
    words = f"{date_words(local)} {clock}" if in_chinese() else f"{date_words(local)}, {clock}"
    stamp = local.isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', stamp, words)


def _moment(value: Moment) -> SafeString:
    if value.at is None:
        return conditional_escape(DASH)
    return moment(value.at, value.zone, seconds=value.seconds)


def tag(value: Tag) -> SafeString:
    """A state by word and dot."""
    return format_html('<span class="tag {}">{}</span>', value.tone, text(value.text))


def link(value: Link) -> SafeString:
    """A link."""
    return format_html('<a href="{}">{}</a>', value.url, text(value.text))


def bar(value: Bar) -> SafeString:
    """A bar as SVG with presentation attributes only: a style attribute would break the CSP."""
    full = float(value.maximum)
    share = max(0.0, min(1.0, float(value.value) / full)) if full else 0.0
    label = _("%(value)s of %(maximum)s") % {
        "value": number(value.value, value.digits),
        "maximum": number(value.maximum),
    }
    return format_html(
        '<span class="score">{}<svg class="bar {}" viewBox="0 0 100 8" '
        'preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bar-track" width="100" height="8"/>'
        '<rect class="bar-fill" width="{}" height="8"/></svg></span>',
        number(value.value, value.digits),
        value.tone,
        label,
        round(share * 100, 2),
    )


def noted(value: Noted) -> SafeString:
    """A value with its note below."""
    return format_html('{}<span class="note below">{}</span>', show(value.main), show(value.note))


def masked(value: Masked) -> SafeString:
    """A masked personal value; the template tag `masked` adds the button that reveals it."""
    return format_html(
        '<span class="masked" translate="no">{}</span><span class="visually-hidden"> {}</span>',
        value.masked,
        _("(hidden)"),
    )


def _yes_no(value: bool) -> SafeString:
    return conditional_escape(_("Yes") if value else _("No"))


# Checked in order: bool before int, datetime is covered by date.
_RENDERERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Words, text),
    (Promise, text),
    (bool, _yes_no),
    (Link, link),
    (Tag, tag),
    (Bar, bar),
    (Money, money),
    (Moment, _moment),
    (Percent, percent),
    (Noted, noted),
    (Masked, masked),
    ((int, float, Decimal), number),
    (date, moment),
)


def show(value: object) -> SafeString:
    """Any value as HTML: the types of `ui.types`, numbers, times, words; text is escaped."""
    if value is None or value == "":
        return conditional_escape(DASH)
    for kind, renderer in _RENDERERS:
        if isinstance(value, kind):
            return conditional_escape(renderer(value))
    # A string that a view marked safe stays as it is.
    return conditional_escape(value if isinstance(value, str) else str(value))
