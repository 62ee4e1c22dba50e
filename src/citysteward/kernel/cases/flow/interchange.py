"""Read where a BPMN file places its elements (BPMN diagram interchange)."""

import math

from lxml import etree

from citysteward.kernel.cases.flow.geometry import Box, Picture, Point
from citysteward.kernel.cases.flow.model import Spec
from citysteward.kernel.cases.flow.parser import read_xml

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"
FARTHEST = 100_000.0

Element = etree._Element


def read_picture(spec: Spec, document: bytes) -> Picture | None:
    """The file's own picture of the main process, None when it doesn't place all its nodes.

    Nodes inside a sub-process that the file draws collapsed are left out. Raises FlowError for
    a file that can't be read.
    """
    root = read_xml(document)
    wanted = {node.id for node in spec.nodes.values() if node.scope == spec.main}
    for diagram in root.iterchildren(f"{DI}BPMNDiagram"):
        picture = _picture(spec, diagram)
        if wanted and wanted <= picture.nodes.keys():
            return picture
    return None


def _picture(spec: Spec, diagram: Element) -> Picture:
    picture = Picture()
    lanes = {lane.id for lane in spec.lanes}
    for shape in diagram.iter(f"{DI}BPMNShape"):
        identity = _reference(shape)
        box = _box(shape)
        if box is None:
            continue
        if identity in spec.nodes:
            picture.nodes[identity] = box
            _label(picture, identity, shape)
        elif identity in lanes:
            picture.lanes[identity] = box
            picture.vertical |= shape.get("isHorizontal") == "false"
    for edge in diagram.iter(f"{DI}BPMNEdge"):
        identity = _reference(edge)
        bends = _bends(edge)
        if identity in spec.flows and len(bends) > 1:
            picture.flows[identity] = bends
            _label(picture, identity, edge)
    _draw_missing_flows(spec, picture)
    return picture


def _draw_missing_flows(spec: Spec, picture: Picture) -> None:
    """Flows that the file doesn't place go straight; links are never drawn."""
    for flow in spec.flows.values():
        ends = picture.nodes.get(flow.source), picture.nodes.get(flow.target)
        if flow.id in picture.flows or flow.id.startswith("link:"):
            continue
        source, target = ends
        if source is not None and target is not None:
            picture.flows[flow.id] = [
                source.towards(target.centre),
                target.towards(source.centre),
            ]


def _reference(element: Element) -> str:
    return (element.get("bpmnElement") or "").rpartition(":")[2]


def _label(picture: Picture, identity: str, element: Element) -> None:
    label = element.find(f"{DI}BPMNLabel")
    box = None if label is None else _box(label)
    if box is not None:
        picture.labels[identity] = box


def _box(element: Element) -> Box | None:
    bounds = element.find(f"{DC}Bounds")
    if bounds is None:
        return None
    numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    x, y, width, height = numbers
    if x is None or y is None or not width or not height or width < 0 or height < 0:
        return None
    return Box(x, y, width, height)


def _bends(edge: Element) -> list[Point]:
    found = []
    for point in edge.iterchildren(f"{DD}waypoint"):
        x, y = _number(point.get("x")), _number(point.get("y"))
        if x is not None and y is not None:
            found.append((x, y))
    return found


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) < FARTHEST else None
