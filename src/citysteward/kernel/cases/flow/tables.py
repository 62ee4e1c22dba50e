"""Decision tables: rules of S-FEEL cells under a hit policy (DMN 1.3, chapter 8).

`run` answers as DMN does (a broken policy is null). `decide` is for procedures: always one
value for each output by name, and a broken policy raises, naming the rules, because a case must
never go on with a silently empty decision. `explain` says which rules matched, for the journal.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from citysteward.kernel.cases.flow.errors import FeelError, TableError
from citysteward.kernel.cases.flow.feel_functions import FUNCTIONS, Function
from citysteward.kernel.cases.flow.feel_values import Value, arithmetic, compare, equal
from citysteward.kernel.cases.flow.sfeel import (
    Expression,
    UnaryTest,
    compile_expression,
    compile_list,
    compile_unary,
)

MAX_RULES = 20_000


class HitPolicy(Enum):
    """What happens when several rules match. The values are DMN's letters."""

    UNIQUE = "U"
    ANY = "A"
    FIRST = "F"
    PRIORITY = "P"
    RULE_ORDER = "R"
    OUTPUT_ORDER = "O"
    COLLECT = "C"

    @property
    def gives_list(self) -> bool:
        """Whether all matching rules count."""
        return self in (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT)


class Aggregate(Enum):
    """What COLLECT makes of what it collected."""

    LIST = ""
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


@dataclass(frozen=True)
class Input:
    """An input column: an expression, and the values that are allowed ("" for any)."""

    expression: str
    allowed: str = ""


