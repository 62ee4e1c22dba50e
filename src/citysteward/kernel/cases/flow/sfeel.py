"""S-FEEL: the expression language of conditions, timers and decision tables (DMN 1.3).

Text is compiled into closures; nothing is ever evaluated as Python, there is no access to
attributes, and both the text and its nesting are bounded. Compiling raises FeelError or gives
an `Expression` (a value) or a `UnaryTest` (a cell of a decision table). Evaluating gives a
value or raises FeelError.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from citysteward.kernel.cases.flow import feel_values as values
from citysteward.kernel.cases.flow.errors import FeelError
from citysteward.kernel.cases.flow.feel_functions import FUNCTIONS, Function
from citysteward.kernel.cases.flow.feel_tokens import Kind, Token, Tokenizer
from citysteward.kernel.cases.flow.feel_values import Range, Value

Context = Mapping[str, Value]
Closure = Callable[[Context], Value]
Test = Callable[[Value, Context], bool | None]
Result = TypeVar("Result")

MAX_DEPTH = 40
KEYWORDS = frozenset(
    {"and", "or", "true", "false", "null", "not", "if", "then", "else", "in", "between"}
)
CONSTANTS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class Expression:
    """A compiled expression. names: the variables that it reads (their first part)."""

    text: str
    names: frozenset[str]
    _closure: Closure

    def evaluate(self, context: Context) -> Value:
        """The value in that context; a missing variable is null. Raises FeelError."""
        return _guarded(lambda: self._closure(context))


@dataclass(frozen=True)
class UnaryTest:
    """A compiled cell of a decision table, such as `[1..5]`, `< 3`, `"a","b"` or `-`."""

    text: str
    names: frozenset[str]
    _test: Test

    def accepts(self, value: Value, context: Context) -> bool:
        """Whether the value passes; null counts as no. Raises FeelError."""
        return _guarded(lambda: self._test(value, context)) is True


def compile_expression(
    text: str, names: Collection[str] = (), functions: Mapping[str, Function] = FUNCTIONS
) -> Expression:
    """Compile an expression. names: those that hold spaces or signs. Raises FeelError."""
    parser = _Parser(text, names, functions)
    closure = _guarded(parser.expression)
    parser.expect_end()
    return Expression(text, frozenset(parser.seen), closure)


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> Expression:
    """Like compile_expression, with plain names only; keeps what it compiled. Raises FeelError."""
    return compile_expression(text)


def compile_unary(
    text: str, names: Collection[str] = (), functions: Mapping[str, Function] = FUNCTIONS
) -> UnaryTest:
    """Compile a cell of a decision table; empty or `-` accepts anything. Raises FeelError."""
    if text.strip() in ("-", ""):
        return UnaryTest(text, frozenset(), lambda _value, _context: True)
    parser = _Parser(text, names, functions)
    test = _guarded(parser.cell)
    return UnaryTest(text, frozenset(parser.seen), test)


def compile_list(text: str, names: Collection[str] = ()) -> list[Expression]:
    """Compile a list such as `"low", "high"` into its expressions. Raises FeelError."""
    parser = _Parser(text, names, FUNCTIONS)
    closures = _guarded(lambda: parser.many(parser.expression))
    parser.expect_end()
    return [Expression(text, frozenset(), closure) for closure in closures]


def _guarded(work: Callable[[], Result]) -> Result:
    """Do the work; what Python itself refuses (depth, size) becomes a FeelError."""
    try:
        return work()
    except (RecursionError, MemoryError) as refusal:
        raise FeelError("the expression is nested too deeply") from refusal
    except (ArithmeticError, ValueError) as refusal:
        if isinstance(refusal, FeelError):
            raise
        raise FeelError(f"the expression can't be computed: {refusal}") from refusal


class _Parser:
    """Recursive descent over the tokens of one text; operator chains are loops, not nesting."""

    def __init__(
        self, text: str, names: Collection[str], functions: Mapping[str, Function]
    ) -> None:
        self._tokens = Tokenizer(names, [name for name in functions if " " in name]).cut(text)
        self._index = 0
        self._functions = functions
        self._depth = 0
        self.seen: set[str] = set()

    # Tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._token
        if token.kind is not Kind.END:
            self._index += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._token.kind in (Kind.SIGN, Kind.NAME) and self._token.text in texts

    def _eat(self, text: str) -> bool:
        found = self._is(text)
        self._index += found
        return found

    def _need(self, text: str) -> None:
        if not self._eat(text):
            raise self._surprise(f"expected {text!r}")

    def _surprise(self, wish: str) -> FeelError:
        token = self._token
        found = "the end" if token.kind is Kind.END else repr(token.text)
        return FeelError(f"{wish} but found {found} at character {token.position + 1}")

    def expect_end(self) -> None:
        """Raise FeelError unless everything was read."""
        if self._token.kind is not Kind.END:
            raise self._surprise("expected the end")

    def many(self, read: Callable[[], Result]) -> list[Result]:
        """What `read` gives, one or more times, between commas."""
        found = [read()]
        while self._eat(","):
            found.append(read())
        return found

    # Expressions, from the loosest binding to the tightest

    def expression(self) -> Closure:
        """A whole expression. Every nesting passes here, so that depth is bounded here."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeelError(f"an expression may be nested at most {MAX_DEPTH} deep")
        closure = self._disjunction()
        self._depth -= 1
        return closure

    def _disjunction(self) -> Closure:
        return self._chain("or", self._conjunction, values.logical_or)

    def _conjunction(self) -> Closure:
        return self._chain("and", self._comparison, values.logical_and)

    def _chain(
        self, word: str, operand: Callable[[], Closure], join: Callable[[Value, Value], Value]
    ) -> Closure:
        operands = [operand()]
        while self._eat(word):
            operands.append(operand())
        if len(operands) == 1:
            return operands[0]

        def closure(context: Context) -> Value:
            result = operands[0](context)
            for following in operands[1:]:
                result = join(result, following(context))
            return result

        return closure

    def _comparison(self) -> Closure:
        left = self._sum()
        if self._is(*COMPARISONS):
            sign = self._take().text
            right = self._sum()
            return lambda context: values.compare(sign, left(context), right(context))
        if self._eat("between"):
            return self._between(left)
        if self._eat("in"):
            return self._membership(left)
        return left

    def _between(self, value: Closure) -> Closure:
        low = self._sum()
        self._need("and")
        high = self._sum()
        return lambda context: Range(low(context), high(context), True, True).has(value(context))

    def _membership(self, value: Closure) -> Closure:
        if self._is("(") and not self._opens_range():
            self._index += 1
            tests = self.many(self._unary)
            self._need(")")
        else:
            tests = [self._unary()]
        return lambda context: _any_passes(tests, value(context), context)

    def _opens_range(self) -> bool:
        """Whether the bracket here opens a range such as `(1..5]`, not a list of tests."""
        nesting = 0
        for token in self._tokens[self._index + 1 :]:
            if token.kind is not Kind.SIGN:
                continue
            if nesting == 0 and token.text in ("..", ")"):
                return token.text == ".."
            nesting += (token.text in ("(", "[")) - (token.text in (")", "]"))
        return False

    def _sum(self) -> Closure:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Closure:
        return self._arithmetic(("*", "/"), self._power)

    def _power(self) -> Closure:
        return self._arithmetic(("**",), self._negation)

    def _arithmetic(self, signs: tuple[str, ...], operand: Callable[[], Closure]) -> Closure:
        first = operand()
        rest: list[tuple[str, Closure]] = []
        while self._is(*signs):
            sign = self._take().text
            rest.append((sign, operand()))
        if not rest:
            return first

        def closure(context: Context) -> Value:
            result = first(context)
            for sign, following in rest:
                result = values.arithmetic(sign, result, following(context))
            return result

        return closure

    def _negation(self) -> Closure:
        count = 0
        while self._eat("-"):
            count += 1
        operand = self._path()
        if count % 2 == 0:
            return operand
        return lambda context: values.negative(operand(context))

    def _path(self) -> Closure:
        start = self._primary()
        names: list[str] = []
        while self._eat("."):
            if self._token.kind is not Kind.NAME:
                raise self._surprise("expected a name after '.'")
            names.append(self._take().text)
        if not names:
            return start

        def closure(context: Context) -> Value:
            result = start(context)
            for name in names:
                result = values.property_of(result, name)
            return result

        return closure

    # What an expression is built from

    def _primary(self) -> Closure:
        token = self._token
        if token.kind is Kind.NUMBER:
            return _constant(values.ARITHMETIC.create_decimal(self._take().text))
        if token.kind is Kind.TEXT:
            return _constant(_unescaped(self._take().text))
        if token.kind is Kind.MOMENT:
            return self._moment()
        if token.kind is Kind.NAME:
            return self._word()
        return self._bracketed()

    def _moment(self) -> Closure:
        text = self._take().text[2:-1]
        moment = values.temporal_of(text)
        if moment is None:
            raise FeelError(f"{text!r} is neither a date, a time nor a duration")
        return _constant(moment)

    def _word(self) -> Closure:
        word = self._take().text
        if word in CONSTANTS:
            return _constant(CONSTANTS[word])
        if word == "if":
            return self._choice()
        if word in KEYWORDS and word != "not":
            self._index -= 1
            raise self._surprise("expected a value")
        if self._eat("("):
            return self._call(word)
        self.seen.add(word)
        return lambda context: values.normalise(context.get(word))

    def _choice(self) -> Closure:
        condition = self.expression()
        self._need("then")
        chosen = self.expression()
        self._need("else")
        other = self.expression()
        return lambda context: chosen(context) if condition(context) is True else other(context)

    def _call(self, name: str) -> Closure:
        function = self._functions.get(name)
        if function is None:
            raise FeelError(f"there is no function {name!r}")
        arguments = [] if self._is(")") else self.many(self.expression)
        self._need(")")

        def closure(context: Context) -> Value:
            try:
                return function(*[argument(context) for argument in arguments])
            except FeelError:
                raise
            except (TypeError, AttributeError, ValueError, ArithmeticError):
                return None

        return closure

    def _bracketed(self) -> Closure:
        if self._eat("?"):
            self.seen.add("?")
            return lambda context: context.get("?")
        if not self._is("(", "[", "]"):
            raise self._surprise("expected a value")
        opening = self._take().text
        if opening == "[" and self._eat("]"):
            return lambda _context: []
        first = self.expression()
        if self._eat(".."):
            return self._range(opening == "[", first)
        if opening == "(":
            self._need(")")
            return first
        return self._list(opening, first)

    def _range(self, low_included: bool, low: Closure) -> Closure:
        high = self.expression()
        if not self._is(")", "[", "]"):
            raise self._surprise("expected the end of the range")
        high_included = self._take().text == "]"
        return lambda context: Range(low(context), high(context), low_included, high_included)

    def _list(self, opening: str, first: Closure) -> Closure:
        if opening != "[":
            raise self._surprise("expected '..'")
        elements = [first]
        while self._eat(","):
            elements.append(self.expression())
        self._need("]")
        return lambda context: [element(context) for element in elements]

    # Cells of decision tables

    def cell(self) -> Test:
        """A whole cell: tests between commas, or not(tests)."""
        start = self._index
        if self._eat("not") and self._eat("("):
            refused = self._negated()
            if refused is not None:
                return refused
        self._index, self._depth = start, 0
        tests = self.many(self._unary)
        self.expect_end()
        return lambda value, context: _any_passes(tests, value, context)

    def _negated(self) -> Test | None:
        """not(tests) over the whole cell; None when the cell goes on, as in `not(a) or b`."""
        try:
            tests = self.many(self._unary)
            self._need(")")
            self.expect_end()
        except FeelError:
            return None
        return lambda value, context: not _any_passes(tests, value, context)

    def _unary(self) -> Test:
        if self._is(*COMPARISONS):
            sign = self._take().text
            bound = self._sum()
            return lambda value, context: values.compare(sign, value, bound(context))
        outer = "?" in self.seen
        self.seen.discard("?")
        expression = self.expression()
        asks = "?" in self.seen
        self.seen.discard("?")
        if outer:
            self.seen.add("?")
        if asks:
            return lambda value, context: _asked(expression, value, context)
        return lambda value, context: _matches(value, expression(context))


def _constant(value: Value) -> Closure:
    return lambda _context: value


def _unescaped(literal: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), literal[1:-1])


def _any_passes(tests: list[Test], value: Value, context: Context) -> bool:
    return any(test(value, context) is True for test in tests)


def _asked(expression: Closure, value: Value, context: Context) -> bool | None:
    result = expression({**context, "?": value})
    return result if isinstance(result, bool) else _matches(value, result)


def _matches(value: Value, wanted: Value) -> bool | None:
    if isinstance(wanted, Range):
        return wanted.has(value)
    if isinstance(wanted, list):
        within = any(_matches(value, one) is True for one in wanted)
        return within or values.equal(value, wanted)
    return values.equal(value, wanted)
