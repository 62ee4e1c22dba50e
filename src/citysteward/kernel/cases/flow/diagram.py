"""Draw a procedure as SVG, with the present step marked.

The drawing carries class names (`flow-task`, `flow-gateway`, `flow-event`, `flow-edge`,
`flow-lane`, `is-current`, `is-done`, …) and only such attributes as make it readable without a
stylesheet; no style, no script, no id, so that it may stand several times in a page under a
strict Content-Security-Policy. What is marked by colour is marked by a sign as well.
"""

import re
from collections.abc import Set as AbstractSet

from lxml import etree

from citysteward.kernel.cases.flow import glyphs, model
from citysteward.kernel.cases.flow.geometry import Box, Picture, Point
from citysteward.kernel.cases.flow.interchange import read_picture
from citysteward.kernel.cases.flow.layout import arrange
from citysteward.kernel.cases.flow.model import Node, Settings, Spec
from citysteward.lib.words import Words

SVG = "http://www.w3.org/2000/svg"
FONT_SIZE = 13.0
LINE_HEIGHT = 17.0
MARGIN = 24.0
WIDE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_UNIT = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+"
)

Element = etree._Element


def draw(
    spec: Spec,
    document: bytes | None,
    *,
    current: AbstractSet[str] = frozenset(),
    done: AbstractSet[str] = frozenset(),
    language: str = "en",
) -> str:
    """The SVG of the main process.

    document: the file whose own picture is used; without one, or when it doesn't place every
    node, the diagram is laid out here. current, done: ids of nodes, as `Run.current` and
    `Run.passed` give them. language: a language code; names without a translation are shown in
    the other language and tagged. Raises FlowError for a document that can't be read.
    """
    picture = (read_picture(spec, document) if document else None) or arrange(spec)
    return _Drawing(spec, picture, current, done, language).text()


