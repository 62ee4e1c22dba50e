"""The DMN Technology Compatibility Kit, compliance level 2, and what it doesn't cover."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from citysteward.kernel.cases.flow.dmn import DecisionModel
from citysteward.kernel.cases.flow.errors import FeelError, TableError
from citysteward.kernel.cases.flow.feel_values import Value

KIT = Path(__file__).parent / "data" / "dmn-tck"
SUITES = sorted(KIT.glob("*/*-test-*.xml"))
CASE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(CASE + name)


def value_of(node: etree._Element) -> Value:
    """The value that the kit wrote below a node: a list, a mapping or a simple value."""
    items = child(node, "list")
    if items is not None:
        return [value_of(item) for item in items.findall(CASE + "item")]
    components = node.findall(CASE + "component")
    if components:
        return {one.get("name", ""): value_of(one) for one in components}
    simple = child(node, "value")
    if simple is None or simple.get(NIL) == "true":
        return None
    return simple_value(simple.get(TYPE, "").partition(":")[2], simple.text or "")


def simple_value(kind: str, text: str) -> Value:
    if kind in ("decimal", "double", "integer"):
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    if kind == "date":
        return dt.date.fromisoformat(text)
    assert kind == "string", kind
    return text


def same(left: Value, right: Value) -> bool:
    """Equality as the kit means it: numbers to 8 places."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return abs(left - right) < Decimal("1e-8")
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and left == right


def test_the_whole_kit_is_here() -> None:
    assert len(SUITES) == 28


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.parent.name)
def test_compatibility_kit(suite: Path) -> None:
    root = etree.parse(str(suite)).getroot()
    model = DecisionModel((suite.parent / f"{suite.parent.name}.dmn").read_bytes())
    checked = 0
    for case in root.findall(CASE + "testCase"):
        context = {one.get("name", ""): value_of(one) for one in case.findall(CASE + "inputNode")}
        for wanted in case.findall(CASE + "resultNode"):
            expected = child(wanted, "expected")
            assert expected is not None
            name = wanted.get("name", "")
            found = model.decide(name, context)
            assert same(found, value_of(expected)), (case.get("id"), name, found)
            checked += 1
    assert checked


DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def model(*body: str) -> DecisionModel:
    return DecisionModel(f'<definitions xmlns="{DMN}">{"".join(body)}</definitions>'.encode())


def test_a_circular_decision_is_refused() -> None:
    circular = model(
        '<decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/>'
        "</informationRequirement><literalExpression><text>b</text></literalExpression></decision>",
        '<decision id="b" name="b"><informationRequirement><requiredDecision href="#a"/>'
        "</informationRequirement><literalExpression><text>a</text></literalExpression></decision>",
    )
    with pytest.raises(FeelError, match="needs itself"):
        circular.decide("a", {})


def test_a_function_that_calls_itself_is_stopped() -> None:
    endless = model(
        '<businessKnowledgeModel id="f" name="f"><encapsulatedLogic><formalParameter name="x"/>'
        "<literalExpression><text>f(x + 1)</text></literalExpression></encapsulatedLogic>"
        "</businessKnowledgeModel>",
        '<decision id="d" name="d"><literalExpression><text>f(1)</text></literalExpression>'
        "</decision>",
    )
    with pytest.raises(FeelError, match="calls itself"):
        endless.decide("d", {})


def test_a_needed_decision_is_made_first() -> None:
    chained = model(
        '<decision id="a" name="base"><literalExpression><text>20</text></literalExpression>'
        "</decision>",
        '<decision id="b" name="twice"><informationRequirement><requiredDecision href="#a"/>'
        "</informationRequirement><literalExpression><text>base * 2</text></literalExpression>"
        "</decision>",
    )
    assert chained.decide("twice", {}) == 40
    assert chained.decisions == ("base", "twice")


def test_faults_carry_their_line() -> None:
    text = (
        '<decision id="d" name="d">\n<literalExpression><text>1 +</text></literalExpression>'
        "</decision>"
    )
    with pytest.raises(TableError, match=r"line 2: '1 \+': expected a value"):
        model(text)
    with pytest.raises(TableError, match="must be a table"):
        model('<decision id="d" name="d"><context/></decision>')
    with pytest.raises(TableError, match="not DMN"):
        DecisionModel(b"<other/>")
    with pytest.raises(TableError, match="document type"):
        DecisionModel(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
