"""Drawings: all that stands in the file is drawn, the present step is marked, nothing is inline."""

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

from citysteward.kernel.cases.flow.diagram import draw, wrapped
from citysteward.kernel.cases.flow.geometry import Box
from citysteward.kernel.cases.flow.interchange import read_picture
from citysteward.kernel.cases.flow.layout import arrange
from citysteward.kernel.cases.flow.model import Spec
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.support import (
    boundary,
    document,
    element,
    end,
    flow,
    flows,
    gateway,
    process,
    start,
    sub,
    task,
    timer,
)

REFERENCES = sorted((Path(__file__).parent / "data" / "bpmn-miwg" / "Reference").glob("*.bpmn"))
SVG = "{http://www.w3.org/2000/svg}"

LANES = (
    '<laneSet id="ls"><lane id="l1" name="Centre" flow:zh="指挥中心">'
    "<flowNodeRef>start</flowNodeRef><flowNodeRef>check</flowNodeRef></lane>"
    '<lane id="l2" name="Handler"><flowNodeRef>handle</flowNodeRef></lane></laneSet>'
)
PROBLEM = document(
    process(
        LANES,
        start(),
        element("userTask", "handle", name="Handle & repair", flow_zh="现场处置"),
        boundary("late", "handle", timer("PT1H"), interrupting=False),
        element("userTask", "check", name="核查"),
        gateway("exclusive", "good", default="good-handle"),
        sub("close", start("s2"), task("rate"), end("e2"), flows("s2 rate e2")),
        end(),
        flows("start handle check good", "good >[passed] close", "close end", "late end"),
        flow("good", "handle"),
        name="Problem",
        flow_zh="事件",
    )
)


def drawn(spec: Spec, file: bytes | None, **words: object) -> etree._Element:
    return etree.fromstring(draw(spec, file, **words))  # type: ignore[arg-type]


def classes(root: etree._Element, node: str) -> list[str]:
    (group,) = root.findall(f".//{SVG}g[@data-node='{node}']")
    return group.get("class", "").split()


def phrases(root: etree._Element) -> list[str]:
    """All texts of the drawing; the space between their lines counts."""
    return [
        "".join(part.text or "" for part in text.iter(f"{SVG}tspan"))
        for text in root.iter(f"{SVG}text")
    ]


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
@pytest.mark.parametrize("own", [True, False], ids=["own", "arranged"])
def test_references_are_drawn(path: Path, own: bool) -> None:
    file = path.read_bytes()
    spec = parse(file)
    root = drawn(spec, file if own else None)
    found = {group.get("data-node") for group in root.iter(f"{SVG}g")}
    assert {node.id for node in spec.nodes.values() if node.scope == spec.main} <= found
    assert (read_picture(spec, file) is not None) is True


def test_present_and_past_steps_are_marked_by_class_and_by_sign() -> None:
    spec = parse(PROBLEM)
    root = drawn(spec, None, current={"handle"}, done={"start", "handle"})
    assert classes(root, "handle") == ["flow-task", "flow-user-task", "is-current"]
    assert classes(root, "start") == ["flow-event", "flow-start-event", "is-done"]
    assert classes(root, "good") == ["flow-gateway", "flow-exclusive-gateway"]
    assert len(root.findall(f".//{SVG}path[@class='flow-pin']")) == 1
    assert len(root.findall(f".//{SVG}path[@class='flow-tick']")) == 1
    edges = [
        group.get("class") for group in root.iter(f"{SVG}g") if "edge" in group.get("class", "")
    ]
    assert edges.count("flow-edge is-done") == 1


def test_it_is_an_image_with_a_title_in_the_language_of_the_page() -> None:
    spec = parse(PROBLEM)
    english = drawn(spec, None, current={"handle"})
    assert english.get("role") == "img"
    assert english[0].tag == f"{SVG}title"
    assert english[0].text == "Flow of the procedure: Problem. Present step: Handle & repair"
    chinese = drawn(spec, None, current={"handle"}, language="zh-hans")
    assert chinese[0].text == "办理流程图：事件。当前环节：现场处置"


