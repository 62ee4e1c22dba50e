"""Hit policies, aggregates, explanations, and the promises that `decide` makes to procedures."""

from decimal import Decimal

import pytest

from citysteward.kernel.cases.flow.errors import FeelError, TableError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.tables import (
    Aggregate,
    DecisionTable,
    HitPolicy,
    Input,
    Output,
    Rule,
)


def days(hit: HitPolicy, aggregate: Aggregate = Aggregate.LIST, default: str = "") -> DecisionTable:
    """Days for a score: over 0 → 5, over 10 → 3, over 20 → 8."""
    return DecisionTable(
        "days",
        [Input("score")],
        [Output("days", values="3, 5, 8", default=default)],
        [
            Rule(("> 0",), ("5",), line=2, note="always"),
            Rule(("> 10",), ("3",), line=3),
            Rule(("> 20",), ("8",), line=4),
        ],
        hit=hit,
        aggregate=aggregate,
    )


@pytest.mark.parametrize(
    ("hit", "aggregate", "answer"),
    [
        (HitPolicy.UNIQUE, Aggregate.LIST, None),
        (HitPolicy.ANY, Aggregate.LIST, None),
        (HitPolicy.FIRST, Aggregate.LIST, 5),
        (HitPolicy.PRIORITY, Aggregate.LIST, 3),
        (HitPolicy.RULE_ORDER, Aggregate.LIST, [5, 3, 8]),
        (HitPolicy.OUTPUT_ORDER, Aggregate.LIST, [3, 5, 8]),
        (HitPolicy.COLLECT, Aggregate.LIST, [5, 3, 8]),
        (HitPolicy.COLLECT, Aggregate.SUM, 16),
        (HitPolicy.COLLECT, Aggregate.MIN, 3),
        (HitPolicy.COLLECT, Aggregate.MAX, 8),
        (HitPolicy.COLLECT, Aggregate.COUNT, 3),
    ],
)
def test_each_hit_policy(hit: HitPolicy, aggregate: Aggregate, answer: Value) -> None:
    assert days(hit, aggregate).run({"score": 25}) == answer


@pytest.mark.parametrize(
    ("hit", "aggregate", "answer"),
    [
        (HitPolicy.UNIQUE, Aggregate.LIST, None),
        (HitPolicy.RULE_ORDER, Aggregate.LIST, []),
        (HitPolicy.COLLECT, Aggregate.SUM, None),
        (HitPolicy.COLLECT, Aggregate.COUNT, 0),
    ],
)
def test_no_rule_matches(hit: HitPolicy, aggregate: Aggregate, answer: Value) -> None:
    assert days(hit, aggregate).run({"score": 0}) == answer


def test_a_default_answers_when_no_rule_does() -> None:
    assert days(HitPolicy.UNIQUE, default="30").decide({"score": 0}) == {"days": 30}


def test_decide_names_the_rules_that_break_the_policy() -> None:
    with pytest.raises(FeelError, match=r"rules 1 \(line 2\) and 2 \(line 3\) all match"):
        days(HitPolicy.UNIQUE).decide({"score": 15})
    with pytest.raises(FeelError, match="different results"):
        days(HitPolicy.ANY).decide({"score": 15})
    assert days(HitPolicy.UNIQUE).decide({"score": 5}) == {"days": Decimal(5)}


def test_decide_always_gives_every_output() -> None:
    table = DecisionTable(
        "routing",
        [Input("category")],
        [Output("organisation"), Output("days")],
        [Rule(('"tree"',), ('"parks"', "3")), Rule(("-",), ('"works"', ""))],
        hit=HitPolicy.COLLECT,
    )
    assert table.decide({"category": "tree"}) == {
        "organisation": ["parks", "works"],
        "days": [3, None],
    }
    first = DecisionTable("r", table.inputs, table.outputs, table.rules[:1])
    assert first.decide({"category": "x"}) == {"organisation": None, "days": None}


def test_explain_says_which_rules_matched() -> None:
    explanation = days(HitPolicy.FIRST).explain({"score": 15})
    assert explanation.inputs == {"score": 15}
    assert [(one.rule, one.line, one.note) for one in explanation.matched] == [(1, 2, "always")]
    assert explanation.result == 5
    ambiguous = days(HitPolicy.UNIQUE).explain({"score": 15})
    assert [one.rule for one in ambiguous.matched] == [1, 2]
    assert ambiguous.result is None


def test_values_that_are_not_allowed_match_nothing() -> None:
    table = DecisionTable(
        "t", [Input("kind", allowed='"a", "b"')], [Output("x")], [Rule(("-",), ("1",))]
    )
    assert table.run({"kind": "a"}) == 1
    assert table.run({"kind": "z"}) is None


def test_the_variables_of_a_table_are_known() -> None:
    table = DecisionTable(
        "t", [Input("case.area")], [Output("x")], [Rule(("= home",), ("days + 1",))]
    )
    assert table.variables == {"case", "home", "days"}


@pytest.mark.parametrize(
    ("inputs", "outputs", "rules", "words", "message"),
    [
        ([], [Output("x")], [], {}, "at least one input"),
        ([Input("a")], [Output("x"), Output("x")], [], {}, "same name"),
        ([Input("a")], [Output("x")], [Rule((), ("1",), line=7)], {}, "line 7"),
        ([Input("a")], [Output("x")], [Rule(("<",), ("1",), line=3)], {}, "line 3: '<'"),
        ([Input("a")], [Output("x")], [], {"hit": HitPolicy.PRIORITY}, "needs the values"),
        (
            [Input("a")],
            [Output("x"), Output("y")],
            [],
            {"hit": HitPolicy.COLLECT, "aggregate": Aggregate.SUM},
            "one output",
        ),
    ],
)
def test_faulty_tables_are_refused(
    inputs: list[Input],
    outputs: list[Output],
    rules: list[Rule],
    words: dict[str, HitPolicy],
    message: str,
) -> None:
    with pytest.raises(TableError, match=message):
        DecisionTable("t", inputs, outputs, rules, **words)  # type: ignore[arg-type]
