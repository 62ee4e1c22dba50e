"""Events on edges, in sub-processes and from outside: who catches, what is interrupted."""

from citysteward.kernel.cases.flow import effects
from citysteward.kernel.cases.flow.engine import Run
from citysteward.kernel.cases.flow.parser import parse
from tests.kernel.cases.flow.support import (
    T0,
    TERMINATE,
    begin,
    boundary,
    call,
    catch,
    complete,
    document,
    element,
    end,
    error,
    escalation,
    flows,
    gateway,
    hours,
    message,
    open_tasks,
    process,
    reloaded,
    signal,
    spec,
    start,
    sub,
    task,
    throw,
    timer,
    token_of,
)


def kinds(run: Run) -> list[str]:
    return [type(effect).__name__ for effect in run.effects]


def handler(identity: str, event: str, *inside: str, interrupting: bool) -> str:
    """An event sub-process: start `s-<id>`, then what is inside."""
    first = start(f"s-{identity}", event, isInterrupting="true" if interrupting else "false")
    return sub(identity, first, *inside, triggeredByEvent="true")


# Timers on the edge


def test_a_repeating_timer_reminds_until_the_task_is_done() -> None:
    of = spec(
        start(),
        task("a"),
        boundary("remind", "a", timer("R3/PT1H", "timeCycle"), interrupting=False),
        task("call"),
        end(),
        end("called"),
        flows("start a end", "remind call called"),
    )
    run = begin(of)
    run.tick(hours(1))
    run = reloaded(run, of)
    assert run.next_due == hours(2)
    run.tick(hours(10))
    assert open_tasks(run) == ["a", "call", "call", "call"]
    assert run.next_due is None
    forever = begin(
        spec(
            start(),
            task("a"),
            boundary("remind", "a", timer("R/PT1H", "timeCycle"), interrupting=False),
            end(),
            flows("start a end"),
        )
    )
    assert forever.tick(hours(50)) == 50
    complete(forever, "a")
    assert forever.finished


def test_a_tick_fires_at_most_a_hundred_timers() -> None:
    of = spec(
        start(),
        task("a"),
        boundary("remind", "a", timer("R/PT1M", "timeCycle"), interrupting=False),
        end(),
        flows("start a end"),
    )
    run = begin(of)
    assert run.tick(hours(2)) == 100
    assert run.tick(hours(2)) == 20
    assert run.tick(hours(2)) == 0


def test_of_two_timers_the_earlier_fires_first() -> None:
    of = spec(
        start(),
        task("a"),
        boundary("amber", "a", timer("PT3H"), interrupting=False),
        boundary("red", "a", timer("PT2H")),
        task("b"),
        task("c"),
        end(),
        flows("start a end", "amber b end", "red c end"),
    )
    run = begin(of)
    run.tick(hours(9))
    assert open_tasks(run) == ["c"]
    assert kinds(run).count("TimerFired") == 1


def test_a_timer_that_says_nonsense_is_stuck_but_the_task_goes_on() -> None:
    of = spec(
        start(), task("a"), boundary("t", "a", timer("deadline")), end(), flows("start a end")
    )
    run = begin(of)
    assert [one.node_id for one in run.stuck] == ["t"]
    run.write({"deadline": "PT1H"})
    run.retry(run.stuck[0].token, now=T0)
    assert run.next_due == hours(1)
    complete(run, "a")
    assert run.finished


# Escalations and errors


def test_an_escalation_is_caught_on_the_edge_without_interrupting() -> None:
    of = spec(
        start(),
        sub(
            "p", start("s"), throw("up", escalation("late")), task("a"), end("e"), flows("s up a e")
        ),
        boundary("edge", "p", escalation("late"), interrupting=False),
        task("chief"),
        end(),
        flows("start p end", "edge chief end"),
        names="late",
    )
    run = begin(of)
    assert open_tasks(run) == ["a", "chief"]
    assert effects.EscalationThrown("late", "up", caught=True) in run.effects