def test_names_are_shown_in_the_language_of_the_page_else_tagged() -> None:
    spec = parse(PROBLEM)
    english, chinese = drawn(spec, None), drawn(spec, None, language="zh-hans")
    assert "指挥中心" in phrases(chinese)
    assert "Centre" in phrases(english)
    tagged = {text.get("lang") for text in english.iter(f"{SVG}text") if "核查" in text.itertext()}
    assert tagged == {"zh-Hans"}
    tagged = {text.get("lang") for text in chinese.iter(f"{SVG}text") if "核查" in text.itertext()}
    assert tagged == {None}
    (handler,) = [text for text in chinese.iter(f"{SVG}text") if "Handler" in text.itertext()]
    assert handler.get("lang") == "en"


def test_nothing_is_inline_and_no_id_can_clash() -> None:
    for path in REFERENCES[:6]:
        text = draw(parse(path.read_bytes()), path.read_bytes())
        root = etree.fromstring(text)
        for part in root.iter():
            assert part.tag not in (f"{SVG}style", f"{SVG}script")
            assert not {"style", "id"} & set(part.attrib)
            assert not any(str(name).startswith("on") for name in part.attrib)
        assert "url(" not in text


def test_a_name_can_not_become_markup() -> None:
    spec = parse(document(process(start(name='<script>x</script>"'), end(), flows("start end"))))
    root = drawn(spec, None)
    assert not list(root.iter(f"{SVG}script"))
    assert any("script" in phrase for phrase in phrases(root))


def overlap(one: Box, other: Box) -> bool:
    apart = one.right <= other.x or other.right <= one.x
    return not (apart or one.bottom <= other.y or other.bottom <= one.y)


@pytest.mark.parametrize(
    "spec", [parse(PROBLEM), *(parse(path.read_bytes()) for path in REFERENCES)]
)
def test_arranged_steps_do_not_overlap(spec: Spec) -> None:
    picture = arrange(spec)
    boxes = [
        box
        for identity, box in picture.nodes.items()
        if spec.nodes[identity].scope == spec.main and spec.nodes[identity].kind != "boundaryEvent"
    ]
    assert boxes
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))


def test_arranged_flows_run_through_no_other_step() -> None:
    spec = parse(PROBLEM)
    picture = arrange(spec)
    for identity, bends in picture.flows.items():
        ends = {spec.flows[identity].source, spec.flows[identity].target}
        others = [
            box
            for node, box in picture.nodes.items()
            if node not in ends
            and spec.nodes[node].scope == spec.nodes[spec.flows[identity].source].scope
            and node not in {spec.nodes[end].attached_to for end in ends}
            and spec.nodes[node].attached_to not in ends
        ]
        for (x1, y1), (x2, y2) in pairwise(bends):
            line = Box(min(x1, x2), min(y1, y2), abs(x2 - x1) + 0.1, abs(y2 - y1) + 0.1)
            assert not any(overlap(line, box) for box in others), identity


def test_arranged_steps_stand_in_their_lanes() -> None:
    spec = parse(PROBLEM)
    picture = arrange(spec)
    lane, step = picture.lanes["l2"], picture.nodes["handle"]
    assert lane.y <= step.y
    assert step.bottom <= lane.bottom
    assert picture.nodes["check"].bottom <= picture.lanes["l1"].bottom == lane.y


def test_a_hidden_step_marks_the_sub_process_that_hides_it() -> None:
    spec = parse(PROBLEM)
    shapes = "".join(
        f'<di:BPMNShape bpmnElement="{node.id}"><dc:Bounds x="{index * 150}" y="0" width="100"'
        ' height="80"/></di:BPMNShape>'
        for index, node in enumerate(spec.nodes.values())
        if node.scope == "P"
    )
    places = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"><di:BPMNPlane>'
        f"{shapes}</di:BPMNPlane></di:BPMNDiagram></definitions>"
    )
    file = PROBLEM.replace(b"</definitions>", places.encode())
    root = drawn(spec, file, current={"rate"})
    assert "is-current" in classes(root, "close")
    assert not root.findall(f".//{SVG}g[@data-node='rate']")


def test_an_incomplete_picture_is_laid_out_anew() -> None:
    spec = parse(PROBLEM)
    assert read_picture(spec, PROBLEM) is None
    assert drawn(spec, PROBLEM).get("viewBox") == drawn(spec, None).get("viewBox")


def test_text_is_broken_into_lines() -> None:
    assert wrapped("Handle the problem on the spot", 100) == [
        "Handle the",
        "problem on",
        "the spot",
    ]
    assert wrapped("现场处置并上传照片", 60) == ["现场处置", "并上传照", "片"]
    assert wrapped("", 60) == []
