"""The linter: each fault is found, at its element, and a sound procedure has none."""

import pytest

from citysteward.kernel.cases.flow.lint import lint
from citysteward.kernel.cases.flow.lint_words import ADVICE
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.support import (
    boundary,
    call,
    catch,
    document,
    element,
    end,
    error,
    flow,
    flows,
    gateway,
    message,
    process,
    rule,
    start,
    sub,
    task,
    throw,
    timer,
)

LANE = (
    '<laneSet id="ls"><lane id="l" name="Handler">'
    "<flowNodeRef>a</flowNodeRef><flowNodeRef>b</flowNodeRef></lane></laneSet>"
)
A = task("a")
B = task("b")
MULTI = "<multiInstanceLoopCharacteristics>{}</multiInstanceLoopCharacteristics>"
SOUND = start() + A + end() + flows("start a end")


def found(*body: str, names: str = "", extra: str = "") -> set[tuple[str, str]]:
    spec = parse(document(process(LANE, *body), extra, names=names))
    return {
        (finding.element, finding.code)
        for finding in lint(spec, names=["kind", "approved"], decisions=["routing"])
    } - {("P", "dangling")}


def test_a_sound_procedure_has_no_findings() -> None:
    body = (
        start(),
        rule("r", "routing"),
        A,
        boundary("late", "a", timer("P3BD")),
        B,
        gateway("exclusive", "x", default="x-a"),
        end(),
        flows("start r a b x", "late b", "x >[approved = true] end"),
        flow("x", "a"),
    )
    assert found(*body) == set()


FAULTS: list[tuple[tuple[str, ...], tuple[str, str]]] = [
    ((SOUND, element("callChoreography", "z")), ("z", "unknown-element")),
    ((start(), element("transaction", "t"), end(), flows("start t end")), ("t", "refused-kind")),
    ((start(), element("scriptTask", "t"), end(), flows("start t end")), ("t", "script")),
    (
        (start(), catch("t", "<conditionalEventDefinition/>"), end(), flows("start t end")),
        ("t", "refused-event"),
    ),
    ((start("s", timer("P1D")), end(), flows("s end")), ("s", "refused-event")),
    ((SOUND, boundary("t", "a", ""), flows("t end")), ("t", "refused-event")),
    (
        (start(), task("a", "<standardLoopCharacteristics/>"), end(), flows("start a end")),
        ("a", "standard-loop"),
    ),
    (
        (start(), task("a", MULTI.format("")), end(), flows("start a end")),
        ("a", "bare-multi-instance"),
    ),
    ((SOUND, flow("a", "nowhere")), ("a-nowhere", "dangling")),
    ((SOUND, boundary("t", "nobody", timer("P1D")), flows("t end")), ("t", "dangling")),
    ((start(), throw("t", '<linkEventDefinition name="x"/>'), flows("start t")), ("t", "dangling")),
    ((start(), call("c", "other"), end(), flows("start c end")), ("c", "unknown-called")),
    ((start(), call("c", "P"), end(), flows("start c end")), ("c", "call-cycle")),
    ((start(), rule("r", "sorting"), end(), flows("start r end")), ("r", "unknown-decision")),
    ((start(), element("serviceTask", "r"), end(), flows("start r end")), ("r", "no-decision")),
    (
        (start(), catch("c", "<messageEventDefinition/>"), end(), flows("start c end")),
        ("c", "no-message"),
    ),
    ((start(), end("e", error("x")), flows("start e")), ("e", "uncaught-error")),
    ((A, end(), flows("a end")), ("P", "no-start")),
    ((SOUND, start("s2"), flows("s2 a")), ("s2", "several-starts")),
    ((start(), sub("p"), end(), flows("start p end")), ("p", "empty")),
    ((SOUND, B, flows("b end")), ("b", "unreachable")),
    ((start(), A, B, flows("start a b a")), ("a", "no-end")),
    ((SOUND, flows("a start")), ("start", "into-start")),
    ((SOUND, B, flows("end b")), ("end", "out-of-end")),
    ((SOUND, B, flows("a b end")), ("a", "implicit-split")),
    (
        (
            start(),
            gateway("parallel", "g"),
            A,
            B,
            task("c"),
            end(),
            flows("start g a c end", "g b c"),
        ),
        ("c", "implicit-join"),
    ),
    (
        (
            start(),
            gateway("exclusive", "x", default="x-b"),
            A,
            B,
            gateway("parallel", "j"),
            end(),
            flows("x >[kind = 1] a", "start x b j end", "a j"),
        ),
        ("j", "starved-join"),
    ),
    (
        (
            start(),
            gateway("eventBased", "g"),
            catch("c", message("m")),
            A,
            end(),
            flows("start g c end", "g a end"),
        ),
        ("g", "event-gateway"),
    ),
    (
        (
            start(),
            gateway("exclusive", "x", default="x-b"),
            A,
            B,
            end(),
            flows("start x a end", "x b end"),
        ),
        ("x-a", "no-condition"),
    ),
    (
        (
            start(),
            gateway("exclusive", "x"),
            A,
            end(),
            flows("start x", "x >[kind = 1] a", "a end", "x >[kind = 2] end"),
        ),
        ("x", "no-default"),
    ),
    (
        (
            start(),
            gateway("parallel", "x"),
            A,
            end(),
            flows("start x", "x >[kind = 1] a", "a end", "x end"),
        ),
        ("x-a", "condition-ignored"),
    ),
    ((SOUND, B, flows("b end"), flow("a", "b", "${approved}")), ("a-b", "expression")),
    ((SOUND, B, flows("b end"), flow("a", "b", "colour = 1")), ("a-b", "unknown-name")),
    ((SOUND, boundary("t", "a", timer("")), flows("t end")), ("t", "empty-timer")),
    ((SOUND, boundary("t", "a", "<timerEventDefinition/>"), flows("t end")), ("t", "empty-timer")),
    ((SOUND, boundary("t", "a", timer("P1D", "timeCycle")), flows("t end")), ("t", "timer-cycle")),
    ((SOUND, boundary("t", "a", timer("deadline")), flows("t end")), ("t", "unknown-name")),
    ((start(), task("c"), end(), flows("start c end")), ("c", "no-role")),
    ((start(), element("userTask", "a"), end(), flows("start a end")), ("a", "no-name")),
]


