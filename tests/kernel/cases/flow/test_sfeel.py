"""S-FEEL: what expressions mean, and that no text can do anything else."""

import contextlib
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citysteward.kernel.cases.flow.errors import FeelError
from citysteward.kernel.cases.flow.feel_functions import FUNCTIONS
from citysteward.kernel.cases.flow.feel_values import Months, Value
from citysteward.kernel.cases.flow.sfeel import (
    compile_condition,
    compile_expression,
    compile_list,
    compile_unary,
)

CONTEXT: dict[str, Value] = {
    "a": 3,
    "half": 0.5,
    "name": "Roxbury",
    "on": True,
    "off": False,
    "day": dt.date(2026, 1, 31),
    "moment": dt.datetime(2026, 1, 31, 8, 30, tzinfo=dt.UTC),
    "place": {"area": "北区", "code": [1, 2]},
    "many": [3, 1, 2],
    "none": None,
}


def value(text: str) -> Value:
    return compile_expression(text).evaluate(CONTEXT)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("- -a", 3),
        ("0.1 + 0.2", Decimal("0.3")),
        (".5 + half", 1),
        ("1e3", 1000),
        ("1 / 0", None),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        ('"a" + "b"', "ab"),
        (r'"say \"hi\"\n"', 'say "hi"\n'),
        ('"a" + 1', None),
        ("true + 1", None),
        ("a = 3", True),
        ('a = "3"', None),
        ("on = 1", None),
        ("none = null", True),
        ("a != null", True),
        ("missing", None),
        ("missing = null", True),
        ("missing > 3", None),
        ('name < "S"', True),
        ("a > 2 and a <= 3", True),
        ("off and missing", False),
        ("on or missing", True),
        ("on and missing", None),
        ("not(on)", False),
        ("not(missing)", None),
        ("a between 1 and 3", True),
        ("a in [1..3)", False),
        ("a in (2..3]", True),
        ("a in ]2..3]", True),
        ("a in (1, 2, > 2)", True),
        ("a in ([7..9], 3)", True),
        ("a in (many)", True),
        ('name in ("Downtown", "Roxbury")', True),
        ('if a > 2 then "y" else "n"', "y"),
        ('if missing then "y" else "n"', "n"),
        ("place.area", "北区"),
        ("place.area.x", None),
        ("[1, a, []]", [1, 3, []]),
        ("[1] = [1]", True),
        ("[true] = [1]", False),
        ("count(many)", 3),
        ("sum(many)", 6),
        ("sum([])", None),
        ("min(many)", 1),
        ("max(1, 5, 3)", 5),
        ("mean(many)", 2),
        ('max(1, "x")', None),
        ("abs(-3)", 3),
        ("floor(1.5)", 1),
        ("ceiling(-1.5)", -1),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("floor(17.5, -1)", 10),
        ("modulo(-5, 3)", 1),
        ("modulo(5, 0)", None),
        ('contains(name, "ox")', True),
        ('starts with(name, "Rox")', True),
        ('ends with(name, "Rox")', False),
        ("string length(name)", 7),
        ('substring("abcd", 2, 2)', "bc"),
        ('substring("abcd", -2)', "cd"),
        ("upper case(name)", "ROXBURY"),
        ('number("1.5") + 1', Decimal("2.5")),
        ('number("x")', None),
        ("string(1.50)", "1.50"),
        ("string(on)", "true"),
        ("list contains(many, 2)", True),
        ("list contains(many, true)", False),
        ("all(on, off)", False),
        ("any(on, off)", True),
        ("abs()", None),
        ("abs(1, 2)", None),
        ('day + duration("P1M")', dt.date(2026, 2, 28)),
        ('@"2026-01-31" = day', True),
        ('date("2026-02-03") - day', dt.timedelta(days=3)),
        ('moment + @"PT30M"', dt.datetime(2026, 1, 31, 9, 0, tzinfo=dt.UTC)),
        ("date(moment) = day", True),
        ("date(2026, 13, 1)", None),
        ('date and time("2026-01-31T08:30:00+00:00") = moment', True),
        ('date and time("2026-01-31T08:30:00") > moment', None),
        ('time("08:30:00") < time("09:00:00")', True),
        ('duration("P1Y2M")', Months(14)),
        ('duration("P1D") * 2', dt.timedelta(days=2)),
        ('duration("P1D") / 0', None),
        ('-duration("PT1H")', dt.timedelta(hours=-1)),
        ('duration("P2DT3H").hours', 3),
        ("day.year + day.month", 2027),
        ("day.weekday", 6),
        ('date("9999-12-31") + duration("P1D")', None),
        ("2 ** 99999", None),
        ("10 ** 6144 * 10", None),
    ],
)
def test_expressions(text: str, result: Value) -> None:
    found = value(text)
    assert found == result
    assert type(found) is type(result) or isinstance(found, Decimal)


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("-", [1, None, "x"], []),
        ("", [1, None, "x"], []),
        ("< 3", [2, -1], [3, "2", None]),
        ("[1..3]", [1, 2, 3], [0, 4, None, True]),
        ("]1..3[", [2], [1, 3]),
        ("(1..3)", [2], [1, 3]),
        ('"a", "b"', ["a", "b"], ["c", None]),
        ('not("a", "b")', ["c", None], ["a", "b"]),
        ("not(< 3)", [3], [2]),
        ("null", [None], [0, ""]),
        ("not(null)", [0, ""], [None]),
        ("true", [True], [1, False]),
        ("? > 1 and ? < 3", [2], [1, 3]),
        ("not(? > 3)", [2], [4]),
        ('contains(?, "o")', ["foo"], ["bar"]),
        ("limit", [5], [4]),
        ("<= limit + 1", [6], [7]),
        ("[3, 5]", [3, 5], [4]),
        ("[1..2], 7", [1, 7], [6]),
        ('@"2026-01-01"', [dt.date(2026, 1, 1)], [dt.date(2026, 1, 2), "2026-01-01"]),
    ],
)
def test_unary_tests(text: str, accepted: list[Value], refused: list[Value]) -> None:
    def norm(one: Value) -> Value:
        return Decimal(one) if isinstance(one, int) and not isinstance(one, bool) else one

    test = compile_unary(text)
    context: dict[str, Value] = {"limit": 5}
    assert all(test.accepts(norm(one), context) for one in accepted)
    assert not any(test.accepts(norm(one), context) for one in refused)