class _Drawing:
    def __init__(
        self,
        spec: Spec,
        picture: Picture,
        current: AbstractSet[str],
        done: AbstractSet[str],
        language: str,
    ) -> None:
        self.spec = spec
        self.picture = picture
        self.current = self._visible(current)
        self.done = set(done) - self.current
        self.chinese = language.lower().startswith("zh")
        self.language = language
        frame = picture.frame(MARGIN)
        self.root = etree.Element(
            f"{{{SVG}}}svg",
            {
                "class": "flow-diagram",
                "role": "img",
                "viewBox": " ".join(
                    _short(n) for n in (frame.x, frame.y, frame.width, frame.height)
                ),
                "width": _short(frame.width),
                "height": _short(frame.height),
                "fill": "none",
                "stroke": "currentColor",
                "font-size": _short(FONT_SIZE),
            },
            nsmap={None: SVG},  # type: ignore[dict-item]  # lxml's stubs forget the default
        )

    def _visible(self, nodes: AbstractSet[str]) -> set[str]:
        """The nodes as far as they are drawn, else the sub-process that hides them."""
        found: set[str] = set()
        for identity in nodes:
            place: str | None = identity
            while place is not None and place not in self.picture.nodes:
                node = self.spec.nodes.get(place)
                place = node.scope if node else None
            if place is not None:
                found.add(place)
        return found

    def text(self) -> str:
        """The finished SVG."""
        _add(self.root, "title").text = self._title()
        for lane in self.spec.lanes:
            if lane.id in self.picture.lanes:
                self._lane(self.picture.lanes[lane.id], lane.name, lane.settings)
        # What holds other nodes is drawn first: its paper must not cover the edges within.
        opened = [one for one in self.picture.nodes if self._is_opened(one)]
        for identity in opened:
            self._node(self.spec.nodes[identity], self.picture.nodes[identity])
        for flow in self.picture.flows:
            self._flow(flow)
        for identity, box in self.picture.nodes.items():
            if identity not in opened:
                self._node(self.spec.nodes[identity], box)
        return etree.tostring(self.root, encoding="unicode")

    # Words

    def _words(self, name: str, settings: Settings) -> tuple[str, str]:
        """The name in the page's language if there is one, and the language it is in."""
        english, chinese = name, settings.get("zh", "")
        if not chinese and WIDE.search(english):
            english, chinese = "", english
        return Words(en=english, zh=chinese).spoken(self.language)

    def _title(self) -> str:
        process = self.spec.processes[self.spec.main]
        name = self._words(process.name, process.settings)[0]
        standing = [
            self._words(node.name, node.settings)[0] or node.id
            for node in self.spec.nodes.values()
            if node.id in self.current
        ]
        if self.chinese:
            title = f"办理流程图：{name}" if name else "办理流程图"
            return f"{title}。当前环节：{'、'.join(standing)}" if standing else title
        title = f"Flow of the procedure: {name}" if name else "Flow of the procedure"
        return f"{title}. Present step: {', '.join(standing)}" if standing else title

    def _write(
        self, parent: Element, words: tuple[str, str], x: float, y: float, width: float
    ) -> Element | None:
        """Text in lines around the middle of its first line's place."""
        phrase, language = words
        if not phrase:
            return None
        text = _add(parent, "text", x=x, y=y)
        text.set("class", "flow-label")
        text.set("text-anchor", "middle")
        text.set("fill", "currentColor")
        text.set("stroke", "none")
        if language.startswith("zh") != self.chinese:
            text.set("lang", language)
        for index, line in enumerate(wrapped(phrase, width)):
            part = _add(text, "tspan", x=x, dy=LINE_HEIGHT if index else 0.0)
            part.text = line
        return text

    # Shapes

    def _state(self, identity: str) -> str:
        if identity in self.current:
            return " is-current"
        return " is-done" if identity in self.done else ""

    def _group(self, node: Node, kind: str) -> Element:
        group = _add(self.root, "g")
        group.set("class", f"flow-{kind} flow-{_dashed(node.kind)}{self._state(node.id)}")
        group.set("data-node", node.id)
        if node.id in self.current:
            group.set("stroke-width", "2.5")
        return group

    def _lane(self, box: Box, name: str, settings: Settings) -> None:
        group = _add(self.root, "g")
        group.set("class", "flow-lane")
        _rectangle(group, box, 0)
        words = self._words(name, settings)
        if self.picture.vertical:
            self._write(group, words, box.centre[0], box.y + LINE_HEIGHT, box.width)
            return
        x, y = box.x + LINE_HEIGHT, box.centre[1]
        text = self._write(group, words, x, y, box.height)
        if text is not None:
            text.set("transform", f"rotate(-90 {_short(x)} {_short(y)})")

    def _node(self, node: Node, box: Box) -> None:
        if node.kind in model.EVENTS:
            self._event(node, box)
        elif node.kind.endswith("Gateway"):
            self._gateway(node, box)
        else:
            self._activity(node, box)

    def _marks(self, node: Node, group: Element, box: Box) -> None:
        if node.id in self.current:
            mark = _add(group, "path", d=glyphs.pin(box.centre[0], box.y))
            mark.set("class", "flow-pin")
            mark.set("fill", "currentColor")
        elif node.id in self.done and node.kind not in model.GATEWAYS:
            inset = 2 if node.kind in model.EVENTS else -8
            mark = _add(group, "path", d=glyphs.tick(box.right + inset, box.y - inset))
            mark.set("class", "flow-tick")

    def _activity(self, node: Node, box: Box) -> None:
        group = self._group(node, "task")
        shape = _rectangle(group, box, 8)
        if node.kind == "callActivity":
            shape.set("stroke-width", "3")
        if node.triggered_by_event:
            shape.set("stroke-dasharray", "4 3")
        if sign := glyphs.glyph_of(node, box.x + 12, box.y + 11, 6.5):
            _add(group, "path", d=sign).set("class", "flow-sign")
        if node.multi is not None:
            bars = glyphs.three_bars(
                box.centre[0], box.bottom - 13, upright=not node.multi.sequential
            )
            _add(group, "path", d=bars).set("class", "flow-sign")
        words = self._words(node.name, node.settings)
        if self._is_opened(node.id):
            self._write(group, words, box.centre[0], box.y + LINE_HEIGHT, box.width - 16)
        else:
            self._in_middle(group, words, box)
        self._marks(node, group, box)

    def _is_opened(self, identity: str) -> bool:
        """Whether the node is a sub-process whose inside is drawn."""
        return any(self.spec.nodes[one].scope == identity for one in self.picture.nodes)

    def _in_middle(self, group: Element, words: tuple[str, str], box: Box) -> None:
        room = box.width - 12
        lines = len(wrapped(words[0], room))
        top = box.centre[1] + FONT_SIZE * 0.35 - (lines - 1) * LINE_HEIGHT / 2
        self._write(group, words, box.centre[0], top, room)

    def _gateway(self, node: Node, box: Box) -> None:
        group = self._group(node, "gateway")
        (x, y), w, h = box.centre, box.width / 2, box.height / 2
        _add(group, "path", d=f"M{x:g} {box.y:g}l{w:g} {h:g}l{-w:g} {h:g}l{-w:g} {-h:g}z").set(
            "class", "flow-shape"
        )
        sign = _add(group, "path", d=glyphs.glyph_of(node, x, y, min(w, h)))
        sign.set("class", "flow-sign")
        self._label(group, node, box)
        self._marks(node, group, box)

    def _event(self, node: Node, box: Box) -> None:
        group = self._group(node, "event")
        (x, y), r = box.centre, min(box.width, box.height) / 2
        rings = [r] if node.kind in ("startEvent", "endEvent") else [r, r - 3]
        for radius in rings:
            ring = _add(group, "circle", cx=x, cy=y, r=radius)
            ring.set("class", "flow-shape")
            if not node.interrupting:
                ring.set("stroke-dasharray", "4 3")
            if node.kind == "endEvent":
                ring.set("stroke-width", "3")
        if sign := glyphs.glyph_of(node, x, y, rings[-1] - 2):
            _add(group, "path", d=sign).set("class", "flow-sign")
        self._label(group, node, box)
        self._marks(node, group, box)

    def _label(self, group: Element, node: Node, box: Box) -> None:
        """The name under the shape, or where the file wants it."""
        words = self._words(node.name, node.settings)
        place = self.picture.labels.get(node.id)
        if place is None:
            self._write(group, words, box.centre[0], box.bottom + LINE_HEIGHT, 110)
            return
        room = max(place.width, 90.0)
        top = place.y + FONT_SIZE
        if place.bottom <= box.y + LINE_HEIGHT:  # above the shape: let it grow upward
            top = min(top, box.y - 4 - (len(wrapped(words[0], room)) - 1) * LINE_HEIGHT)
        self._write(group, words, place.centre[0], top, room)

    def _flow(self, identity: str) -> None:
        flow, bends = self.spec.flows[identity], self.picture.flows[identity]
        taken = flow.source in self.done and flow.target in (self.done | self.current)
        group = _add(self.root, "g")
        group.set("class", "flow-edge is-done" if taken else "flow-edge")
        line = _add(group, "path", d=_line(bends))
        line.set("class", "flow-line")
        head = _add(group, "path", d=_arrow_head(bends[-2], bends[-1]))
        head.set("class", "flow-arrow")
        head.set("fill", "currentColor")
        words = self._words(flow.name, flow.settings)
        place = self.picture.labels.get(identity)
        if place is not None:
            self._write(group, words, place.centre[0], place.y + FONT_SIZE, max(place.width, 60.0))
        else:
            (x, y), (following, _) = bends[0], bends[1]
            self._write(group, words, x + (36 if following >= x else -36), y - 6, 90)


