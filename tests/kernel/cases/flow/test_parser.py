"""Reading BPMN: all interchange references, and files that mean harm."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.lint import lint
from citysteward.kernel.cases.flow.model import MultiInstance, Timer
from citysteward.kernel.cases.flow.parser import MAX_BYTES, parse
from tests.kernel.cases.flow.support import (
    boundary,
    document,
    element,
    end,
    error,
    flows,
    message,
    process,
    spec,
    start,
    sub,
    task,
    throw,
    timer,
)

REFERENCES = sorted((Path(__file__).parent / "data" / "bpmn-miwg" / "Reference").glob("*.bpmn"))


def test_all_references_are_here() -> None:
    assert len(REFERENCES) == 21


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.stem)
def test_interchange_references_parse_and_lint(path: Path) -> None:
    found = parse(path.read_bytes())
    assert found.nodes
    assert found.flows
    assert all(
        flow.source in found.nodes and flow.target in found.nodes for flow in found.flows.values()
    )
    assert not found.unknown
    assert all(finding.line for finding in lint(found))


def test_nodes_carry_what_the_file_says() -> None:
    found = spec(
        start("s", message("call"), name="Call", flow_zh="来电"),
        task("a", flow_form="finding"),
        boundary("late", "a", timer("PT4H"), interrupting=False),
        end(),
        flows("s a end", "late end"),
        names="call",
    )
    call, late, a = found.nodes["s"], found.nodes["late"], found.nodes["a"]
    assert call.event is not None
    assert (call.event.kind, call.event.code, call.settings["zh"]) == ("message", "call", "来电")
    assert late.event is not None
    assert late.event.timer == Timer("duration", "PT4H")
    assert (late.attached_to, late.interrupting) == ("a", False)
    assert (a.boundary, a.settings, a.incoming, a.outgoing) == (
        ("late",),
        {"form": "finding"},
        ("s-a",),
        ("a-end",),
    )
    assert found.starts["P"] == ("s",)


def test_lanes_reach_into_sub_processes_and_the_innermost_counts() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="Office"><flowNodeRef>a</flowNodeRef>'
        "<flowNodeRef>p</flowNodeRef><childLaneSet><lane id='l2' name='Clerk' flow:role='clerk'>"
        "<flowNodeRef>a</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    found = spec(lanes, start(), task("a"), sub("p", task("inner")), end(), flows("start a p end"))
    assert found.nodes["a"].lane == "clerk"
    assert found.nodes["inner"].lane == "Office"
    assert [lane.role for lane in found.lanes] == ["Office", "clerk"]


def test_multi_instance_in_both_spellings() -> None:
    own = (
        '<multiInstanceLoopCharacteristics isSequential="true" flow:collection="departments"'
        ' flow:element="department" flow:results="opinions" flow:result="opinion">'
        "<completionCondition>nrOfCompletedInstances > 1</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    theirs = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>d1</loopDataInputRef>"
        '<inputDataItem id="i1" name="item"/></multiInstanceLoopCharacteristics>'
    )
    data = '<dataObject id="d1" name="departments"/>'
    found = spec(data, start(), task("a", own), task("b", theirs), end(), flows("start a b end"))
    assert found.nodes["a"].multi == MultiInstance(
        True, "", "departments", "department", "opinions", "opinion", "nrOfCompletedInstances > 1"
    )
    assert found.nodes["b"].multi == MultiInstance(False, "", "departments", "item")


def test_links_become_flows() -> None:
    link = '<linkEventDefinition name="on"/>'
    found = spec(
        start(),
        throw("t", link),
        element("intermediateCatchEvent", "c", link),
        end(),
        flows("start t", "c end"),
    )
    assert found.targets(found.nodes["t"]) == ("c",)


def test_the_main_process_is_the_one_that_nobody_calls() -> None:
    inner = process(start("s1"), end("e1"), flows("s1 e1"), identity="Q")
    outer = process(
        start(), element("callActivity", "c", calledElement="Q"), end(), flows("start c end")
    )
    assert parse(document(inner, outer)).main == "P"
    assert parse(document(inner), document(outer)).main == "P"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "not well-formed"),
        (b"<a", "not well-formed"),
        (b"<html/>", "not BPMN"),
        (document(), "holds no process"),
        (document(process(task("a"), task("a"))), "used twice"),
        (document(process("<userTask/>")), "has no id"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "document type"),
        (b" " * (MAX_BYTES + 1), "larger than"),
        (
            document(
                process(
                    "".join(f'<subProcess id="s{i}">' for i in range(60)) + "</subProcess>" * 60
                )
            ),
            "too deeply",
        ),
    ],
)
def test_bad_files_are_refused(text: bytes, message: str) -> None:
    with pytest.raises(FlowError, match=message):
        parse(text)


def test_a_refusal_names_element_and_line() -> None:
    with pytest.raises(FlowError) as caught:
        parse(document(process("\n", task("a"), "\n", end("a"))))
    assert (caught.value.element, caught.value.line) == ("a", 3)
    assert "element a, line 3" in str(caught.value)


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(FlowError):
        parse(bomb)


SAMPLE = document(
    process(
        start(), task("a"), boundary("b", "a", error("x")), end(), flows("start a end", "b end")
    ),
    names="x",
)


@given(st.data())
def test_a_damaged_file_parses_or_raises_flow_error(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(SAMPLE)))
    length = data.draw(st.integers(0, 40))
    filler = data.draw(st.sampled_from([b"", b"x", b"\xff", b'"', b"<x/>", b'id="a"', b"&#0;"]))
    with contextlib.suppress(FlowError):
        lint(parse(SAMPLE[:cut] + filler + SAMPLE[cut + length :]))