def test_an_interrupting_escalation_ends_the_sub_process() -> None:
    of = spec(
        start(),
        sub(
            "p",
            start("s"),
            gateway("parallel", "g"),
            task("a"),
            throw("up", escalation("late")),
            task("never"),
            end("e"),
            flows("s g a e", "g up never e"),
        ),
        boundary("edge", "p", escalation()),
        task("chief"),
        end(),
        flows("start p end", "edge chief end"),
        names="late",
    )
    run = begin(of)
    assert open_tasks(run) == ["chief"]
    assert "TaskCancelled" in kinds(run)


def test_who_names_the_code_goes_before_who_takes_any() -> None:
    of = spec(
        start(),
        sub("p", start("s"), end("e", escalation("late")), flows("s e")),
        boundary("any", "p", escalation(), interrupting=False),
        boundary("late", "p", escalation("late"), interrupting=False),
        task("a"),
        task("b"),
        end(),
        flows("start p end", "any a end", "late b end"),
        names="late",
    )
    assert open_tasks(begin(of)) == ["b"]


def test_an_escalation_passes_a_called_process_and_reaches_its_caller() -> None:
    inner = process(
        start("s"), throw("up", escalation("x")), end("e"), flows("s up e"), identity="Q"
    )
    outer = process(
        start(),
        call("c", "Q"),
        boundary("edge", "c", escalation("x"), interrupting=False),
        task("told"),
        end(),
        flows("start c end", "edge told end"),
    )
    run = begin(parse(document(outer, inner, names="x")))
    assert open_tasks(run) == ["told"]


def test_an_error_is_caught_further_out_and_ends_all_between() -> None:
    of = spec(
        start(),
        sub(
            "outer",
            start("s1"),
            gateway("parallel", "g"),
            task("beside"),
            sub("inner", start("s2"), end("fail", error("broken")), flows("s2 fail")),
            end("e1"),
            flows("s1 g beside e1", "g inner e1"),
        ),
        boundary("edge", "outer", error("broken")),
        task("repair"),
        end(),
        flows("start outer end", "edge repair end"),
        names="broken",
    )
    run = begin(of)
    assert open_tasks(run) == ["repair"]
    assert effects.ErrorThrown("broken", "fail", caught=True) in run.effects


def test_an_error_that_nothing_catches_is_no_end() -> None:
    of = spec(start(), end("fail", error("broken")), flows("start fail"), names="broken")
    run = begin(of)
    assert not run.finished
    assert run.stuck[0].reason == "nothing catches the error broken"
    assert kinds(run) == ["ErrorThrown", "Stuck"]


def test_somebody_escalates_or_fails_an_open_task() -> None:
    of = spec(
        start(),
        task("a"),
        boundary("up", "a", escalation("help"), interrupting=False),
        boundary("no", "a", error("impossible")),
        task("chief"),
        task("other"),
        end(),
        flows("start a end", "up chief end", "no other end"),
        names="help impossible",
    )
    run = begin(of)
    assert run.escalate(token_of(run, "a"), "help", now=T0)
    assert not run.escalate(token_of(run, "a"), "unknown", now=T0)
    assert open_tasks(run) == ["a", "chief"]
    assert run.fail(token_of(run, "a"), "impossible", now=T0)
    assert open_tasks(run) == ["chief", "other"]


# Messages and signals


def test_a_message_on_the_edge_may_come_again_when_it_does_not_interrupt() -> None:
    of = spec(
        start(),
        task("a"),
        boundary("more", "a", message("more"), interrupting=False),
        boundary("withdrawn", "a", message("withdrawn")),
        task("read"),
        end(),
        end("gone", TERMINATE),
        flows("start a end", "more read end", "withdrawn gone"),
        names="more withdrawn",
    )
    run = begin(of)
    run.message("more", now=T0, variables={"text": "one"})
    run.message("more", now=T0, variables={"text": "two"})
    assert open_tasks(run) == ["a", "read", "read"]
    run.message("withdrawn", now=T0)
    assert run.finished
    assert kinds(run).count("TaskCancelled") == 3


