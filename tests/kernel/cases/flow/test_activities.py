"""Sub-processes, called processes, and several instances of one activity."""

import json

import pytest

from citysteward.kernel.cases.flow import effects
from citysteward.kernel.cases.flow.errors import FlowError
from citysteward.kernel.cases.flow.feel_values import Value
from citysteward.kernel.cases.flow.model import Spec
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.support import (
    T0,
    begin,
    boundary,
    call,
    complete,
    document,
    end,
    flows,
    hours,
    open_tasks,
    process,
    reloaded,
    spec,
    start,
    sub,
    task,
    timer,
)

DEPARTMENTS = ["fire", "water", "roads"]


def opinions(*, sequential: bool = False, completion: str = "", number: str = "") -> Spec:
    """Each department gives its opinion."""
    attributes = (
        ' flow:collection="departments" flow:element="department"' if not number else ""
    ) + ' flow:results="opinions" flow:result="opinion"'
    inside = f"<loopCardinality>{number}</loopCardinality>" if number else ""
    inside += f"<completionCondition>{completion}</completionCondition>" if completion else ""
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"{attributes}>'
        f"{inside}</multiInstanceLoopCharacteristics>"
    )
    return spec(
        start(),
        task("give", loop),
        boundary("late", "give", timer("P1D")),
        task("decide"),
        end(),
        flows("start give decide end", "late decide"),
    )


def test_variables_are_one_record_through_sub_processes_and_calls() -> None:
    inner = process(start("s2"), task("b"), end("e2"), flows("s2 b e2"), identity="Q")
    outer = process(
        start(),
        sub("p", start("s1"), task("a"), end("e1"), flows("s1 a e1")),
        call("c", "Q"),
        task("last"),
        end(),
        flows("start p c last end"),
    )
    of = parse(document(outer), document(inner))
    run = begin(of, given=1)
    complete(run, "a", from_a=2)
    run = reloaded(run, of)
    complete(run, "b", from_b=3)
    assert open_tasks(run) == ["last"]
    assert run.variables == {"given": 1, "from_a": 2, "from_b": 3}


def test_a_process_that_calls_itself_without_end_is_stopped() -> None:
    of = parse(document(process(start(), call("c", "P"), end(), flows("start c end"))))
    with pytest.raises(FlowError, match="without end"):
        begin(of)


def test_departments_are_heard_in_parallel_and_their_opinions_collected() -> None:
    of = opinions()
    run = begin(of, departments=DEPARTMENTS)
    assert open_tasks(run) == ["give"] * 3
    for found in reversed(run.tasks):
        run.complete(found.token, now=T0, variables={"opinion": f"by {found.token}"})
        run = reloaded(run, of)
    assert open_tasks(run) == ["decide"]
    collected = run.variables["opinions"]
    assert isinstance(collected, list)
    assert collected == sorted(collected, key=lambda one: int(str(one)[3:]))
    assert set(run.variables) == {"departments", "opinions"}


def test_one_after_the_other() -> None:
    of = opinions(sequential=True)
    run = begin(of, departments=DEPARTMENTS)
    heard: list[Value] = []
    for name in DEPARTMENTS:
        (found,) = run.tasks
        run.complete(found.token, now=T0, variables={"opinion": name})
        run = reloaded(run, of)
        heard.append(name)
    assert run.variables["opinions"] == heard
    assert open_tasks(run) == ["decide"]


def test_enough_opinions_cancel_the_rest() -> None:
    of = opinions(completion="nrOfCompletedInstances >= 2")
    run = begin(of, departments=DEPARTMENTS)
    for found in run.tasks[:2]:
        run.complete(found.token, now=T0, variables={"opinion": "yes"})
    assert open_tasks(run) == ["decide"]
    assert run.variables["opinions"] == ["yes", "yes", None]
    cancelled = [one for one in run.effects if isinstance(one, effects.TaskCancelled)]
    assert len(cancelled) == 1


def test_a_condition_may_ask_for_the_opinions_so_far() -> None:
    of = opinions(completion='list contains(opinions, "no")')
    run = begin(of, departments=DEPARTMENTS)
    first, second, _ = run.tasks
    run.complete(first.token, now=T0, variables={"opinion": "yes"})
    assert len(run.tasks) == 2
    run.complete(second.token, now=T0, variables={"opinion": "no"})
    assert open_tasks(run) == ["decide"]


def test_so_many_times() -> None:
    assert open_tasks(begin(opinions(number="copies + 1"), copies=2)) == ["give"] * 3
    assert open_tasks(begin(opinions(number="0"))) == ["decide"]
    assert open_tasks(begin(opinions(), departments=[])) == ["decide"]


@pytest.mark.parametrize(
    ("of", "variables"),
    [
        (opinions(), {"departments": "fire"}),
        (opinions(), {}),
        (opinions(number="-1"), {}),
        (opinions(number="1.5"), {}),
        (opinions(number='"x"'), {}),
        (opinions(number="100000"), {}),
        (opinions(), {"departments": list(range(1001))}),
    ],
)
def test_a_wrong_number_is_stuck_and_can_be_repaired(of: Spec, variables: dict[str, Value]) -> None:
    run = begin(of, None, None, **variables)
    (stuck,) = run.stuck
    assert stuck.node_id == "give"
    assert not run.tasks


def test_a_repaired_number_goes_on() -> None:
    run = begin(opinions())
    run.write({"departments": DEPARTMENTS})
    run.retry(run.stuck[0].token, now=T0)
    assert open_tasks(run) == ["give"] * 3
    assert len(run.timers) == 1


def test_a_timer_on_the_edge_covers_all_instances() -> None:
    run = begin(opinions(), departments=DEPARTMENTS)
    assert len(run.timers) == 1
    run.tick(hours(24))
    assert open_tasks(run) == ["decide"]
    assert run.timers == []


def test_instances_of_a_sub_process_see_their_own_element() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics flow:collection="departments" flow:element="department"'
        ' flow:results="all" flow:result="answer"/>'
    )
    of = spec(
        start(),
        sub(
            "each",
            loop,
            start("s"),
            task("ask"),
            task("note"),
            end("e"),
            flows("s ask", 'ask >[department = "fire"] note', "note e"),
            '<sequenceFlow id="skip" sourceRef="ask" targetRef="e">'
            '<conditionExpression>department != "fire"</conditionExpression></sequenceFlow>',
        ),
        end(),
        flows("start each end"),
    )
    run = begin(of, departments=["fire", "water"])
    for found in run.tasks:
        run.complete(found.token, now=T0, variables={"answer": found.token})
    run = reloaded(run, of)
    assert open_tasks(run) == ["note"]
    complete(run, "note", answer="noted")
    assert run.finished
    answers = run.variables["all"]
    assert isinstance(answers, list)
    assert answers[0] == "noted"
    assert "answer" not in run.variables


def test_the_state_of_many_instances_stays_readable_json() -> None:
    run = begin(opinions(), departments=DEPARTMENTS)
    assert len(json.dumps(run.state)) < 1000
