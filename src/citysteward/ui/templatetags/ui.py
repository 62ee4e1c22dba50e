"""The components: `{% load ui %}`. Each is shown, with its call, on the page /ui/."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.core.paginator import Page
from django.forms import BoundField
from django.http import QueryDict
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from citysteward.ui import render, types
from citysteward.ui.charts import Chart
from citysteward.ui.clock import DEFAULT_AMBER
from citysteward.ui.clock import due_clock as clock_of
from citysteward.ui.maps import Map, PlacePicker

register = template.Library()

ATTENTION = {"good": "status", "quiet": "status", "official": "status"}


# --- words, numbers, times ---------------------------------------------------------------------


@register.simple_tag
def words(value: types.Text) -> SafeString:
    """Bilingual words in the reader's language, tagged when only the other language has them."""
    return render.text(value)


@register.filter(name="words")
def words_filter(value: types.Text) -> str:
    """The same as plain text, for attributes and titles."""
    return render.plain(value)


@register.simple_tag
def show(value: object) -> SafeString:
    """Any value of `ui.types`, number, time or text as it looks in a table cell."""
    return render.show(value)


@register.simple_tag
def number(value: types.Number | None, digits: int | None = None) -> str:
    """A figure with thousands separators."""
    return render.number(value, digits)


@register.filter
def figure(value: types.Number) -> str:
    """A figure with thousands separators, within a sentence."""
    return render.number(value)


@register.simple_tag
def percent(share: float | Decimal | None, digits: int = 1) -> str:
    """A share (0.689) as per cent."""
    return render.percent(types.Percent(share, digits))


@register.simple_tag
def money(amount: Decimal, currency: str, digits: int = 2) -> SafeString:
    """An amount with its currency."""
    return render.money(types.Money(amount, currency, digits))


def _zone(zone: tzinfo | str | None) -> tzinfo | None:
    return (ZoneInfo(zone) if zone else None) if isinstance(zone, str) else zone


@register.simple_tag
def moment(
    value: datetime | date | None, zone: tzinfo | str | None = None, *, seconds: bool = False
) -> SafeString:
    """A time as `<time>` in `zone`, by default Django's current zone (activate the city's)."""
    if value is None:
        return render.show(None)
    return render.moment(value, _zone(zone), seconds=seconds)


# --- states ------------------------------------------------------------------------------------


@register.simple_tag
def tag(tone: types.Tone, text: types.Text) -> SafeString:
    """A state: good, warn, late, quiet, official."""
    return render.tag(types.Tag(tone, text))


@register.simple_tag
def due_clock(
    due: datetime | None,
    now: datetime | None = None,
    *,
    amber: timedelta | None = None,
    closed: datetime | None = None,
    suspended: bool = False,
    working_days: int | None = None,
    zone: tzinfo | str | None = None,
) -> SafeString:
    """A deadline: time left or overdue in words, and the moment itself."""
    clock = clock_of(
        due,
        now or timezone.now(),
        amber=DEFAULT_AMBER if amber is None else amber,
        closed=closed,
        suspended=suspended,
        working_days=working_days,
    )
    chip = render.tag(types.Tag(clock.tone, clock.words))
    if due is None:
        return chip
    return format_html(
        '<span class="clock">{} <span class="note">{} {}</span></span>',
        chip,
        pgettext("deadline", "due"),
        render.moment(due, _zone(zone)),
    )


@register.simple_tag
def score_bar(
    value: types.Number, maximum: types.Number = 100, digits: int = 1, tone: types.Tone = "brand"
) -> SafeString:
    """A value drawn as a bar."""
    return render.bar(types.Bar(value, maximum, digits, tone))


@register.simple_tag
def stamp(*lines: types.Text) -> SafeString:
    """The vermilion stamp of what is sealed or decided: two or three short lines."""
    inner = format_html_join("", "<span>{}</span>", ((render.text(line),) for line in lines))
    return format_html('<div class="stamp">{}</div>', inner)


@register.inclusion_tag("ui/components/masked.html", takes_context=True)
def masked(
    context: Context, value: str, reveal_url: str = "", label: types.Text = ""
) -> dict[str, Any]:
    """A masked personal value with, if allowed, a button that reveals it (a journalled POST)."""
    return {
        "value": render.masked(types.Masked(value)),
        "reveal_url": reveal_url,
        "label": render.plain(label),
        "csrf_token": context.get("csrf_token"),
    }


# --- blocks ------------------------------------------------------------------------------------


@register.simple_block_tag(end_name="endcard")
def card(
    content: str, title: types.Text = "", *, official: bool = False, level: int = 2
) -> SafeString:
    """A card around a block; `official` gives it the vermilion edge of what is sealed or due."""
    heading: SafeString | str = ""
    if title:
        heading = format_html("<h{0}>{1}</h{0}>", level, render.text(title))
    kind = "card official" if official else "card"
    return format_html('<section class="{}">{}{}</section>', kind, heading, content)


