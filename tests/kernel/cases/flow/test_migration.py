"""A running case on a revised procedure: deadlines stay, places stay, or it is refused."""

import pytest

from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.model import Spec
from tests.kernel.cases.flow.support import (
    Services,
    begin,
    boundary,
    complete,
    end,
    flows,
    gateway,
    hours,
    message,
    open_tasks,
    spec,
    start,
    sub,
    task,
    timer,
)


def version(*extra: str, handling: str = "handle", limit: str = "PT4H", names: str = "") -> Spec:
    return spec(
        start(),
        task(handling),
        boundary("late", handling, timer(limit), interrupting=False),
        task("check"),
        end(),
        end("told"),
        flows(f"start {handling} check end", "late told"),
        *extra,
        names=names,
    )


def migrated(run: Run, to: Spec, **renamed: str) -> Run:
    return Run.migrate(to, Services(), run.state, now=hours(3), renamed=renamed)


def test_a_deadline_stays_where_it_was() -> None:
    run = migrated(begin(version()), version(limit="PT9H"))
    assert run.next_due == hours(4)
    assert run.effects == []
    complete(run, "handle")
    assert open_tasks(run) == ["check"]


def test_the_new_steps_are_taken() -> None:
    revised = spec(
        start(),
        task("handle"),
        task("photograph"),
        task("check"),
        end(),
        flows("start handle photograph check end"),
    )
    run = migrated(begin(version()), revised)
    assert run.timers == []  # the new version has no event on the edge
    complete(run, "handle")
    assert open_tasks(run) == ["photograph"]


def test_an_event_that_is_new_on_the_edge_is_set_from_now() -> None:
    more = boundary("urgent", "handle", timer("PT2H")) + flows("urgent check")
    run = migrated(begin(version()), version(more))
    assert [due for _, due in run.timers] == [hours(4), hours(5)]
    call = boundary("called", "handle", message("call")) + flows("called check")
    assert migrated(begin(version()), version(call, names="call")).awaited_messages == {"call"}


def test_a_renamed_step_is_followed() -> None:
    run = migrated(begin(version()), version(handling="repair"), handle="repair")
    assert open_tasks(run) == ["repair"]
    assert run.next_due == hours(4)


def test_a_step_that_is_gone_is_refused_by_name() -> None:
    gone = spec(start(), task("check"), end(), flows("start check end"))
    with pytest.raises(FlowError, match="no place for what the case stands on: handle"):
        migrated(begin(version()), gone)
    inside = spec(
        start(),
        sub("p", start("s"), task("handle"), end("e"), flows("s handle e")),
        end(),
        flows("start p end"),
    )
    with pytest.raises(FlowError, match="handle"):
        migrated(begin(version()), inside)


def test_a_token_that_waits_at_a_join_needs_its_flow() -> None:
    def forked(*tasks: str) -> Spec:
        return spec(
            start(),
            gateway("parallel", "g"),
            *(task(one) for one in tasks),
            gateway("parallel", "j"),
            end(),
            flows("start g", *(f"g {one} j" for one in tasks), "j end"),
        )

    run = begin(forked("a", "b"))
    complete(run, "a")
    wider = migrated(run, forked("a", "b", "c"))
    assert open_tasks(wider) == ["b"]
    complete(wider, "b")
    assert wider.finished  # nobody began the branch that is new
    with pytest.raises(FlowError, match="j"):
        migrated(run, forked("b", "c"))
