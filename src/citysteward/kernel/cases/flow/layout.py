"""Place the elements of a diagram that has no places: left to right, one row or more per lane.

Nodes stand in columns by their distance from the start; a flow over several columns reserves a
place in each, so that no flow runs through a node. A sub-process is drawn with what is in it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from citysteward.kernel.cases.flow import model
from citysteward.kernel.cases.flow.geometry import Box, Picture, Point
from citysteward.kernel.cases.flow.model import Node, Spec

TASK = (120.0, 70.0)
GATEWAY = (46.0, 46.0)
EVENT = (36.0, 36.0)
COLUMN_GAP = 72.0
ROW_GAP = 44.0
PADDING = 28.0
LANE_HEAD = 34.0
DETOUR = 18.0


@dataclass
class _Grid:
    """The columns and rows of one scope. Places are named by node id, or (flow, column)."""

    columns: dict[str, int]
    lanes: list[str]
    lane_of: dict[str, str]
    rows: dict[str, int] = field(default_factory=dict)
    bends: dict[str, list[str]] = field(default_factory=dict)
    lefts: list[float] = field(default_factory=list)
    tops: dict[tuple[str, int], float] = field(default_factory=dict)

    def turn(self, place: str) -> float:
        """Where a flow may go up or down before it enters the place: between the columns."""
        return self.lefts[self.columns[place]] - COLUMN_GAP / 2

    def above(self, place: str) -> float:
        """Where a flow may go sideways above the place: between the rows."""
        return self.tops[self.lane_of[place], self.rows[place]] - ROW_GAP / 4


def arrange(spec: Spec) -> Picture:
    """A picture of the main process."""
    picture, size = _scope(spec, spec.main)
    roles = [lane for lane in _roles(spec, spec.main) if lane]
    if roles:
        _draw_lanes(spec, picture, size)
    return picture


def _scope(spec: Spec, scope: str) -> tuple[Picture, tuple[float, float]]:
    """The picture of what stands in the scope, from (0, 0), and its size."""
    nodes = [node for node in spec.nodes.values() if node.scope == scope]
    inner = {node.id: _scope(spec, node.id) for node in nodes if _is_open(spec, node)}
    sizes = {node.id: _size(node, inner) for node in nodes}
    grid = _grid(spec, scope, [node for node in nodes if node.kind != "boundaryEvent"])
    places, extent = _place(grid, sizes)
    picture = Picture(nodes={one: box for one, box in places.items() if one in sizes})
    _place_boundary(nodes, picture)
    for identity, (content, _) in inner.items():
        _insert(picture, content, picture.nodes[identity])
    for flow, bends in grid.bends.items():
        way = [(grid.turn(one), places[one]) for one in [*bends, spec.flows[flow].target]]
        picture.flows[flow] = _route(spec, flow, picture, way)
        if spec.flows[flow].name:
            turn, box = way[-1]
            picture.labels[flow] = Box(turn, box.centre[1] - 20, box.x - turn, 16)
    back = _back_flows(spec, scope, grid)
    for index, flow in enumerate(back):
        picture.flows[flow] = _detour(spec, flow, picture, grid, -DETOUR * (index + 2))
    if not back:
        return picture, extent
    height = DETOUR * (len(back) + 2)
    return _lowered(picture, height), (extent[0], extent[1] + height)


def _lowered(picture: Picture, by: float) -> Picture:
    """The picture with room above it, for the flows that lead back."""
    return Picture(
        {one: box.moved(0, by) for one, box in picture.nodes.items()},
        {one: [(x, y + by) for x, y in bends] for one, bends in picture.flows.items()},
        labels={one: box.moved(0, by) for one, box in picture.labels.items()},
    )


def _is_open(spec: Spec, node: Node) -> bool:
    return node.kind == "subProcess" and any(one.scope == node.id for one in spec.nodes.values())


def _size(node: Node, inner: dict[str, tuple[Picture, tuple[float, float]]]) -> tuple[float, float]:
    if node.id in inner:
        width, height = inner[node.id][1]
        return width + 2 * PADDING, height + 2 * PADDING + LANE_HEAD
    if node.kind in model.EVENTS:
        return EVENT
    return GATEWAY if node.kind in model.GATEWAYS or node.kind == "complexGateway" else TASK


def _insert(picture: Picture, content: Picture, box: Box) -> None:
    """Put the picture of a sub-process inside its box."""
    dx, dy = box.x + PADDING, box.y + PADDING + LANE_HEAD / 2
    picture.nodes.update({one: place.moved(dx, dy) for one, place in content.nodes.items()})
    for flow, bends in content.flows.items():
        picture.flows[flow] = [(x + dx, y + dy) for x, y in bends]
    picture.labels.update({one: place.moved(dx, dy) for one, place in content.labels.items()})


# Columns and rows


def _grid(spec: Spec, scope: str, nodes: list[Node]) -> _Grid:
    columns = _columns(spec, scope, nodes)
    grid = _Grid(columns, _roles(spec, scope), {node.id: node.lane for node in nodes})
    if scope != spec.main:
        grid.lanes, grid.lane_of = [""], dict.fromkeys(grid.lane_of, "")
    for flow in spec.flows.values():
        source = _standing(spec, flow.source)
        if source not in columns or flow.target not in columns or flow.id.startswith("link:"):
            continue
        first, last = columns[source], columns[flow.target]
        if last > first:
            grid.bends[flow.id] = []
            for column in range(first + 1, last):
                bend = f"{flow.id}\n{column}"
                grid.columns[bend], grid.lane_of[bend] = column, grid.lane_of[flow.target]
                grid.bends[flow.id].append(bend)
    _rows(spec, grid)
    return grid


def _standing(spec: Spec, node: str) -> str:
    """The node itself, or the activity on whose edge it stands."""
    found = spec.nodes[node]
    return found.attached_to if found.kind == "boundaryEvent" else node


def _roles(spec: Spec, scope: str) -> list[str]:
    """The roles that do something in the scope, in the order of the file's lanes."""
    used = {node.lane for node in spec.nodes.values() if node.scope == scope}
    order = [lane.role for lane in spec.lanes if lane.role in used]
    return list(dict.fromkeys([*order, *([""] if "" in used else [])])) or [""]