@dataclass(frozen=True)
class Output:
    """An output column. values: its list in order of priority; default: when no rule matches."""

    name: str
    values: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule:
    """One row: a cell for each input, an expression for each output. line: in its file, or 0.

    columns: the file's column of each cell, inputs first, for messages; may be empty.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int = 0
    note: str = ""
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Match:
    """A rule that matched: its number from 1, its line in the file, its note."""

    rule: int
    line: int
    note: str


@dataclass(frozen=True)
class Explanation:
    """Why a table answered as it did."""

    inputs: Mapping[str, Value]
    matched: tuple[Match, ...]
    result: Value


Row = tuple[Value, ...]
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class _Compiled:
    tests: tuple[UnaryTest, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True)
class _Found:
    values: tuple[Value, ...]
    indexes: list[int]
    rows: list[Row] = field(default_factory=list)


class DecisionTable:
    """A compiled table; making one raises TableError with the place of the first fault.

    names: names that expressions may use although they hold spaces or signs.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[Input],
        outputs: Sequence[Output],
        rules: Sequence[Rule],
        *,
        hit: HitPolicy = HitPolicy.UNIQUE,
        aggregate: Aggregate = Aggregate.LIST,
        names: Collection[str] = (),
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.rules = tuple(rules)
        self.hit = hit
        self.aggregate = aggregate
        self._names = names
        self._functions = functions
        self._check_shape()
        self._inputs = [_at(self._expression, one.expression) for one in self.inputs]
        self._allowed = [_at(self._test, one.allowed) for one in self.inputs]
        self._priorities = [_at(self._priority, one.values) for one in self.outputs]
        self._defaults = [
            _at(self._expression, one.default) if one.default.strip() else None
            for one in self.outputs
        ]
        self._rules = [self._compile(rule) for rule in self.rules]

    @property
    def variables(self) -> frozenset[str]:
        """The variables that the table reads."""
        found = [one.names for one in self._inputs]
        for rule in self._rules:
            found += [one.names for one in rule.tests]
            found += [one.names for one in rule.results]
        return frozenset().union(*found)

    def run(self, context: Mapping[str, Value]) -> Value:
        """DMN's answer: one value, a mapping for several outputs, or a list. Raises FeelError."""
        found = self._find(context)
        return None if self._breach(found) else self._answer(found, context)

    def decide(self, context: Mapping[str, Value]) -> dict[str, Value]:
        """A value for each output by its name; a list where the hit policy gives several.

        No match gives the defaults, else null. Raises FeelError when the policy is broken.
        """
        found = self._find(context)
        if breach := self._breach(found):
            raise FeelError(f"decision {self.name!r}: {breach}")
        answer = self._answer(found, context)
        if len(self.outputs) == 1:
            return {self.outputs[0].name: answer}
        if isinstance(answer, list):
            return {
                output.name: [row[output.name] for row in answer if isinstance(row, dict)]
                for output in self.outputs
            }
        if isinstance(answer, dict):
            return answer
        return {output.name: None for output in self.outputs}

    def explain(self, context: Mapping[str, Value]) -> Explanation:
        """What the inputs were, which rules matched, and DMN's answer. Raises FeelError."""
        found = self._find(context)
        names = [one.expression for one in self.inputs]
        matches = [self.rules[index] for index in found.indexes]
        return Explanation(
            inputs=dict(zip(names, found.values, strict=True)),
            matched=tuple(
                Match(index + 1, rule.line, rule.note)
                for index, rule in zip(found.indexes, matches, strict=True)
            ),
            result=None if self._breach(found) else self._answer(found, context),
        )

    # Compiling

    def _check_shape(self) -> None:
        if not self.inputs or not self.outputs:
            raise TableError("a decision table needs at least one input and one output")
        if len(self.rules) > MAX_RULES:
            raise TableError(f"a decision table may have at most {MAX_RULES} rules")
        if len({output.name for output in self.outputs}) < len(self.outputs):
            raise TableError("two outputs have the same name; rename one")
        several = len(self.outputs) > 1
        if several and self.aggregate not in (Aggregate.LIST, Aggregate.COUNT):
            raise TableError(f"{self.aggregate.value} needs a table with one output")
        ordered = self.hit in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)
        if ordered and not any(output.values.strip() for output in self.outputs):
            raise TableError(
                f"hit policy {self.hit.value} needs the values of an output, the first one first"
            )
        for rule in self.rules:
            if len(rule.inputs) != len(self.inputs) or len(rule.outputs) != len(self.outputs):
                raise TableError("the rule has not one cell for each column", rule.line)

    def _expression(self, text: str) -> Expression:
        return compile_expression(text, self._names, self._functions)

    def _test(self, text: str) -> UnaryTest:
        return compile_unary(text, self._names, self._functions)

    def _priority(self, text: str) -> list[Value]:
        if not text.strip():
            return []
        return [one.evaluate({}) for one in compile_list(text, self._names)]

    def _compile(self, rule: Rule) -> _Compiled:
        columns = rule.columns or (0,) * (len(rule.inputs) + len(rule.outputs))
        middle = len(rule.inputs)
        return _Compiled(
            tuple(
                _at(self._test, text, rule.line, column)
                for text, column in zip(rule.inputs, columns[:middle], strict=True)
            ),
            tuple(
                _at(self._expression, text.strip() or "null", rule.line, column)
                for text, column in zip(rule.outputs, columns[middle:], strict=True)
            ),
        )

    # Deciding

    def _find(self, context: Mapping[str, Value]) -> _Found:
        values = tuple(one.evaluate(context) for one in self._inputs)
        found = _Found(values, [])
        for allowed, value in zip(self._allowed, values, strict=True):
            if not allowed.accepts(value, context):
                return found
        for index, rule in enumerate(self._rules):
            if all(
                test.accepts(value, context) for test, value in zip(rule.tests, values, strict=True)
            ):
                found.indexes.append(index)
                found.rows.append(tuple(one.evaluate(context) for one in rule.results))
                if self.hit is HitPolicy.FIRST:
                    break
        return found

    def _breach(self, found: _Found) -> str:
        """How the matches break the hit policy, "" when they don't."""
        if len(found.rows) < 2:
            return ""
        rules = " and ".join(self._rule_name(index) for index in found.indexes)
        if self.hit is HitPolicy.UNIQUE:
            return f"rules {rules} all match but only one may; make them exclude each other"
        if self.hit is HitPolicy.ANY and not all(
            _same_row(row, found.rows[0]) for row in found.rows
        ):
            return f"rules {rules} match with different results; make the results equal"
        return ""

    def _rule_name(self, index: int) -> str:
        line = self.rules[index].line
        return f"{index + 1} (line {line})" if line else str(index + 1)

    def _answer(self, found: _Found, context: Mapping[str, Value]) -> Value:
        if self.hit is HitPolicy.COLLECT and self.aggregate is not Aggregate.LIST:
            return _aggregate(self.aggregate, found.rows)
        if not found.rows:
            return self._default(context)
        rows = found.rows
        if self.hit in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
            rows = sorted(rows, key=self._rank)
        if self.hit.gives_list:
            return [self._shape(row) for row in rows]
        return self._shape(rows[0])

    def _default(self, context: Mapping[str, Value]) -> Value:
        if not any(self._defaults):
            return [] if self.hit.gives_list else None
        row = tuple(one.evaluate(context) if one else None for one in self._defaults)
        return [self._shape(row)] if self.hit.gives_list else self._shape(row)

    def _shape(self, row: Row) -> Value:
        if len(row) == 1:
            return row[0]
        return {output.name: value for output, value in zip(self.outputs, row, strict=True)}

    def _rank(self, row: Row) -> list[int]:
        """The places of the row's values in the outputs' lists; what is not listed comes last."""
        return [
            next((place for place, one in enumerate(order) if equal(one, value)), len(order))
            for order, value in zip(self._priorities, row, strict=True)
        ]


def _at(read: Callable[[str], _Read], text: str, line: int = 0, column: int = 0) -> _Read:
    """Compile a cell; a fault becomes a TableError at its place."""
    try:
        return read(text)
    except FeelError as error:
        raise TableError(f"{text.strip()!r}: {error}", line, column) from error


def _same_row(one: Row, other: Row) -> bool:
    return all(equal(a, b) is True for a, b in zip(one, other, strict=True))


def _aggregate(aggregate: Aggregate, rows: list[Row]) -> Value:
    if aggregate is Aggregate.COUNT:
        return Decimal(len(rows))
    values = [row[0] for row in rows]
    if not values:
        return None
    result = values[0]
    for value in values[1:]:
        result = _combined(aggregate, result, value)
    return result


def _combined(aggregate: Aggregate, one: Value, other: Value) -> Value:
    if aggregate is Aggregate.SUM:
        return arithmetic("+", one, other)
    sign = "<" if aggregate is Aggregate.MIN else ">"
    verdict = compare(sign, other, one)
    return None if verdict is None else (other if verdict else one)
