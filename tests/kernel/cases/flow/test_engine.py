"""What a case does on its way: the procedures of the city in small."""

import json

import pytest

from citysteward.kernel.cases.flow import effects
from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.errors import FeelError, FlowError
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.support import (
    T0,
    TERMINATE,
    Services,
    begin,
    boundary,
    catch,
    complete,
    document,
    element,
    end,
    escalation,
    flow,
    flows,
    gateway,
    hours,
    message,
    open_tasks,
    process,
    reloaded,
    rule,
    spec,
    start,
    task,
    throw,
    timer,
    token_of,
)

HANDLING = spec(
    start(),
    rule("route", "routing"),
    task("handle"),
    boundary("overdue", "handle", timer("PT4H"), interrupting=False),
    throw("warn", escalation("overdue")),
    end("warned"),
    task("check"),
    gateway("exclusive", "good", default="good-handle"),
    end(),
    flows("start route handle check good", "overdue warn warned", "good >[passed] end"),
    flow("good", "handle"),
    names="overdue",
)


def routing(variables: object) -> dict[str, str]:
    return {"organisation": "parks"}


def test_a_problem_is_routed_handled_checked_and_closed() -> None:
    run = begin(HANDLING, Services({"routing": routing}), category="tree")
    assert run.variables == {"category": "tree", "organisation": "parks"}
    complete(run, "handle", finding="fallen")
    complete(run, "check", passed=True)
    assert run.finished
    kinds = [type(effect).__name__ for effect in run.effects]
    assert kinds == [
        "DecisionMade",
        "TimerSet",
        "TaskOpened",
        "TaskDone",
        "TaskOpened",
        "TaskDone",
        "Finished",
    ]
    assert run.effects[-1] == effects.Finished("end")
    assert run.passed == ["start", "route", "handle", "check", "good", "end"]


def test_a_failed_check_sends_it_back_and_the_state_does_not_grow() -> None:
    run = begin(HANDLING)
    first = len(json.dumps(run.state))
    for _ in range(20):
        complete(run, "handle")
        complete(run, "check", passed=False)
    assert open_tasks(run) == ["handle"]
    assert len(json.dumps(run.state)) <= first + len(', "passed": false') + 10


def test_the_state_of_a_case_is_small() -> None:
    run = begin(HANDLING, category="tree", area="Roxbury", reporter="0192-77ab")
    assert len(json.dumps(run.state)) < 500


def test_an_overdue_task_escalates_once_and_stays_open() -> None:
    run = begin(HANDLING)
    assert run.next_due == hours(4)
    assert run.tick(hours(3.9)) == 0
    assert run.tick(hours(5)) == 1
    assert effects.EscalationThrown("overdue", "warn", caught=False) in run.effects
    assert open_tasks(run) == ["handle"]
    assert run.next_due is None


def test_completing_in_time_takes_the_timer_away() -> None:
    run = begin(HANDLING)
    complete(run, "handle")
    assert run.timers == []


def test_an_interrupting_timer_cancels_the_task() -> None:
    of = spec(
        start(),
        task("offer"),
        boundary("late", "offer", timer("PT1H")),
        task("reassign"),
        end(),
        flows("start offer end", "late reassign end"),
    )
    run = begin(of)
    offered = token_of(run, "offer")
    run.tick(hours(2))
    assert effects.TaskCancelled(offered, "offer") in run.effects
    assert open_tasks(run) == ["reassign"]
    assert run.tasks[0].since == hours(1)


def test_a_message_start_and_a_plain_start() -> None:
    of = spec(
        start("walk-in"),
        start("call", message("call")),
        task("a"),
        task("b"),
        end(),
        flows("walk-in a end", "call b end"),
        names="call",
    )
    assert open_tasks(begin(of)) == ["a"]
    assert open_tasks(begin(of, at="call")) == ["b"]
    with pytest.raises(FlowError, match="no start event takes the message 'letter'"):
        begin(of, at="letter")


def test_a_process_with_only_a_message_start_has_no_plain_start() -> None:
    of = spec(start("s", message("call")), end(), flows("s end"), names="call")
    with pytest.raises(FlowError, match="no plain start"):
        begin(of)


def test_departments_work_in_parallel() -> None:
    of = spec(
        start(),
        gateway("parallel", "split"),
        task("fire"),
        task("water"),
        gateway("parallel", "join"),
        task("grant"),
        end(),
        flows("start split fire join grant end", "split water join"),
    )
    run = begin(of)
    assert open_tasks(run) == ["fire", "water"]
    complete(run, "water")
    assert open_tasks(run) == ["fire"]
    complete(run, "fire")
    assert open_tasks(run) == ["grant"]


def test_a_terminate_end_takes_everything_with_it() -> None:
    of = spec(
        start(),
        gateway("parallel", "split"),
        task("a"),
        task("withdraw"),
        end(),
        end("stop", TERMINATE),
        flows("start split a end", "split withdraw stop"),
    )
    run = begin(of)
    complete(run, "withdraw")
    assert run.finished
    assert [type(effect).__name__ for effect in run.effects][-2:] == ["TaskCancelled", "Finished"]
    assert run.effects[-1] == effects.Finished("stop")