def _onward(spec: Spec, node: str) -> list[str]:
    found = spec.nodes[node]
    targets = list(spec.targets(found))
    for boundary in found.boundary:
        targets += spec.targets(spec.nodes[boundary])
    return targets


def _columns(spec: Spec, scope: str, nodes: list[Node]) -> dict[str, int]:
    """The longest distance from a start, over flows that don't lead back."""
    inside = {node.id for node in nodes}
    order = _forward_order(
        spec, [*spec.starts.get(scope, ()), *(node.id for node in nodes)], inside
    )
    position = {node: index for index, node in enumerate(order)}
    columns = dict.fromkeys(order, 0)
    for node in order:
        for target in _onward(spec, node):
            if target in inside and position[target] > position[node]:
                columns[target] = max(columns[target], columns[node] + 1)
    return columns


def _forward_order(spec: Spec, starts: list[str], inside: set[str]) -> list[str]:
    """Depth-first order, reversed: every flow that is no loop leads from earlier to later."""
    done: list[str] = []
    seen: set[str] = set()
    for start in starts:
        if start in seen or start not in inside:
            continue
        seen.add(start)
        trail = [(start, iter(_onward(spec, start)))]
        while trail:
            node, targets = trail[-1]
            target = next((one for one in targets if one in inside and one not in seen), None)
            if target is None:
                done.append(node)
                trail.pop()
            else:
                seen.add(target)
                trail.append((target, iter(_onward(spec, target))))
    return done[::-1]


def _rows(spec: Spec, grid: _Grid) -> None:
    """A row within its lane for every place; a place stays in its predecessor's row if it can."""
    taken: dict[tuple[str, int], set[int]] = defaultdict(set)
    before = _predecessors(spec, grid)
    for place in sorted(grid.columns, key=lambda one: grid.columns[one]):
        lane = grid.lane_of[place]
        previous = [one for one in before[place] if grid.lane_of[one] == lane and one in grid.rows]
        row = grid.rows[previous[0]] + _is_below(spec, place, previous[0]) if previous else 0
        cell = taken[lane, grid.columns[place]]
        while row in cell:
            row += 1
        cell.add(row)
        grid.rows[place] = row


def _is_below(spec: Spec, place: str, previous: str) -> bool:
    """Whether only events on the lower edge of the previous step lead to the place."""
    if previous not in spec.nodes:
        return False
    flow = place.split("\n", maxsplit=1)[0]
    if flow in spec.flows:
        return spec.flows[flow].source != previous
    return place not in spec.targets(spec.nodes[previous])


def _predecessors(spec: Spec, grid: _Grid) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for flow, bends in grid.bends.items():
        ends = spec.flows[flow]
        chain = [_standing(spec, ends.source), *bends, ends.target]
        for one, following in pairwise(chain):
            found[following].append(one)
    return found


# Places


def _place(
    grid: _Grid, sizes: dict[str, tuple[float, float]]
) -> tuple[dict[str, Box], tuple[float, float]]:
    widths: dict[int, float] = defaultdict(float)
    heights: dict[tuple[str, int], float] = defaultdict(float)
    for one, column in grid.columns.items():
        width, height = sizes.get(one, (0.0, 0.0))
        widths[column] = max(widths[column], width)
        slot = grid.lane_of[one], grid.rows[one]
        heights[slot] = max(heights[slot], height, EVENT[1])
    grid.lefts, right = _offsets([widths[index] for index in range(len(widths))], COLUMN_GAP)
    slots = [(lane, row) for lane in grid.lanes for row in _lane_rows(grid, lane)]
    tops, bottom = _offsets([heights[slot] for slot in slots], ROW_GAP)
    grid.tops = dict(zip(slots, tops, strict=True))
    places = {}
    for one, column in grid.columns.items():
        width, height = sizes.get(one, (0.0, 0.0))
        slot = grid.lane_of[one], grid.rows[one]
        places[one] = Box(
            grid.lefts[column] + (widths[column] - width) / 2,
            grid.tops[slot] + (heights[slot] - height) / 2,
            width,
            height,
        )
    return places, (right, bottom)