def test_names_with_spaces_and_signs() -> None:
    names = ["Approval Status", "Approved/Declined", "Approval"]
    expression = compile_expression("Approval Status = Approved/Declined", names)
    assert expression.evaluate({"Approval Status": "x", "Approved/Declined": "x"}) is True
    assert expression.names == {"Approval Status", "Approved/Declined"}
    assert compile_expression("Approval").evaluate({"Approval": 1}) == 1


def test_the_names_that_an_expression_reads_are_known() -> None:
    assert compile_expression("a.b + max(c, 1)").names == {"a", "c"}
    assert compile_unary("? > limit").names == {"limit"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a value but found the end at character 1"),
        ("1 +", "found the end at character 4"),
        ("a b", "expected the end but found 'b'"),
        ("a $ b", "can't be read"),
        ('"open', "can't be read"),
        ("f(1)", "no function 'f'"),
        ("a.", "expected a name"),
        ("a.1", "expected the end"),
        ("if a then b", "expected 'else'"),
        ("[1, 2", r"expected '\]'"),
        ("]1, 2]", r"expected '\.\.'"),
        ("and", "expected a value but found 'and'"),
        ('@"tomorrow"', "neither a date"),
        ('@"2026-02-30"', "neither a date"),
        ("(" * 50 + "1" + ")" * 50, "nested at most"),
        ("+".join(["1"] * 3000), "at most 4000 characters"),
        ("__import__('os')", "can't be read"),
        ("().__class__", "expected a value"),
    ],
)
def test_faulty_expressions_are_refused(text: str, message: str) -> None:
    with pytest.raises(FeelError, match=message):
        compile_expression(text)