@register.simple_block_tag(end_name="endbanner")
def banner(content: str, title: types.Text = "", tone: types.Tone = "quiet") -> SafeString:
    """A notification banner around a block; warn and late interrupt (role alert)."""
    heading: SafeString | str = ""
    if title:
        heading = format_html('<p class="banner-title">{}</p>', render.text(title))
    role = ATTENTION.get(tone, "alert")
    return format_html('<div class="banner {}" role="{}">{}{}</div>', tone, role, heading, content)


@register.simple_block_tag(end_name="endtableblock")
def tableblock(content: str, *, stack: bool = True) -> SafeString:
    """Wraps a hand-written table; it stacks on a phone if its cells carry data-label."""
    return format_html('<div class="table{}">{}</div>', " stack" if stack else "", content)


@register.simple_block_tag(end_name="enddisclose")
def disclose(content: str, summary: types.Text) -> SafeString:
    """A block that opens on demand."""
    return format_html(
        '<details class="more"><summary>{}</summary><div>{}</div></details>',
        render.text(summary),
        content,
    )


@register.simple_block_tag(end_name="endflow")
def flow(content: str, title: types.Text) -> SafeString:
    """A container for a flow's SVG (classes flow-task, flow-gateway, flow-event, flow-edge)."""
    # On a phone the drawing keeps its size and scrolls within its own frame.
    return format_html(
        '<figure class="flow"><figcaption>{}</figcaption>'
        '<div class="flow-frame" tabindex="0" role="group" aria-label="{}">{}</div></figure>',
        render.text(title),
        render.plain(title),
        content,
    )


# --- lists and tables --------------------------------------------------------------------------


@register.inclusion_tag("ui/components/trail.html")
def trail(steps: Sequence[types.Step], zone: tzinfo | str | None = None) -> dict[str, Any]:
    """What happened and what comes, in order."""
    return {"steps": steps, "zone": zone}


@register.inclusion_tag("ui/components/steps.html")
def steps(items: Sequence[types.Step]) -> dict[str, Any]:
    """Where one is in a form of several pages."""
    return {"steps": items}


@register.inclusion_tag("ui/components/tiles.html")
def tiles(items: Sequence[types.Tile]) -> dict[str, Any]:
    """Ways in, side by side."""
    return {"tiles": items}


@register.inclusion_tag("ui/components/tasks.html")
def task_list(items: Sequence[types.Task]) -> dict[str, Any]:
    """What is to be done, each with its state."""
    return {"tasks": items}


@register.inclusion_tag("ui/components/photos.html")
def photos(items: Sequence[types.Photo]) -> dict[str, Any]:
    """Pictures with captions."""
    return {"photos": items}


@register.inclusion_tag("ui/components/figures.html")
def key_figures(items: Sequence[types.Figure]) -> dict[str, Any]:
    """Key figures side by side."""
    return {"figures": items}


@register.inclusion_tag("ui/components/big_figure.html")
def big_figure(value: object, label: types.Text, note: types.Text = "") -> dict[str, Any]:
    """The one figure that a page is about."""
    return {"value": value, "label": label, "note": note}


@register.inclusion_tag("ui/components/summary_list.html")
def summary_list(items: Sequence[types.SummaryItem]) -> dict[str, Any]:
    """Facts, or answers to check, each with a way to change it."""
    return {"items": items}


@register.inclusion_tag("ui/components/table.html")
def data_table(table: types.Table) -> dict[str, Any]:
    """A table that becomes stacked rows on a phone."""
    return {"table": table, "head": table.columns, "rows": _grid(table), "foot": _foot(table)}


def _cells(table: types.Table, row: Mapping[str, object]) -> list[dict[str, object]]:
    return [{"column": column, "value": row.get(column.key)} for column in table.columns]


def _grid(table: types.Table) -> list[dict[str, object]]:
    return [
        {"cells": _cells(table, row), "current": bool(row.get("_current"))} for row in table.rows
    ]


def _foot(table: types.Table) -> list[dict[str, object]] | None:
    if table.foot is None:
        return None
    return [
        {"column": column, "value": table.foot.get(column.key), "present": column.key in table.foot}
        for column in table.columns
    ]


