"""The small signs inside events, gateways and tasks, as SVG path data around a middle."""

from collections.abc import Callable, Mapping

from citysteward.kernel.cases.flow.model import Node

Glyph = Callable[[float, float, float], str]
"""Path data for a sign around (x, y) that fits a circle of that radius."""


def _envelope(x: float, y: float, r: float) -> str:
    w, h = r * 0.75, r * 0.5
    return (
        f"M{x - w:g} {y - h:g}h{2 * w:g}v{2 * h:g}h{-2 * w:g}z"
        f"M{x - w:g} {y - h:g}l{w:g} {h:g}l{w:g} {-h:g}"
    )


def _clock(x: float, y: float, r: float) -> str:
    q = r * 0.75
    return (
        f"M{x - q:g} {y:g}a{q:g} {q:g} 0 1 0 {2 * q:g} 0a{q:g} {q:g} 0 1 0 {-2 * q:g} 0"
        f"M{x:g} {y - q * 0.7:g}V{y:g}h{q * 0.55:g}"
    )


def _arrow_up(x: float, y: float, r: float) -> str:
    w, h = r * 0.55, r * 0.5
    return f"M{x:g} {y - r * 0.75:g}l{w:g} {r * 1.3:g}l{-w:g} {-h:g}l{-w:g} {h:g}z"


def _bolt(x: float, y: float, r: float) -> str:
    u = r * 0.65
    start, end = f"M{x - u:g} {y + u:g}", f"L{x + u:g} {y - u:g}"
    return f"{start}L{x - u * 0.3:g} {y - u * 0.6:g}L{x + u * 0.3:g} {y + u * 0.4:g}{end}"


def _triangle(x: float, y: float, r: float) -> str:
    u = r * 0.7
    return f"M{x:g} {y - u:g}L{x + u:g} {y + u * 0.7:g}H{x - u:g}z"


def _disc(x: float, y: float, r: float) -> str:
    u = r * 0.5
    return f"M{x - u:g} {y:g}a{u:g} {u:g} 0 1 0 {2 * u:g} 0a{u:g} {u:g} 0 1 0 {-2 * u:g} 0"


def _arrow_right(x: float, y: float, r: float) -> str:
    u, v = r * 0.7, r * 0.42
    return f"M{x - u:g} {y:g}h{2 * u:g}m{-v:g} {-v:g}l{v:g} {v:g}l{-v:g} {v:g}"


def _cross(x: float, y: float, r: float) -> str:
    u = r * 0.36
    return f"M{x - u:g} {y - u:g}l{2 * u:g} {2 * u:g}M{x + u:g} {y - u:g}l{-2 * u:g} {2 * u:g}"


def _plus(x: float, y: float, r: float) -> str:
    u = r * 0.45
    return f"M{x - u:g} {y:g}h{2 * u:g}M{x:g} {y - u:g}v{2 * u:g}"


def _person(x: float, y: float, r: float) -> str:
    h = r * 0.4
    return (
        f"M{x - h:g} {y - h:g}a{h:g} {h:g} 0 1 0 {2 * h:g} 0a{h:g} {h:g} 0 1 0 {-2 * h:g} 0"
        f"M{x - r * 0.8:g} {y + r * 0.8:g}c0 {-r:g} {r * 1.6:g} {-r:g} {r * 1.6:g} 0z"
    )


def _table(x: float, y: float, r: float) -> str:
    w, h = r * 0.9, r * 0.65
    return (
        f"M{x - w:g} {y - h:g}h{2 * w:g}v{2 * h:g}h{-2 * w:g}z"
        f"M{x - w:g} {y - h / 3:g}h{2 * w:g}M{x - w:g} {y + h / 3:g}h{2 * w:g}"
        f"M{x - w / 3:g} {y - h / 3:g}v{h * 4 / 3:g}"
    )


def _gear(x: float, y: float, r: float) -> str:
    spokes = "".join(
        f"M{x + dx * r * 0.45:g} {y + dy * r * 0.45:g}l{dx * r * 0.4:g} {dy * r * 0.4:g}"
        for dx, dy in (
            (1, 0),
            (-1, 0),
            (0, 1),
            (0, -1),
            (0.7, 0.7),
            (-0.7, 0.7),
            (0.7, -0.7),
            (-0.7, -0.7),
        )
    )
    return _disc(x, y, r * 0.9) + spokes


def three_bars(x: float, y: float, *, upright: bool) -> str:
    """The marker of an activity that is done several times: side by side or one by one."""
    if upright:
        return f"M{x - 4:g} {y:g}v9M{x:g} {y:g}v9M{x + 4:g} {y:g}v9"
    return f"M{x - 5:g} {y:g}h10M{x - 5:g} {y + 4:g}h10M{x - 5:g} {y + 8:g}h10"


def tick(x: float, y: float) -> str:
    """The mark of a step that is done, so that colour is not all that says so."""
    return f"M{x - 5:g} {y:g}l4 4l7 -8"


def pin(x: float, y: float) -> str:
    """The mark of the present step: a triangle that points down at it."""
    return f"M{x - 8:g} {y - 14:g}h16l-8 12z"


EVENT_GLYPHS: Mapping[str, Glyph] = {
    "message": _envelope,
    "timer": _clock,
    "escalation": _arrow_up,
    "error": _bolt,
    "signal": _triangle,
    "terminate": _disc,
    "link": _arrow_right,
}
GATEWAY_GLYPHS: Mapping[str, Glyph] = {
    "exclusiveGateway": _cross,
    "parallelGateway": _plus,
    "inclusiveGateway": lambda x, y, r: _disc(x, y, r * 0.9),
    "eventBasedGateway": lambda x, y, r: _disc(x, y, r * 0.9) + _triangle(x, y, r * 0.45),
    "complexGateway": lambda x, y, r: _cross(x, y, r) + _plus(x, y, r),
}
TASK_GLYPHS: Mapping[str, Glyph] = {
    "userTask": _person,
    "businessRuleTask": _table,
    "serviceTask": _gear,
    "sendTask": _envelope,
    "receiveTask": _envelope,
}


def glyph_of(node: Node, x: float, y: float, r: float) -> str:
    """The path of the node's sign around a middle, "" when it has none."""
    glyph = GATEWAY_GLYPHS.get(node.kind) or TASK_GLYPHS.get(node.kind)
    if node.event is not None and glyph is None:
        glyph = EVENT_GLYPHS.get(node.event.kind)
    return glyph(x, y, r) if glyph else ""
