"""Single steps: ends, links, what is not run, and repairs by hand."""

import pytest

from citysteward.kernel.cases.flow import effects
from citysteward.kernel.cases.flow.errors import FlowError
from tests.kernel.cases.flow.support import (
    T0,
    TERMINATE,
    begin,
    call,
    catch,
    complete,
    element,
    end,
    flows,
    gateway,
    message,
    open_tasks,
    spec,
    start,
    sub,
    task,
    throw,
    token_of,
)


def test_a_terminate_end_inside_a_sub_process_ends_only_that() -> None:
    of = spec(
        start(),
        sub(
            "p",
            start("s"),
            gateway("parallel", "g"),
            task("a"),
            task("b"),
            end("e"),
            end("stop", TERMINATE),
            flows("s g a e", "g b stop"),
        ),
        task("after"),
        end(),
        flows("start p after end"),
    )
    run = begin(of)
    complete(run, "b")
    assert open_tasks(run) == ["after"]


def test_a_message_end_sends() -> None:
    of = spec(start(), end("e", message("done")), flows("start e"), names="done")
    run = begin(of)
    assert run.effects == [effects.MessageThrown("done", "e"), effects.Finished("e")]


def test_links_jump() -> None:
    link = '<linkEventDefinition name="on"/>'
    of = spec(
        start(),
        throw("t", link),
        element("intermediateCatchEvent", "c", link),
        task("a"),
        end(),
        flows("start t", "c a end"),
    )
    assert open_tasks(begin(of)) == ["a"]


@pytest.mark.parametrize(
    "refused",
    [
        element("scriptTask", "x"),
        element("transaction", "x"),
        element("complexGateway", "x"),
        catch("x", "<conditionalEventDefinition/>"),
        throw("x", "<compensateEventDefinition/>"),
        call("x", "nowhere"),
    ],
)
def test_what_is_not_run_is_stuck_and_can_be_passed_by(refused: str) -> None:
    of = spec(start(), refused, task("a"), end(), flows("start x a end"))
    run = begin(of)
    (stuck,) = run.stuck
    assert stuck.node_id == "x"
    run.move(stuck.token, "a", now=T0)
    assert open_tasks(run) == ["a"]


def test_a_token_is_only_moved_within_its_process() -> None:
    of = spec(
        start(),
        sub("p", start("s"), task("a"), end("e"), flows("s a e")),
        task("b"),
        end(),
        flows("start p b end"),
    )
    run = begin(of)
    with pytest.raises(FlowError, match="within its own process"):
        run.move(token_of(run, "a"), "b", now=T0)