@register.inclusion_tag("ui/components/empty.html")
def empty_state(
    title: types.Text, text: types.Text = "", url: str = "", action: types.Text = ""
) -> dict[str, Any]:
    """What to say, and do, when there is nothing yet."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("ui/components/tabs.html")
def tabs(items: Sequence[types.Tab], label: types.Text = "") -> dict[str, Any]:
    """Views of the same thing; each is a link, so they work without script."""
    return {"tabs": items, "label": label or _("Views")}


@register.simple_tag
def crumb(text: types.Text, url: str = "") -> SafeString:
    """One crumb in the block `crumbs`; without `url` it is the present page."""
    if not url:
        return format_html('<li aria-current="page">{}</li>', render.text(text))
    return format_html('<li><a href="{}">{}</a></li>', url, render.text(text))


@register.inclusion_tag("ui/components/pager.html", takes_context=True)
def pager(context: Context, page: "Page[Any]") -> dict[str, Any]:
    """Links to the other pages; the rest of the address is kept."""
    request = context.get("request")
    return {
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "query": QueryDict() if request is None else request.GET,
    }


# --- forms -------------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/field.html")
def field(
    bound: BoundField, hint: types.Text = "", *, optional: bool | None = None
) -> dict[str, Any]:
    """A form field with label, hint, error and input; radios and checkboxes get a fieldset."""
    widget = bound.field.widget
    kind = "input"
    if isinstance(widget, forms.CheckboxInput):
        kind = "checkbox"
    elif isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        kind = "choices"
    elif isinstance(widget, forms.FileInput):
        kind = "file"
    return {
        "field": bound,
        "kind": kind,
        "hint": render.text(hint) if hint else bound.help_text,
        "optional": not bound.field.required if optional is None else optional,
        "multiple": isinstance(widget, forms.CheckboxSelectMultiple),
    }


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """What is wrong, first on the page, each line leading to its field."""
    lines = [
        # A question mark before the colon that follows would be one mark too many.
        (_anchor(bound), str(bound.label).rstrip("?？:："), bound.errors)
        for bound in form
        if bound.errors
    ]
    return {"form": form, "lines": lines}


def _anchor(bound: BoundField) -> str:
    """The id of the first control: a group of choices has none of its own."""
    widget = bound.field.widget
    grouped = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{bound.auto_id}_0" if grouped else str(bound.id_for_label or bound.auto_id)


@register.simple_tag
def button(
    text: types.Text,
    kind: str = "",
    *,
    name: str = "",
    value: str = "",
    form: str = "",
    url: str = "",
) -> SafeString:
    """A button (kind: "", quiet, danger, link), or with `url` a link that looks like one."""
    classes = f"btn {kind}".strip()
    if url:
        return format_html('<a class="{}" href="{}">{}</a>', classes, url, render.text(text))
    given = {"name": name, "value": value, "form": form}
    extra = format_html_join("", ' {}="{}"', ((key, it) for key, it in given.items() if it))
    return format_html('<button class="{}"{}>{}</button>', classes, extra, render.text(text))


@register.inclusion_tag("ui/components/filters.html", takes_context=True)
def filters(context: Context, form: forms.BaseForm, submit: types.Text = "") -> dict[str, Any]:
    """A GET form: its values live in the address, beside whatever else stands there."""
    request = context.get("request")
    kept: list[tuple[str, str]] = []
    path = ""
    if request is not None:
        path = request.path
        own = {form.add_prefix(name) for name in form.fields} | {"page"}
        kept = [(k, v) for k, vs in request.GET.lists() if k not in own for v in vs]
    return {
        "form": form,
        "kept": kept,
        "submit": submit or pgettext("filters", "Apply"),
        "path": path,
    }


@register.inclusion_tag("ui/components/progress.html")
def progress(
    value: types.Number, maximum: types.Number, label: types.Text, poll_url: str = ""
) -> dict[str, Any]:
    """Long work under way; with `poll_url` it refreshes itself, without script by a link."""
    share = round(100 * float(value) / float(maximum)) if maximum else 0
    return {
        "value": float(value),
        "maximum": float(maximum),
        "shown": render.number(value),
        "total": render.number(maximum),
        "share": share,
        "label": label,
        "poll_url": poll_url,
        "running": share < 100,
    }


# --- pictures ----------------------------------------------------------------------------------


@register.inclusion_tag("ui/components/chart.html", takes_context=True)
def chart(context: Context, picture: Chart) -> dict[str, Any]:
    """A chart, always with its figures in a table; elder mode shows the table at once."""
    return {"chart": picture, "table": picture.table, "elder": context.get("elder")}


@register.inclusion_tag("ui/components/map.html")
def map_view(picture: Map) -> dict[str, Any]:
    """A map and, beside it, what is on it as a list."""
    return {"map": picture, "data": picture.as_data(), "legend": picture.legend}


@register.inclusion_tag("ui/components/place_picker.html")
def place_picker(picker: PlacePicker) -> dict[str, Any]:
    """A place chosen on a map, by the device's location, or typed."""
    return {"picker": picker, "data": picker.as_data()}