def test_the_first_event_behind_an_event_gateway_wins() -> None:
    of = spec(
        start(),
        gateway("eventBased", "g"),
        catch("answer", message("answer")),
        catch("late", timer("P3D")),
        element("receiveTask", "letter", messageRef="m-letter"),
        task("a"),
        task("b"),
        end(),
        flows("start g answer a end", "g late b end", "g letter a"),
        names="answer letter",
    )
    run = begin(of)
    assert run.awaited_messages == {"answer", "letter"}
    answered = reloaded(run, of)
    answered.message("letter", now=T0)
    assert open_tasks(answered) == ["a"]
    assert answered.timers == []
    assert answered.awaited_messages == set()
    run.tick(hours(72))
    assert open_tasks(run) == ["b"]


def test_a_signal_reaches_all_that_wait_for_it() -> None:
    of = spec(
        start(),
        gateway("parallel", "g"),
        catch("one", signal("storm")),
        catch("two", signal("storm")),
        task("a"),
        task("b"),
        task("c"),
        throw("call", signal("storm")),
        end(),
        flows("start g one a end", "g two b end", "g c call end"),
        names="storm",
    )
    run = begin(of)
    outside = reloaded(run, of)
    assert outside.signal("storm", now=T0)
    assert open_tasks(outside) == ["a", "b", "c"]
    assert not outside.signal("storm", now=T0)
    complete(run, "c")
    assert open_tasks(run) == ["a", "b"]
    assert effects.SignalThrown("storm", "call") in run.effects


def test_a_receive_task_waits_for_its_message() -> None:
    of = spec(
        start(),
        element("receiveTask", "r", messageRef="m-reply"),
        boundary("late", "r", timer("PT1H")),
        end(),
        end("expired"),
        flows("start r end", "late expired"),
        names="reply",
    )
    run = begin(of)
    assert run.message("reply", now=T0)
    assert run.effects[-1] == effects.Finished("end")
    expired = begin(of)
    expired.tick(hours(1))
    assert expired.effects[-1] == effects.Finished("expired")


# Event sub-processes


def test_an_event_sub_process_beside_the_work() -> None:
    of = spec(
        start(),
        task("a"),
        end(),
        flows("start a end"),
        handler(
            "h",
            message("complaint"),
            task("answer"),
            end("e"),
            flows("s-h answer e"),
            interrupting=False,
        ),
        names="complaint",
    )
    run = begin(of)
    run.message("complaint", now=T0)
    run.message("complaint", now=T0)
    assert open_tasks(run) == ["a", "answer", "answer"]
    run = reloaded(run, of)
    complete(run, "a")
    assert not run.finished
    for found in run.tasks:
        run.complete(found.token, now=T0)
    assert run.finished


def test_an_interrupting_event_sub_process_takes_the_work_away() -> None:
    of = spec(
        start(),
        sub(
            "p",
            start("s"),
            task("a"),
            end("e"),
            flows("s a e"),
            handler(
                "h",
                timer("PT2H"),
                task("close"),
                end("e2"),
                flows("s-h close e2"),
                interrupting=True,
            ),
        ),
        task("after"),
        end(),
        flows("start p after end"),
    )
    run = begin(of)
    run.tick(hours(2))
    assert open_tasks(run) == ["close"]
    complete(run, "close")
    assert open_tasks(run) == ["after"]


def test_an_event_sub_process_that_did_not_happen_holds_nothing_up() -> None:
    of = spec(
        start(),
        task("a"),
        end(),
        flows("start a end"),
        handler("h", timer("PT2H"), end("e"), flows("s-h e"), interrupting=True),
    )
    run = begin(of)
    complete(run, "a")
    assert run.finished
    assert run.timers == []


def test_an_event_sub_process_catches_an_error_of_its_scope() -> None:
    of = spec(
        start(),
        end("fail", error("broken")),
        flows("start fail"),
        handler(
            "h", error("broken"), task("repair"), end("e"), flows("s-h repair e"), interrupting=True
        ),
        names="broken",
    )
    run = begin(of)
    assert open_tasks(run) == ["repair"]
    complete(run, "repair")
    assert run.finished