def test_a_message_is_waited_for_and_brings_variables() -> None:
    of = spec(start(), catch("wait", message("paid")), end(), flows("start wait end"), names="paid")
    run = begin(of)
    assert run.awaited_messages == {"paid"}
    assert not run.message("other", now=T0)
    assert run.message("paid", now=T0, variables={"amount": 5})
    assert run.finished
    assert run.variables == {"amount": 5}


def test_an_intermediate_timer_waits() -> None:
    of = spec(start(), catch("pause", timer("P3D")), task("a"), end(), flows("start pause a end"))
    run = begin(of)
    assert open_tasks(run) == []
    run.tick(hours(72))
    assert open_tasks(run) == ["a"]


def test_late_and_punctual_ticks_give_the_same_run() -> None:
    of = spec(
        start(),
        catch("one", timer("PT1H")),
        catch("two", timer("PT1H")),
        task("a"),
        end(),
        flows("start one two a end"),
    )
    late, punctual = begin(of), begin(of)
    late.tick(hours(10))
    punctual.tick(hours(1))
    punctual.tick(hours(2))
    assert late.state == punctual.state
    assert late.tasks[0].since == hours(2)


def test_a_timer_may_come_from_a_variable() -> None:
    of = spec(start(), catch("pause", timer("deadline")), end(), flows("start pause end"))
    assert begin(of, deadline="PT2H").next_due == hours(2)
    stuck = begin(of).stuck
    assert [one.node_id for one in stuck] == ["pause"]


def test_no_true_condition_leaves_the_token_stuck_until_it_is_retried() -> None:
    of = spec(
        start(),
        gateway("exclusive", "x"),
        task("a"),
        end(),
        flows("start x", "x >[kind = 1] a", "x >[kind = 2] end", "a end"),
    )
    run = begin(of)
    (stuck,) = run.stuck
    assert stuck.node_id == "x"
    assert not run.finished
    run = reloaded(run, of)
    run.write({"kind": 1})
    run.retry(stuck.token, now=T0)
    assert open_tasks(run) == ["a"]
    assert run.stuck == []


def test_a_decision_that_fails_leaves_the_token_stuck() -> None:
    def ambiguous(variables: object) -> dict[str, str]:
        raise FeelError("rules 2 and 3 both match")

    run = begin(HANDLING, Services({"routing": ambiguous}))
    (stuck,) = run.stuck
    assert "rules 2 and 3" in stuck.reason


def test_an_endless_procedure_is_stopped() -> None:
    of = spec(start(), gateway("exclusive", "x"), rule("r", "n"), flows("start x r x"))
    with pytest.raises(FlowError, match="without end"):
        begin(of)


def test_cancelling_all_ends_the_run() -> None:
    run = begin(HANDLING)
    run.cancel_all()
    assert run.finished
    assert isinstance(run.effects[-1], effects.TaskCancelled)
    assert run.tick(hours(9)) == 0
    assert not run.message("any", now=T0)
    again = reloaded(run, HANDLING)
    assert again.finished


def test_misuse_is_refused() -> None:
    run = begin(HANDLING)
    with pytest.raises(FlowError, match="no token"):
        run.complete("99", now=T0)
    boundary_token = run.timers[0][0]
    with pytest.raises(FlowError, match="not an open task"):
        run.complete(boundary_token, now=T0)
    with pytest.raises(FlowError, match="time zone"):
        run.complete(token_of(run, "handle"), now=T0.replace(tzinfo=None))
    with pytest.raises(FlowError, match="can't be kept"):
        run.write({"x": object()})  # type: ignore[dict-item]


def test_a_state_that_is_none_is_refused() -> None:
    for wrong in ({}, {"v": 2}, {"v": 1, "p": "P", "q": 1, "vars": {}, "t": {"a": {}}}):
        with pytest.raises(FlowError):
            Run.resume(HANDLING, Services(), wrong)


def test_roles_come_from_lanes_and_settings_reach_the_task() -> None:
    lanes = (
        '<laneSet id="ls"><lane id="l1" name="Handler" flow:role="handler">'
        "<flowNodeRef>a</flowNodeRef></lane></laneSet>"
    )
    body = process(
        lanes, start(), task("a", flow_form="finding", flow_zh="处置"), end(), flows("start a end")
    )
    run = begin(parse(document(body)))
    (opened,) = run.tasks
    assert opened.lane == "handler"
    assert opened.settings == {"form": "finding", "zh": "处置"}
    assert opened.since == T0


def test_send_and_service_tasks_go_straight_on() -> None:
    of = spec(
        start(),
        element("sendTask", "tell", messageRef="m-told"),
        element("serviceTask", "register", flow_service="register"),
        end(),
        flows("start tell register end"),
        names="told",
    )
    run = begin(of, Services({"register": lambda _: {"number": 7}}))
    assert run.finished
    assert effects.MessageThrown("told", "tell") in run.effects
    assert run.variables == {"number": 7}