def _lane_rows(grid: _Grid, lane: str) -> range:
    rows = [row for one, row in grid.rows.items() if grid.lane_of[one] == lane]
    return range(max(rows, default=-1) + 1)


def _offsets(lengths: list[float], gap: float) -> tuple[list[float], float]:
    """Where each stretch begins, with gaps between, and where the last one ends."""
    found, position = [], 0.0
    for length in lengths:
        found.append(position)
        position += length + gap
    return found, max(position - gap, 0.0)


def _place_boundary(nodes: list[Node], picture: Picture) -> None:
    for node in nodes:
        host = picture.nodes.get(node.id)
        if host is None:
            continue
        for index, boundary in enumerate(node.boundary):
            width, height = EVENT
            x = host.right - width * (index + 1) - 8 * (index + 1)
            picture.nodes[boundary] = Box(x, host.bottom - height / 2, width, height)


def _draw_lanes(spec: Spec, picture: Picture, size: tuple[float, float]) -> None:
    """A band for each lane, as high as what stands in it."""
    frame = picture.frame(0)
    lanes = [lane for lane in spec.lanes if lane.role in _roles(spec, spec.main)]
    first_of_role = {lane.role: lane for lane in reversed(lanes)}
    bands: list[tuple[str, float, float]] = []
    for role, lane in sorted(first_of_role.items(), key=lambda item: lanes.index(item[1])):
        boxes = [
            picture.nodes[node.id]
            for node in spec.nodes.values()
            if node.scope == spec.main and node.lane == role and node.id in picture.nodes
        ]
        if boxes:
            top, bottom = min(box.y for box in boxes), max(box.bottom for box in boxes)
            bands.append((lane.id, top, bottom))
    left, width = frame.x - PADDING - LANE_HEAD, frame.width + 2 * PADDING + LANE_HEAD
    for index, (lane_id, top, bottom) in enumerate(bands):
        upper = (bands[index - 1][2] + top) / 2 if index else min(top, frame.y) - ROW_GAP / 2
        last = index == len(bands) - 1
        lower = max(bottom, size[1]) + ROW_GAP / 2 if last else (bottom + bands[index + 1][1]) / 2
        picture.lanes[lane_id] = Box(left, upper, width, lower - upper)


# Flows


def _back_flows(spec: Spec, scope: str, grid: _Grid) -> list[str]:
    return [
        flow.id
        for flow in spec.flows.values()
        if spec.nodes[flow.source].scope == scope
        and flow.id not in grid.bends
        and not flow.id.startswith("link:")
    ]


def _detour(spec: Spec, flow: str, picture: Picture, grid: _Grid, ceiling: float) -> list[Point]:
    """Over everything, back to an earlier step, up and down between the columns."""
    source, target = _ends(spec, flow, picture)
    ends = spec.flows[flow]
    standing = _standing(spec, ends.source)
    if standing == ends.source:
        start, rise = (source.centre[0], source.y), grid.above(standing)
    else:
        start, rise = (source.centre[0], source.bottom), source.bottom + DETOUR / 2
    out = picture.nodes[standing].right + COLUMN_GAP / 4
    back, fall = grid.turn(ends.target) + COLUMN_GAP / 4, grid.above(ends.target)
    x = target.centre[0]
    return [
        start,
        (start[0], rise),
        (out, rise),
        (out, ceiling),
        (back, ceiling),
        (back, fall),
        (x, fall),
        (x, target.y),
    ]


def _route(spec: Spec, flow: str, picture: Picture, way: list[tuple[float, Box]]) -> list[Point]:
    """Out to the right (from an edge event: downward), into the next places from the left."""
    source, _ = _ends(spec, flow, picture)
    if spec.nodes[spec.flows[flow].source].kind == "boundaryEvent":
        x, y = source.centre[0], source.bottom
        points = [(x, y), (x, y + DETOUR / 2)]
        y += DETOUR / 2
    else:
        y = source.centre[1]
        points = [(source.right, y)]
    for turn, box in way:
        middle = box.centre[1]
        if middle != y:
            points += [(turn, y), (turn, middle)]
        y = middle
    points.append((way[-1][1].x, y))
    return points


def _ends(spec: Spec, flow: str, picture: Picture) -> tuple[Box, Box]:
    ends = spec.flows[flow]
    return picture.nodes[ends.source], picture.nodes[ends.target]