def wrapped(text: str, width: float) -> list[str]:
    """The text in lines of at most that width; Chinese breaks anywhere, other words at spaces."""
    lines = [""]
    for unit in _UNIT.findall(" ".join(text.split())):
        if lines[-1] and _width(lines[-1] + unit) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += unit if lines[-1] or not unit.isspace() else ""
    return [line for line in (line.strip() for line in lines) if line]


def _width(text: str) -> float:
    return sum(FONT_SIZE if WIDE.match(letter) else FONT_SIZE * 0.55 for letter in text)


def _short(number: float) -> str:
    return f"{number:.6g}"


def _dashed(kind: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "-" + match[1].lower(), kind)


def _add(parent: Element, tag: str, **attributes: float | str) -> Element:
    texts = {
        name: value if isinstance(value, str) else _short(value)
        for name, value in attributes.items()
    }
    return etree.SubElement(parent, f"{{{SVG}}}{tag}", texts)


def _rectangle(parent: Element, box: Box, radius: float) -> Element:
    shape = _add(parent, "rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius)
    shape.set("class", "flow-shape")
    return shape


def _line(bends: list[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in bends)


def _arrow_head(before: Point, tip: Point) -> str:
    """A small triangle at the tip, in the direction of the last stretch."""
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length * 9, dy / length * 9
    left = tip[0] - ux - uy * 0.5, tip[1] - uy + ux * 0.5
    right = tip[0] - ux + uy * 0.5, tip[1] - uy - ux * 0.5
    return f"M{tip[0]:g} {tip[1]:g}L{left[0]:g} {left[1]:g}L{right[0]:g} {right[1]:g}z"