@pytest.mark.parametrize(("body", "fault"), FAULTS, ids=[fault[1] for _, fault in FAULTS])
def test_each_fault_is_found(body: tuple[str, ...], fault: tuple[str, str]) -> None:
    assert fault in found(*body, names="x m")


def test_every_code_is_tested_and_spoken_in_both_languages() -> None:
    tested = {code for _, (_, code) in FAULTS} | {"not-executable", "condition-language"}
    assert tested == set(ADVICE)
    assert all(any("一" <= letter <= "鿿" for letter in one.zh) for one in ADVICE.values())


def test_findings_say_where_and_what() -> None:
    text = document(
        process(
            start(),
            "\n",
            gateway("exclusive", "x"),
            A,
            end(),
            "\n",
            '<sequenceFlow id="f" sourceRef="x" targetRef="a">'
            '<conditionExpression language="python"></conditionExpression></sequenceFlow>',
            flows("start x end", "a end"),
            isExecutable="false",
        )
    )
    findings = {finding.code: finding for finding in lint(parse(text))}
    assert findings["no-default"].line == 2
    assert findings["no-default"].severity == "warning"
    assert not findings["no-default"].is_error
    assert findings["condition-language"].element == "f"
    assert findings["condition-language"].line == 3
    assert "python" in findings["condition-language"].message_en
    assert "python" in findings["condition-language"].message_zh
    assert findings["not-executable"].element == "P"


def test_errors_caught_further_out_are_fine() -> None:
    inner = process(start("s1"), end("e1", error("x")), flows("s1 e1"), identity="Q")
    outer = process(
        start(), call("c", "Q"), boundary("b", "c", error()), end(), flows("start c end", "b end")
    )
    codes = {finding.code for finding in lint(parse(document(outer, inner, names="x")))}
    assert "uncaught-error" not in codes


def test_names_and_decisions_are_only_checked_when_they_are_known() -> None:
    body = start(), rule("r", "any"), A, B, end(), flows("start r a end", "b end")
    spec = parse(document(process(LANE, *body, flow("a", "b", "colour = 1"))))
    codes = {finding.code for finding in lint(spec)}
    assert not codes & {"unknown-name", "unknown-decision"}
