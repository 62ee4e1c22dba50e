"""Places in a drawing; lengths are in the units of BPMN's diagram interchange (pixels)."""

from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, dx: float, dy: float) -> "Box":
        """The same box elsewhere."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def towards(self, point: Point) -> Point:
        """Where the line from the middle to the point leaves the box."""
        (cx, cy), (px, py) = self.centre, point
        dx, dy = px - cx, py - cy
        scale = max(abs(dx) / (self.width / 2 or 1), abs(dy) / (self.height / 2 or 1))
        return (cx + dx / scale, cy + dy / scale) if scale > 1 else (cx, cy)


@dataclass
class Picture:
    """Where everything stands: nodes by id, flows by id with their bends, lanes by place in Spec.

    labels: where the file wants a name to be written, by the id of the node or flow.
    """

    nodes: dict[str, Box] = field(default_factory=dict)
    flows: dict[str, list[Point]] = field(default_factory=dict)
    lanes: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    vertical: bool = False

    def frame(self, margin: float) -> Box:
        """A box around all of it."""
        boxes = [*self.nodes.values(), *self.lanes.values(), *self.labels.values()]
        points = [point for bends in self.flows.values() for point in bends]
        xs = [*(box.x for box in boxes), *(box.right for box in boxes), *(x for x, _ in points)]
        ys = [*(box.y for box in boxes), *(box.bottom for box in boxes), *(y for _, y in points)]
        if not xs:
            return Box(0, 0, 2 * margin, 2 * margin)
        left, top = min(xs) - margin, min(ys) - margin
        return Box(left, top, max(xs) + margin - left, max(ys) + margin - top)
