"""Read decisions from DMN files (1.2 and later): tables, expressions, invocations, functions.

Decisions may need other decisions; they may not need themselves. Names with spaces are read as
the file declares them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from citysteward.kernel.cases.flow.errors import FeelError, FlowError, TableError
from citysteward.kernel.cases.flow.feel_functions import FUNCTIONS, Function
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.parser import read_xml
from citysteward.kernel.cases.flow.sfeel import compile_expression
from citysteward.kernel.cases.flow.tables import (
    Aggregate,
    DecisionTable,
    HitPolicy,
    Input,
    Output,
    Rule,
)

NAMESPACES = ("http://www.omg.org/spec/DMN/", "https://www.omg.org/spec/DMN/")
MAX_CALLS = 30
_POLICIES = {policy.name.replace("_", " "): policy for policy in HitPolicy}
_NAMED = ("inputData", "decision", "businessKnowledgeModel")

Element = etree._Element
Logic = Callable[[Mapping[str, Value]], Value]


@dataclass(frozen=True)
class _Decision:
    logic: Logic
    needs: tuple[str, ...]


class DecisionModel:
    """The decisions of one DMN file. Raises TableError with the line of the first fault."""

    def __init__(self, document: bytes) -> None:
        try:
            self._root = read_xml(document)
        except FlowError as error:
            raise TableError(error.message, error.line) from error
        if _name(self._root) != "definitions":
            raise TableError("the file is not DMN: its root must be <definitions>", 1)
        self._names = self._declared_names()
        self._functions: dict[str, Function] = dict(FUNCTIONS)
        self._depth = 0
        self._read_functions()
        self.tables: dict[str, DecisionTable] = {}
        self._decisions = {
            element.get("name", ""): self._decision(element)
            for element in _children(self._root, "decision")
        }

    @property
    def decisions(self) -> tuple[str, ...]:
        """The names of the decisions, in the file's order."""
        return tuple(self._decisions)

    def decide(self, name: str, context: Mapping[str, Value]) -> Value:
        """The decision's value. Raises FeelError for an unknown or circular decision."""
        return self._decide(name, context, ())

    def _decide(self, name: str, context: Mapping[str, Value], path: tuple[str, ...]) -> Value:
        decision = self._decisions.get(name)
        if decision is None:
            raise FeelError(f"there is no decision {name!r}")
        if name in path:
            raise FeelError(f"the decision {name!r} needs itself")
        inner = dict(context)
        for needed in decision.needs:
            inner[needed] = self._decide(needed, context, (*path, name))
        return decision.logic(inner)

    # Reading

    def _declared_names(self) -> list[str]:
        names = [
            element.get("name", "")
            for element in self._root.iter(etree.Element)
            if _name(element) in (*_NAMED, "itemComponent", "formalParameter")
        ]
        return [name for name in names if name]

    def _read_functions(self) -> None:
        """Business knowledge models; each is known by name before any of them is read."""
        bodies: dict[str, Callable[..., Value]] = {}
        models = _children(self._root, "businessKnowledgeModel")
        for element in models:
            name = element.get("name", "")
            self._functions[name] = self._guarded_call(name, bodies)
        for element in models:
            bodies[element.get("name", "")] = self._function(element)

    def _guarded_call(self, name: str, bodies: Mapping[str, Callable[..., Value]]) -> Function:
        def function(*arguments: Value) -> Value:
            if self._depth >= MAX_CALLS:
                raise FeelError(f"the function {name!r} calls itself without end")
            self._depth += 1
            try:
                return bodies[name](*arguments)
            finally:
                self._depth -= 1

        return function

    def _function(self, element: Element) -> Callable[..., Value]:
        logic = _child(element, "encapsulatedLogic")
        body = None if logic is None else _child(logic, "literalExpression")
        if logic is None or body is None:
            raise _refusal(element, "only functions made of one expression are read")
        parameters = [one.get("name", "") for one in _children(logic, "formalParameter")]
        expression = self._expression(body)

        def function(*arguments: Value) -> Value:
            if len(arguments) != len(parameters):
                return None
            return expression(dict(zip(parameters, arguments, strict=True)))

        return function

    def _decision(self, element: Element) -> _Decision:
        identities = {
            one.get("id", ""): one.get("name", "") for one in _children(self._root, "decision")
        }
        needs = [
            identities.get(required.get("href", "").lstrip("#"), "")
            for requirement in _children(element, "informationRequirement")
            for required in _children(requirement, "requiredDecision")
        ]
        return _Decision(self._logic(element), tuple(need for need in needs if need))

    def _logic(self, element: Element) -> Logic:
        for name, read in (
            ("literalExpression", self._expression),
            ("decisionTable", self._table),
            ("invocation", self._invocation),
        ):
            body = _child(element, name)
            if body is not None:
                return read(body)
        raise _refusal(element, "a decision must be a table, an expression or an invocation")

    def _expression(self, element: Element) -> Logic:
        text = _text(element)
        try:
            return compile_expression(text, self._names, self._functions).evaluate
        except FeelError as error:
            raise TableError(f"{text!r}: {error}", _line(element)) from error

    def _invocation(self, element: Element) -> Logic:
        called = _child(element, "literalExpression")
        name = "" if called is None else _text(called)
        function = self._functions.get(name)
        if function is None:
            raise _refusal(element, f"there is no function {name!r}")
        arguments = [
            self._expression(expression)
            for binding in _children(element, "binding")
            if (expression := _child(binding, "literalExpression")) is not None
        ]
        return lambda context: function(*[argument(context) for argument in arguments])

    def _table(self, element: Element) -> Logic:
        decision = element.getparent()
        name = "" if decision is None else decision.get("name", "")
        policy = element.get("hitPolicy") or "UNIQUE"
        if policy not in _POLICIES:
            raise _refusal(element, f"the hit policy {policy!r} is unknown")
        try:
            table = DecisionTable(
                name,
                [_input(one) for one in _children(element, "input")],
                [_output(one, name) for one in _children(element, "output")],
                [_rule(one) for one in _children(element, "rule")],
                hit=_POLICIES[policy],
                aggregate=Aggregate(element.get("aggregation") or ""),
                names=self._names,
                functions=self._functions,
            )
        except TableError as error:
            raise TableError(error.message, error.line or _line(element)) from error
        except ValueError as error:
            raise _refusal(element, f"the table can't be read: {error}") from error
        self.tables[name] = table
        return table.run


def _input(element: Element) -> Input:
    expression, allowed = _child(element, "inputExpression"), _child(element, "inputValues")
    return Input(_text(expression), _text(allowed))


def _output(element: Element, decision: str) -> Output:
    return Output(
        element.get("name") or decision,
        _text(_child(element, "outputValues")),
        _text(_child(element, "defaultOutputEntry")),
    )


def _rule(element: Element) -> Rule:
    return Rule(
        tuple(_text(one) for one in _children(element, "inputEntry")),
        tuple(_text(one) for one in _children(element, "outputEntry")),
        _line(element),
        _text(_child(element, "description")),
    )


def _name(element: Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if (name.namespace or "").startswith(NAMESPACES) else ""


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element.iterchildren() if _name(child) == name]


def _child(element: Element, name: str) -> Element | None:
    found = _children(element, name)
    return found[0] if found else None


def _text(element: Element | None) -> str:
    """The content of the element's <text>, or its own."""
    if element is None:
        return ""
    inner = _child(element, "text")
    source = element if inner is None else inner
    return "".join(str(part) for part in source.itertext()).strip()


def _line(element: Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def _refusal(element: Element, reason: str) -> TableError:
    return TableError(f"{element.get('name') or _name(element)}: {reason}", _line(element))
