"""Small drawings of a contract: its curves and its term, as SVG with the tokens' classes only.

Each says in its label what it shows, and stands beside the same as words or as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from citysteward.contracts.types import PeriodState

WIDTH, HEIGHT, EDGE = 640, 140, 14
"""Of a curve, in units of its viewBox."""

_CLASSES = {
    PeriodState.FROZEN: "f-good",
    PeriodState.OPEN: "f-warn",
    PeriodState.RUNNING: "f-c3",
    PeriodState.EMPTY: "f-quiet",
    PeriodState.TO_COME: "f-quiet",
}

Point = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Stretch:
    """A payment period on the drawing of the term."""

    name: str
    state: PeriodState


def curve(points: Sequence[Point], label: str, measured: Point | None = None) -> SafeString:
    """A curve of scores from 0 to 100, with the measured value on it if there is one."""
    values = [value for value, _score in points] + ([measured[0]] if measured else [])
    low, high = min(values), max(values)
    margin = (high - low) / 8
    low, high = low - margin, high + margin

    def place(value: Decimal, score: Decimal) -> tuple[float, float]:
        along = float((value - low) / (high - low))
        return (
            round(EDGE + along * (WIDTH - 2 * EDGE), 1),
            round(HEIGHT - EDGE - float(score) / 100 * (HEIGHT - 2 * EDGE), 1),
        )

    full = [(low, points[0][1]), *points, (high, points[-1][1])]
    line = " ".join(f"{x},{y}" for x, y in (place(*point) for point in full))
    dots = format_html_join(
        "",
        '<circle class="f-paper s-c1" cx="{}" cy="{}" r="4" stroke-width="2"/>',
        (place(*point) for point in points),
    )
    here: SafeString | str = ""
    if measured is not None:
        x, y = place(*measured)
        here = format_html(
            '<line class="s-ink-2" x1="{}" x2="{}" y1="{}" y2="{}" stroke-dasharray="3 3"/>'
            '<circle class="f-ink" cx="{}" cy="{}" r="5"/>',
            x, x, HEIGHT - EDGE, y, x, y,
        )  # fmt: skip
    return format_html(
        '<svg class="drawing" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="s-line-2" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<polyline class="s-c1" fill="none" stroke-width="2.5" points="{}"/>{}{}</svg>',
        WIDTH, HEIGHT, label, EDGE, WIDTH - EDGE, HEIGHT - EDGE, HEIGHT - EDGE, line, dots, here,
    )  # fmt: skip


def term(stretches: Sequence[Stretch], label: str) -> SafeString:
    """The payment periods of a term side by side, coloured by how far they are."""
    step = 1000 / max(1, len(stretches))
    blocks = format_html_join(
        "",
        '<rect class="{}" x="{}" y="4" width="{}" height="28" rx="3"><title>{}</title></rect>',
        (
            (_CLASSES[one.state], round(place * step, 1), round(step - 4, 1), one.name)
            for place, one in enumerate(stretches)
        ),
    )
    return format_html(
        '<svg class="drawing" viewBox="0 0 1000 36" role="img" aria-label="{}">{}</svg>',
        label,
        blocks,
    )
