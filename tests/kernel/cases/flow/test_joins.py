"""When joins open: parallel, inclusive, and after a branch was taken away."""

from citysteward.kernel.cases.flow.joins import STARVED
from citysteward.kernel.cases.flow.model import Spec
from tests.kernel.cases.flow.support import (
    T0,
    begin,
    boundary,
    complete,
    end,
    flow,
    flows,
    gateway,
    hours,
    open_tasks,
    reloaded,
    spec,
    start,
    task,
    timer,
    token_of,
)


def both(edge: str = "") -> Spec:
    """Two departments, then the grant; `edge` may take the first one's part away."""
    return spec(
        start(),
        gateway("parallel", "split"),
        task("fire"),
        task("water"),
        edge,
        gateway("parallel", "join"),
        task("grant"),
        end(),
        end("lapsed"),
        flows("start split fire join grant end", "split water join"),
        flows("late lapsed") if edge else "",
    )


LAPSING = both(boundary("late", "fire", timer("P1D")))


def test_a_branch_taken_away_by_a_timer_starves_no_join() -> None:
    before = begin(LAPSING)
    before.tick(hours(24))
    assert open_tasks(before) == ["water"]
    complete(before, "water")
    assert open_tasks(before) == ["grant"]
    after = begin(LAPSING)
    complete(after, "water")
    after = reloaded(after, LAPSING)
    after.tick(hours(24))
    assert open_tasks(after) == ["grant"]


def test_a_branch_cancelled_by_hand_starves_no_join() -> None:
    run = begin(both())
    run.cancel(token_of(run, "fire"), now=T0)
    assert open_tasks(run) == ["water"]
    complete(run, "water")
    assert open_tasks(run) == ["grant"]


def test_a_join_still_waits_for_a_branch_that_can_come() -> None:
    of = spec(
        start(),
        gateway("parallel", "split"),
        task("a"),
        task("b"),
        task("c"),
        boundary("late", "a", timer("P1D")),
        gateway("parallel", "join"),
        task("grant"),
        end(),
        end("lapsed"),
        flows("start split a join grant end", "split b join", "split c join", "late lapsed"),
    )
    run = begin(of)
    run.tick(hours(24))
    complete(run, "b")
    assert open_tasks(run) == ["c"]
    complete(run, "c")
    assert open_tasks(run) == ["grant"]


def test_an_interruption_in_an_earlier_round_does_not_open_a_later_join_early() -> None:
    of = spec(
        start(),
        gateway("exclusive", "again"),
        gateway("parallel", "split"),
        task("a"),
        task("b"),
        boundary("late", "a", timer("P1D")),
        gateway("parallel", "join"),
        task("check"),
        gateway("exclusive", "good", default="good-again"),
        end(),
        end("lapsed"),
        flows("start again split a join check good", "split b join", "late lapsed"),
        flows("good >[ok] end"),
        flow("good", "again"),
    )
    run = begin(of)
    run.tick(hours(24))
    complete(run, "b")
    complete(run, "check", ok=False)
    assert open_tasks(run) == ["a", "b"]
    complete(run, "b")
    assert open_tasks(run) == ["a"]
    complete(run, "a")
    assert open_tasks(run) == ["check"]


def test_a_join_that_a_choice_starves_is_reported_once() -> None:
    of = spec(
        start(),
        gateway("exclusive", "x", default="x-b"),
        task("a"),
        task("b"),
        gateway("parallel", "join"),
        end(),
        flows("start x", "x >[kind = 1] a", "a join end", "b join"),
        flow("x", "b"),
    )
    run = begin(of)
    complete(run, "b")
    (stuck,) = run.stuck
    assert (stuck.node_id, stuck.reason) == ("join", STARVED)
    run = reloaded(run, of)
    run.tick(hours(1))
    assert run.effects == []
    run.move(stuck.token, "end", now=T0)
    assert run.finished


def test_rework_goes_through_the_join_again() -> None:
    of = spec(
        start(),
        gateway("exclusive", "again"),
        gateway("parallel", "split"),
        task("a"),
        task("b"),
        gateway("parallel", "join"),
        task("check"),
        gateway("exclusive", "good", default="good-again"),
        end(),
        flows("start again split a join check good", "split b join", "good >[ok] end"),
        flow("good", "again"),
    )
    run = begin(of)
    for _ in range(3):
        complete(run, "b")
        assert open_tasks(run) == ["a"]
        complete(run, "a")
        assert open_tasks(run) == ["check"]
        complete(run, "check", ok=False)
    assert open_tasks(run) == ["a", "b"]


CHOSEN = spec(
    start(),
    gateway("inclusive", "split", default="split-c"),
    task("a"),
    task("b"),
    task("c"),
    gateway("inclusive", "join"),
    task("after"),
    end(),
    flows("start split", "split >[x > 1] a", "split >[x > 2] b"),
    flow("split", "c"),
    flows("a join", "b join", "c join after end"),
)


def test_an_inclusive_gateway_opens_all_that_holds() -> None:
    assert open_tasks(begin(CHOSEN, x=3)) == ["a", "b"]
    assert open_tasks(begin(CHOSEN, x=2)) == ["a"]
    assert open_tasks(begin(CHOSEN, x=0)) == ["c"]


def test_an_inclusive_join_waits_for_all_that_was_opened() -> None:
    run = begin(CHOSEN, x=3)
    complete(run, "b")
    assert open_tasks(run) == ["a"]
    complete(run, "a")
    assert open_tasks(run) == ["after"]
    single = begin(CHOSEN, x=2)
    complete(single, "a")
    assert open_tasks(single) == ["after"]


def test_an_inclusive_join_waits_for_a_token_on_a_detour() -> None:
    of = spec(
        start(),
        gateway("parallel", "split"),
        task("a"),
        task("b"),
        gateway("exclusive", "x", default="x-join"),
        task("detour"),
        gateway("inclusive", "join"),
        task("after"),
        end(),
        flows("start split a join after end", "split b x", "x >[far] detour", "detour join"),
        flow("x", "join"),
    )
    run = begin(of)
    complete(run, "a")
    assert open_tasks(run) == ["b"]
    complete(run, "b", far=True)
    assert open_tasks(run) == ["detour"]
    complete(run, "detour")
    assert open_tasks(run) == ["after"]


def test_an_inclusive_join_opens_when_an_awaited_branch_ends_elsewhere() -> None:
    of = spec(
        start(),
        gateway("parallel", "split"),
        task("a"),
        task("b"),
        gateway("exclusive", "x", default="x-stop"),
        gateway("inclusive", "join"),
        task("after"),
        end("stop"),
        end(),
        flows("start split a join after end", "split b x", "x >[on] join"),
        flow("x", "stop"),
    )
    run = begin(of)
    complete(run, "a")
    assert open_tasks(run) == ["b"]
    complete(run, "b", on=False)
    assert open_tasks(run) == ["after"]


def test_two_tokens_on_one_flow_open_a_join_twice_not_once() -> None:
    of = spec(
        start(),
        gateway("parallel", "g"),
        task("one"),
        task("two"),
        task("other"),
        gateway("exclusive", "merge"),
        gateway("parallel", "join"),
        task("after"),
        end(),
        flows("start g one merge join after end", "g two merge", "g other join"),
    )
    run = begin(of)
    complete(run, "one")
    complete(run, "two")
    assert open_tasks(run) == ["other"]
    complete(run, "other")
    assert open_tasks(run) == ["after"]
    assert [one.reason for one in run.stuck] == [STARVED]
