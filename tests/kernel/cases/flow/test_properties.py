"""What holds for every procedure: nothing lost, nothing doubled, and JSON changes nothing."""

import datetime as dt
import json
from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.lint import lint
from citysteward.kernel.cases.flow.parser import parse
from citysteward.kernel.cases.flow.state import canonical, decode, encode
from tests.kernel.cases.flow.blocks import Generator
from tests.kernel.cases.flow.support import T0, Services, reloaded

KINDS = ["u", "seq", "sub", "xor", "and", "or", "loop", "timed", "edge", "aside", "many", "call"]
# Seeds, not st.randoms(): its draws shrink towards procedures of a single task.
CHANCES = st.integers(0, 10**9).map(Random)
STEPS = 40


def sound(run: Run) -> None:
    """Every tie within the state leads somewhere."""
    state = json.loads(json.dumps(run.state))
    tokens, scopes = state.get("t", {}), state.get("s", {})
    for token in tokens.values():
        assert token["s"] in scopes
        assert token.get("h", next(iter(tokens))) in tokens
    for scope in scopes.values():
        assert scope.get("t", next(iter(tokens))) in tokens
    assert run.finished == (not tokens) == (not scopes)


def values(chance: Random, names: list[str], loops: list[str], step: int) -> dict[str, Value]:
    """Any choices; loops repeat for a while, then no more."""
    found: dict[str, Value] = {name: chance.random() < 0.5 for name in names}
    found.update({name: step < STEPS and chance.random() < 0.4 for name in loops})
    return found


@settings(max_examples=120, deadline=None)
@given(CHANCES)
def test_nothing_is_lost_or_doubled_and_json_changes_nothing(chance: Random) -> None:
    made = Generator(chance, KINDS).procedure(3)
    of = parse(made.document)
    assert not [one for one in lint(of) if one.is_error]
    now = T0
    variables = values(chance, made.choices, made.loops, 0)
    run = Run.start(of, Services(), now=now, variables=variables)
    for step in range(400):
        sound(run)
        assert not run.stuck
        if run.finished:
            break
        # A sound procedure always waits for somebody, and for each task only once.
        assert run.tasks
        open_now = Counter(one.node_id for one in run.tasks if one.node_id not in made.many)
        assert all(number == 1 for number in open_now.values())
        chosen = chance.choice(run.tasks).token
        called = {name for name in made.messages if step < STEPS and chance.random() < 0.1}
        late = chance.random() < 0.2
        now += dt.timedelta(hours=chance.randint(0, 3))
        given_now = values(chance, made.choices, made.loops, step)
        copy = reloaded(run, of)
        before = len(run.effects)
        for one in (run, copy):
            one.write(given_now)  # results of one instance alone would stay with it
            if late:
                one.tick(now)
            if any(task.token == chosen for task in one.tasks):
                one.complete(chosen, now=now)
            for name in sorted(one.awaited_messages & called):
                one.message(name, now=now)
        assert copy.state == run.state
        assert copy.effects == run.effects[before:]
        assert reloaded(copy, of).state == copy.state
    assert run.finished


@settings(max_examples=60, deadline=None)
@given(CHANCES)
def test_the_state_does_not_grow_with_rework(chance: Random) -> None:
    generator = Generator(chance, ["u", "seq", "sub", "xor", "and", "or", "timed"])
    found = generator.around(generator.loop(999, generator.block(2)))
    of = parse(found.document)
    variables: dict[str, Value] = dict.fromkeys(found.choices, True)
    run = Run.start(of, Services(), now=T0, variables={**variables, "l999": True})
    shapes: dict[tuple[str, ...], object] = {}
    for _ in range(150):
        here = tuple(sorted(one.node_id for one in run.tasks))
        assert shape(run) == shapes.setdefault(here, shape(run))
        run.complete(run.tasks[0].token, now=T0)


def shape(run: Run) -> object:
    """The state without its ids, which count up."""
    state = json.loads(json.dumps(run.state))
    tokens = [(one["n"], one["p"], one.get("f"), len(one)) for one in state["t"].values()]
    scopes = [(one["e"], len(one)) for one in state["s"].values()]
    return sorted(map(str, tokens)), sorted(scopes), state["vars"]


@settings(max_examples=60, deadline=None)
@given(CHANCES, st.lists(st.integers(0, 20), max_size=6))
def test_how_often_the_clock_ticks_changes_nothing(chance: Random, ticks: list[int]) -> None:
    made = Generator(chance, ["timed", "seq", "and", "sub"]).procedure(3)
    of = parse(made.document)
    once, often = (Run.start(of, Services(), now=T0) for _ in range(2))
    last = T0 + dt.timedelta(hours=30)
    for hour in sorted(ticks):
        often.tick(T0 + dt.timedelta(hours=hour))
    often.tick(last)
    once.tick(last)
    assert often.state == once.state
    assert often.effects == once.effects


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.times()
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "@date", "@map", "@x", "键"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
def test_variables_come_back_as_they_went(value: Value) -> None:
    kept = canonical(value)
    assert kept == value
    assert decode(json.loads(json.dumps(encode(kept)))) == kept
    assert canonical(kept) == kept


@given(st.dictionaries(st.text(max_size=3), st.none() | st.integers() | st.text(max_size=3)))
def test_any_mapping_is_a_state_or_a_flow_error(wrong: dict[str, object]) -> None:
    of = parse(Generator(Random(1), ["u"]).procedure(1).document)  # noqa: S311
    for state in (wrong, {"v": 1, "p": "P", "q": 1, "vars": {}, "t": wrong}):
        try:
            Run.resume(of, Services(), state).tick(T0)
        except FlowError:
            continue