def test_attributes_of_values_are_out_of_reach() -> None:
    for text in ("a.__class__", "name.upper", "many.append", "day.today", "place.items"):
        assert value(text) is None


def test_long_chains_are_no_nesting() -> None:
    assert compile_expression("+".join(["1"] * 1900)).evaluate({}) == 1900
    assert compile_expression(" or ".join(["false"] * 400)).evaluate({}) is False
    assert compile_expression("-" * 1001 + "1").evaluate({}) == -1


def test_values_that_are_no_values_are_refused() -> None:
    endless: list[Value] = []
    endless.append(endless)
    for wrong in (float("nan"), object(), endless, {1: object()}):
        with pytest.raises(FeelError):
            compile_expression("x").evaluate({"x": wrong})  # type: ignore[dict-item]


def test_conditions_are_compiled_once() -> None:
    assert compile_condition("a = 1") is compile_condition("a = 1")


def test_lists() -> None:
    assert [one.evaluate({}) for one in compile_list('"high", "a,b", 3')] == ["high", "a,b", 3]


WORDS = "and or not if then else in between true null a day moment place many missing 区"
SIGNS = "( ) [ ] .. , ? . - + * / ** < >= = != 1..2 1 0 1.5 1e999 99999"
LITERALS = ('"x"', '""', '@"P1D"', '@"P9Y"', '@"2026-01-01"', '"2026-01-01"', '"P1D"', "\n")
pieces = st.sampled_from([*FUNCTIONS, *WORDS.split(), *SIGNS.split(), *LITERALS])


def survives(text: str) -> None:
    for build in (compile_expression, compile_list):
        with contextlib.suppress(FeelError):
            made = build(text)
            for one in made if isinstance(made, list) else [made]:
                one.evaluate(CONTEXT)
    with contextlib.suppress(FeelError):
        compile_unary(text).accepts("x", CONTEXT)


@given(st.text(max_size=60))
def test_any_text_compiles_and_runs_or_raises_feel_error(text: str) -> None:
    survives(text)


@settings(max_examples=400)
@given(st.lists(pieces, max_size=25).map(" ".join))
def test_any_words_compile_and_run_or_raise_feel_error(text: str) -> None:
    survives(text)


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> tuple[str, Decimal | None]:
    """An arithmetic expression and its value, computed here independently."""
    if depth == 0 or draw(st.booleans()):
        number = draw(st.integers(-99, 99))
        return str(number), Decimal(number)
    left, right = draw(sums(depth - 1)), draw(sums(depth - 1))
    sign = draw(st.sampled_from("+-*"))
    text = f"({left[0]}) {sign} ({right[0]})"
    if left[1] is None or right[1] is None:
        return text, None
    return text, {"+": left[1] + right[1], "-": left[1] - right[1], "*": left[1] * right[1]}[sign]


@given(sums())
def test_arithmetic_is_exact(pair: tuple[str, Decimal | None]) -> None:
    text, expected = pair
    assert compile_expression(text).evaluate({}) == expected


@given(st.integers(), st.integers(), st.integers(), st.booleans(), st.booleans())
def test_ranges_hold_what_they_should(
    low: int, high: int, number: int, low_in: bool, high_in: bool
) -> None:
    text = f"{'[' if low_in else '('}{low}..{high}{']' if high_in else ')'}"
    inside = (low <= number if low_in else low < number) and (
        number <= high if high_in else number < high
    )
    if max(abs(low), abs(high), abs(number)) < 10**30:
        assert compile_unary(text).accepts(Decimal(number), {}) is inside
